// Package otlp sends what a recorder holds, or a stored run, to OpenTelemetry: as
// OTLP over HTTP in protobuf, compressed, with the official types. It imports
// collect and collect/export.
//
//	to, err := otlp.New(otlp.Options{URL: "http://localhost:4318"})
//
// Names, tags and values stay as they are, units are in UCUM, and where a run is
// from are attributes of its resource, by OpenTelemetry's semantic conventions.
// Counters and histograms of a recorder are cumulative since it was made. What a
// server cannot take at the time is sent again, as late as it asks for.
package otlp
