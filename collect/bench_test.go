package collect

import (
	"encoding/json"
	"testing"
)

// The benchmarks read and write one run of 10,000 metrics, some 1.1 MB. Compare
// BenchmarkRow and BenchmarkDecode with BenchmarkEncodingJSON.

func benchLines(b *testing.B) [][]byte {
	b.Helper()
	var lines [][]byte
	for run := range 8 {
		lines = append(lines, []byte(encode(b, manyMetrics(10_000, run))))
	}
	b.SetBytes(int64(len(lines[0])))
	b.ReportAllocs()
	b.ResetTimer()
	return lines
}

func BenchmarkRow(b *testing.B) {
	lines := benchLines(b)
	var d Decoder
	for i := range b.N {
		if _, _, err := d.Row(lines[i%len(lines)]); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecodeOrigin(b *testing.B) {
	lines := benchLines(b)
	for i := range b.N {
		if _, err := DecodeOrigin(lines[i%len(lines)]); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOriginDecoder(b *testing.B) {
	lines := benchLines(b)
	var d OriginDecoder
	for i := range b.N {
		if _, err := d.Decode(lines[i%len(lines)]); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	lines := benchLines(b)
	for i := range b.N {
		if _, err := Decode(lines[i%len(lines)]); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEncodingJSON(b *testing.B) {
	lines := benchLines(b)
	for i := range b.N {
		var r struct {
			ID      string             `json:"run_id"`
			Metrics map[string]float64 `json:"metrics"`
		}
		if err := json.Unmarshal(lines[i%len(lines)], &r); err != nil || len(r.Metrics) != 10_000 {
			b.Fatal(err)
		}
	}
}

func BenchmarkEncode(b *testing.B) {
	lines := benchLines(b)
	r, err := Decode(lines[0])
	if err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	var buf []byte
	for range b.N {
		if buf, err = AppendRecord(buf[:0], r); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAppend(b *testing.B) {
	dir := b.TempDir()
	r := manyMetrics(10, 0)
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		if err := Append(b.Context(), dir, r); err != nil {
			b.Fatal(err)
		}
	}
}
