package collect

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

// outlined are records that have much in common, and lines that have it with a
// record and are none.
func outlined(t testing.TB) []string {
	t.Helper()
	whole := encode(t, manyMetrics(4, 0))
	const parts = `,"units":{"m":"s","n":"B"},"better":{"m":"lower"},"tags":{"m":{"os":"linux"}}`
	lines := []string{whole, encode(t, manyMetrics(3, 1)), encode(t, manyMetrics(40, 2))}
	for _, metrics := range []string{
		`{"m":1,"n":2}`, `{"m":1.5,"n":-2e3}`, `{ "m" : 1 , "n": 2}`, `{"n":2,"m":1}`, `{"m":1,"x":0,"n":2}`, `{"n":2}`, `{}`, `{"\u006d":1,"n":2}`,
		`{"m":1,"n":2,"o":3,"p":4}`, `{"m":1,"o":3,"p":4}`, `{"p":4}`, `{"q":1,"r":2,"s":3}`,
		`{"m":1,"n":1e999}`, `{"m":1,"n":"2"}`, `{"m":1,"n":}`, `{"m":1,"n"`, `{"m":1,"m":2}`, `{"m":1 "n":2}`, `{"m":1,"n":2,}`, "{\"m\":1,\"n\xff\":2}",
	} {
		for _, more := range []string{
			``, parts, strings.Replace(parts, `"B"`, `"MB"`, 1), strings.Replace(parts, `"B"}`, `"B"} `, 1), parts[:len(parts)-1], parts + `,"units":{}`,
			`,"units":{"m":"s","n":"B"}}`, `,"units":{"m":"s","n":"B"`, `,"units":{"m":"s","n":"B","o":1}`, `,"units":{"m":"s"}`, `,"units":null`, `,"units":[]`,
			`,"samples":{"m":[1,2]}`, `,"samples":{"m":[1,2],"m":[3]}`, `,"runner":{"os":"linux","gpu":1}`,
		} {
			lines = append(lines, withMetrics(metrics, more))
		}
	}
	return lines
}

// sameAsAlone compares what is made of a line with what is made of it by decoders
// that have seen no other.
func sameAsAlone(t *testing.T, origins *OriginDecoder, rows *Decoder, line []byte) {
	t.Helper()
	want, wantErr := DecodeOrigin(line)
	got, err := origins.Decode(line)
	if got != want || fmt.Sprint(err) != fmt.Sprint(wantErr) {
		t.Errorf("behind other records %s has the origin %+v, %v, want %+v, %v", line, got, err, want, wantErr)
	}
	alone, wantErr := Decode(line)
	row, got, err := rows.Row(line)
	if err == nil && wantErr != nil && strings.Contains(wantErr.Error(), "of metric ") {
		return // Decode reads units and tags as well, of which Row checks the grammar
	}
	if got != alone.Origin || fmt.Sprint(err) != fmt.Sprint(wantErr) {
		t.Fatalf("behind other records %s has a row with %+v, %v, want %+v, %v", line, got, err, alone.Origin, wantErr)
	}
	for i, x := range row {
		m, ok := alone.Metric(rows.Names()[i])
		if ok != (x == x) || ok && math.Float64bits(m.Value) != math.Float64bits(x) {
			t.Errorf("behind other records %s has %v for %q, want %v", line, x, rows.Names()[i], m.Value)
		}
	}
}

func TestWhatWasRememberedOfOtherRecordsDoesNotShow(t *testing.T) {
	lines := outlined(t)
	var origins OriginDecoder
	var rows Decoder
	// Each record behind its neighbours and, of the short ones, itself.
	for i := range 3 * len(lines) {
		for range 1 + i%3 {
			sameAsAlone(t, &origins, &rows, []byte(lines[i*7%len(lines)]))
		}
	}
}

func TestOriginDecoderDoesNotAllocateForKnownMetrics(t *testing.T) {
	var d OriginDecoder
	line := []byte(encode(t, manyMetrics(10_000, 0)))
	for range 3 {
		if _, err := d.Decode(line); err != nil {
			t.Fatal(err)
		}
	}
	allocations := testing.AllocsPerRun(10, func() {
		if _, err := d.Decode(line); err != nil {
			t.Fatal(err)
		}
	})
	if allocations > 20 {
		t.Errorf("Decode allocates %v times for one more run of the same metrics, want no more than its origin needs", allocations)
	}
}
