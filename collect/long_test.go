package collect

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// long is a line between others, to be read in pieces of some bytes.
func long(line string, piece int) LongLine {
	const before = "what stands before\n"
	return LongLine{In: strings.NewReader(before + line + "\nand behind"), At: int64(len(before)), Size: len(line), piece: piece}
}

// wide is a run with many metrics that have all that a metric may have.
func wide(metrics int) Run {
	r := fullRun()
	r.Metrics = nil
	for i := range metrics {
		m := Metric{Name: fmt.Sprintf("bench/package.Name%05d.ns_per_op", i), Unit: "ns/op", Better: Lower, Tags: Tags{"cpus": "8"}}
		m.Samples = []float64{float64(i), float64(i) + 1.25, float64(i) + 2.5}
		m.Value = float64(i) + 1.25
		r.Metrics = append(r.Metrics, m)
	}
	return r
}

// TestLongLineIsReadInPieces also holds that it is, and what it takes: pieces that
// have room for four members each.
func TestLongLineIsReadInPieces(t *testing.T) {
	t.Parallel()
	want := wide(3000)
	line := strings.TrimSuffix(encode(t, want), "\n")
	for _, piece := range []int{2048, 4096, len(line), 0} {
		l := long(line, piece)
		got, ok := l.decode()
		if diff := cmp.Diff(want, got); !ok || diff != "" {
			t.Fatalf("in pieces of %d: %v and differs (-want +got):\n%s", piece, ok, diff)
		}
		l.In = &once{ReaderAt: l.In, end: l.At}
		if o, err := new(OriginDecoder).DecodeLong(l); err != nil || o != want.Origin {
			t.Errorf("DecodeLong in pieces of %d = %+v, %v, want %+v", piece, o, err, want.Origin)
		}
	}
}

// once is a text that is read forward and never twice.
type once struct {
	io.ReaderAt
	end int64
}

func (o *once) ReadAt(p []byte, at int64) (int, error) {
	if at != o.end {
		return 0, errors.New("read twice")
	}
	n, err := o.ReaderAt.ReadAt(p, at)
	o.end += int64(n)
	return n, err
}

func TestLongLineWithMoreBehindIt(t *testing.T) {
	t.Parallel()
	for _, line := range []string{
		withMetrics(`{"m":1}`, ``) + strings.Repeat(" ", 5000) + "x",
		withMetrics(`{"m":1}`, ``) + strings.Repeat(" ", 5000),
		withMetrics(`{"m":1}`, `,"units":{"m":"`+strings.Repeat("long", 1000)+`"}`),
		withMetrics(`{"m":1,"m":2}`, ``),
		strings.Repeat(" ", 5000),
		"",
	} {
		likeWhole(t, []byte(line), 128)
	}
}

func TestLongLineThatCannotBeRead(t *testing.T) {
	t.Parallel()
	l := long(encode(t, wide(10)), 0)
	l.Size += 1 << 20
	if _, err := l.Decode(); !errors.Is(err, io.EOF) {
		t.Errorf("Decode of a line that is cut off: %v, want %v", err, io.EOF)
	}
	if _, err := new(OriginDecoder).DecodeLong(l); !errors.Is(err, io.EOF) {
		t.Errorf("DecodeLong of a line that is cut off: %v, want %v", err, io.EOF)
	}
	if _, _, _, err := new(Decoder).RowLong(l, func(int) *Metric { return nil }); !errors.Is(err, io.EOF) {
		t.Errorf("RowLong of a line that is cut off: %v, want %v", err, io.EOF)
	}
}

// likeWhole compares what is read of a line in pieces with what is read of it whole.
func likeWhole(t *testing.T, line []byte, piece int) {
	t.Helper()
	want, wantErr := Decode(line)
	got, err := long(string(line), piece).Decode()
	if diff := cmp.Diff(want, got); fmt.Sprint(err) != fmt.Sprint(wantErr) || diff != "" {
		t.Fatalf("Decode of %q = %v, want %v (-want +got):\n%s", line, err, wantErr, diff)
	}
	wantOrigin, wantErr := DecodeOrigin(line)
	origin, err := new(OriginDecoder).DecodeLong(long(string(line), piece))
	if fmt.Sprint(err) != fmt.Sprint(wantErr) || origin != wantOrigin {
		t.Fatalf("DecodeLong of %q = %+v, %v, want %+v, %v", line, origin, err, wantOrigin, wantErr)
	}
	for _, names := range [][]string{nil, {"n", "m"}} {
		sameRow(t, line, piece, names)
	}
}

// sameRow compares rows, with what describes their metrics, of decoders that know
// some names.
func sameRow(t *testing.T, line []byte, piece int, names []string) {
	t.Helper()
	var a, b Decoder
	a.Begin(names)
	b.Begin(names)
	row, o, err := a.Row(line)
	var said []Metric
	got, gotO, described, gotErr := b.RowLong(long(string(line), piece), func(i int) *Metric {
		said = append(said, make([]Metric, max(0, i+1-len(said)))...)
		return &said[i]
	})
	if fmt.Sprint(err) != fmt.Sprint(gotErr) || !cmp.Equal(row, got, cmpopts.EquateNaNs()) || o != gotO {
		t.Fatalf("RowLong of %q = %v, %v, want %v, %v", line, got, gotErr, row, err)
	}
	if err != nil {
		return
	}
	if !cmp.Equal(a.Scatter(), b.Scatter(), cmpopts.EquateEmpty(), cmpopts.EquateNaNs()) || !cmp.Equal(a.Names(), b.Names()) {
		t.Fatalf("RowLong of %q: scatter %v of %q, want %v of %q", line, b.Scatter(), b.Names(), a.Scatter(), a.Names())
	}
	if !described {
		return
	}
	there := func(i int) bool { return !math.IsNaN(row[i]) }
	want, have := make([]Metric, len(row)), make([]Metric, len(row))
	if err := a.Describe(want, there); err != nil {
		t.Fatalf("Describe of %q: %v, and RowLong took it", line, err)
	}
	for i := range said {
		if there(i) {
			have[i] = said[i]
		}
	}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Fatalf("what RowLong says of the metrics of %q (-want +got):\n%s", line, diff)
	}
}

// FuzzLongLine holds what is read in pieces, however small, against what is read of
// the whole line, errors included.
func FuzzLongLine(f *testing.F) {
	f.Add([]byte(encode(f, fullRun())), uint8(255))
	f.Add([]byte(encode(f, wide(20))), uint8(60))
	for _, more := range []string{
		``, `,"x":[1,{"y":null}]`, `,"samples":{"m":[1,2],"k":[3]}`, `,"samples":{"":[1],"":[]}`, `,"tags":{"m":{"better":"larger","n":1}}`, `,"runner":{"gpu":1}`,
		`,"units":{"k":"s"},"samples":{"k":[3,4]}`, `,"better":{"m":"none"},"better":{}`, `,"success":false,"attempt":3`, `,"units":null,"tags":null`,
	} {
		f.Add([]byte(withMetrics(`{"m":1.5e3,"\u006d\"":-0.25,"é":12345678901234567890}`, more)), uint8(40))
	}
	f.Add([]byte(`{"units":{"m":"s"},"run_id":"a","timestamp":"2025-05-30T14:30:45Z","metrics":{"m":1}}`), uint8(100))
	f.Fuzz(func(t *testing.T, line []byte, piece uint8) {
		likeWhole(t, bytes.ReplaceAll(line, []byte("\n"), nil), 1+int(piece)*4)
	})
}
