// Package export writes runs, and what a recorder holds, in the forms that other
// programs read. One file is one format. It imports collect and Prometheus'
// libraries for its formats; what sends to another system is in the packages
// below, one each, so that a program links only what it uses:
//
//	pushgateway  Prometheus Pushgateway
//	otlp         OpenTelemetry, over HTTP
//	statsd       StatsD and DogStatsD, over UDP and unix sockets
//	amqp         RabbitMQ and other AMQP 0-9-1 brokers
//
// A program that is scraped serves Handler. One that sends calls Every with one of
// those senders, or Send with a Set.
//
// A format reads its runs as a sequence and, but for OpenMetrics, keeps no more
// than it writes of one place in memory. To add one, write a file with its
// function, list it in Formats, and make its golden from the runs that all
// formats are tested with:
//
//	go test ./collect/export -update
//
// # Names and units in Prometheus
//
// Names are in letters, digits and underscores; what is told apart by other
// characters alone keeps them in Prometheus' own escaping, U__. Times are in
// seconds, sizes in bytes and percentages are ratios, as the end of the name says;
// counters end in _total. Prometheus wants few buckets and always the same: those
// of a histogram are the powers of two between its smallest and largest value,
// and exact.
//
// They are no native histograms, not even where a scraper asks for protobuf, the
// only form that has these. A collect.Histogram divides a power of two evenly, a
// native one by a ratio, so that but for whole powers of two the buckets of the
// one lie across those of the other, and counts would be made up. With a bucket
// for each power of two a native histogram would be exact, and tell nothing that
// the classic one does not; and what is zero or less has no place in it, since it
// is counted together with what is next to nothing.
package export
