package export

import (
	"io"
	"iter"

	"github.com/plumbline-ci/plumbline/collect"
)

// Format is one form of export.
type Format struct {
	// Name is what users type: export --format NAME.
	Name string
	// Write writes runs in the order in which they come. It ends at the first
	// error of the sequence or of the writer and returns it; what was written
	// until then is whole runs, and in JSON an array that is not closed.
	Write func(w io.Writer, runs iter.Seq2[collect.Run, error]) error
}

// Formats lists the formats, those that people ask for first.
func Formats() []Format {
	return []Format{
		{Name: "json", Write: JSON},
		{Name: "jsonl", Write: JSONL},
		{Name: "csv", Write: CSV},
		{Name: "prometheus", Write: Prometheus},
		{Name: "openmetrics", Write: OpenMetrics},
	}
}
