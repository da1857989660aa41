package otlp

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"iter"

	"google.golang.org/protobuf/encoding/protojson"

	"github.com/plumbline-ci/plumbline/collect"
	"github.com/plumbline-ci/plumbline/collect/export"
)

// JSON writes each run as one line of OTLP's JSON form, as the file exporter of
// the OpenTelemetry collector writes it and its receiver reads it.
func JSON(w io.Writer, runs iter.Seq2[collect.Run, error]) error {
	b := bufio.NewWriterSize(w, 64<<10)
	var line bytes.Buffer
	for r, err := range runs {
		if err != nil {
			b.Flush() // the runs so far; its own error would say less
			return err
		}
		m, _ := Request(export.OfRun(r))
		text, err := protojson.MarshalOptions{UseEnumNumbers: true}.Marshal(m)
		if err != nil {
			return err
		}
		line.Reset()
		if err := json.Compact(&line, text); err != nil { // the library puts spaces where it likes
			return err
		}
		line.WriteByte('\n')
		if _, err := b.Write(line.Bytes()); err != nil {
			return err
		}
	}
	return b.Flush()
}
