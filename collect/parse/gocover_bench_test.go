package parse

import (
	"bytes"
	"fmt"
	"testing"
)

// manyBlocks is a profile of files with 500 blocks each.
func manyBlocks(files int) *written {
	return &written{pieces: files, piece: func(w *bytes.Buffer, n int) {
		if n == 0 {
			w.WriteString("mode: atomic\n")
		}
		for i := range 500 {
			fmt.Fprintf(w, "github.com/acme/service/internal/mod%03d/file%d.go:%d.%d,%d.%d %d %d\n", n/20, n%20, 10+7*i, 2+i%40, 12+7*i, 3+i%9, 1+i%4, i%3*1000)
		}
	}}
}

// BenchmarkGocover reads a profile of 1,000,000 blocks, once and merged with
// itself.
func BenchmarkGocover(b *testing.B) {
	data := wholeFile(b, manyBlocks(2000))
	for _, tt := range []struct {
		name string
		data []byte
	}{{"once", data}, {"merged", bytes.Repeat(data, 2)}} {
		b.Run(tt.name+"/scan", func(b *testing.B) {
			b.SetBytes(int64(len(tt.data)))
			for b.Loop() {
				scanLines(b, tt.data)
			}
		})
		b.Run(tt.name+"/parse", func(b *testing.B) {
			b.SetBytes(int64(len(tt.data)))
			b.ReportAllocs()
			for b.Loop() {
				var s Sheet
				if err := parseGocover(bytes.NewReader(tt.data), &s); err != nil {
					b.Fatal(err)
				}
				if m := s.Metrics(); len(m) != 6 {
					b.Fatal(m)
				}
			}
		})
	}
}
