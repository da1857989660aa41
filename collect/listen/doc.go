// Package listen takes what a command measures of itself while it runs: StatsD
// and DogStatsD datagrams, OTLP over HTTP, lines in a file, and the pages of a
// Prometheus or OpenMetrics endpoint. All of it becomes metrics of one run.
//
//	l, err := listen.Start(listen.Options{})
//	cmd.Env = append(os.Environ(), l.Env(os.Getenv)...)
//	err = cmd.Run()
//	found := l.Close()
//
// Nothing that is sent can fail or slow the command, or fill the memory: what
// cannot be read is counted, and names and tags without end are capped. Notes
// tell of both.
//
// What comes of each kind:
//
//   - counters, and sums of OTLP: NAME, what they grew by
//   - gauges: NAME (the last), NAME.min, NAME.max, NAME.mean of all that were set
//   - timings (milliseconds): NAME.count and, in seconds, NAME.mean, .p50, .p90,
//     .p95, .p99 and .max
//   - histograms and distributions: the same, in their own unit
//   - sets: NAME, how many different values there were
//
// Tags tell series apart, as in http.requests[code=200,route=/].
//
// The protocols are those of github.com/statsd/statsd, of DogStatsD 1.3 (several
// values in a line, tags, containers and times, of which the last two are not
// used), tags as of InfluxDB and Graphite, and opentelemetry.io/docs/specs/otlp 1.9.
package listen
