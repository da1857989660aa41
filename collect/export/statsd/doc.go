// Package statsd sends what a recorder holds, or a stored run, to StatsD or
// DogStatsD, over UDP or a unix socket of datagrams. It imports collect and
// collect/export.
//
//	to, err := statsd.New(statsd.Options{URL: "dogstatsd://localhost:8125"})
//
// Counters are sent as what they grew by since the sender sent last, all else as
// gauges; of a distribution those are its mean, quantiles and largest value, by
// the names that they have in a run. DogStatsD gets tags, and where a run is from
// is among them. StatsD knows no tags: they become a part of the name, as in
// http.requests.code.200, and a prefix tells places apart.
//
// Datagrams may get lost on the way, and nobody is told of it.
package statsd
