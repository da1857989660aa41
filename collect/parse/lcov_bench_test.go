package parse

import (
	"bytes"
	"fmt"
	"testing"
)

// manyRecords is a tracefile of source files with 500 lines each.
func manyRecords(files int) *written {
	return &written{pieces: files, piece: func(w *bytes.Buffer, n int) {
		fmt.Fprintf(w, "TN:\nSF:src/mod%03d/file%d.c\n", n/20, n%20)
		for i := range 500 {
			fmt.Fprintf(w, "DA:%d,%d\n", 10+2*i, i%3*1000)
		}
		w.WriteString("LF:500\nLH:333\nend_of_record\n")
	}}
}

// BenchmarkLcov reads a tracefile of 1,000,000 lines.
func BenchmarkLcov(b *testing.B) {
	data := wholeFile(b, manyRecords(2000))
	b.Run("scan", func(b *testing.B) {
		b.SetBytes(int64(len(data)))
		for b.Loop() {
			scanLines(b, data)
		}
	})
	b.Run("parse", func(b *testing.B) {
		b.SetBytes(int64(len(data)))
		b.ReportAllocs()
		for b.Loop() {
			var s Sheet
			if err := parseLcov(bytes.NewReader(data), &s); err != nil {
				b.Fatal(err)
			}
			if m := s.Metrics(); len(m) != 3 {
				b.Fatal(m)
			}
		}
	})
}
