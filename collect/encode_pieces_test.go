package collect_test

import (
	"bytes"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/plumbline-ci/plumbline/collect"
)

// pieces keeps what each call of Write gave, and fails after some.
type pieces struct {
	all  [][]byte
	left int
}

var errFull = errors.New("full")

func (p *pieces) Write(b []byte) (int, error) {
	if p.left == 0 {
		return 0, errFull
	}
	p.left--
	p.all = append(p.all, bytes.Clone(b))
	return len(b), nil
}

// TestEncodeInPieces writes a record that is longer than a piece and one that is
// not, with a name that must be escaped and without.
func TestEncodeInPieces(t *testing.T) {
	for _, odd := range []string{"", "\"\n\xff"} {
		r := collect.Run{Origin: collect.Origin{ID: "r", Time: time.Unix(1, 0)}}
		for i := range 40_000 {
			r.Metrics = append(r.Metrics, collect.Metric{
				Name: fmt.Sprintf("test.case_seconds[case=%d%s]", i, odd), Unit: "s", Better: collect.Lower, Value: float64(i) / 8,
				Samples: []float64{1, float64(i)}, Tags: collect.Tags{"procs": "2"},
			})
		}
		want, err := collect.AppendRecord(nil, r)
		if err != nil {
			t.Fatal(err)
		}
		got := pieces{left: 1000}
		if err := collect.Encode(&got, r); err != nil || !bytes.Equal(bytes.Join(got.all, nil), want) {
			t.Errorf("Encode with names like %q writes something else than AppendRecord (%v)", r.Metrics[0].Name, err)
		}
		if n, size := len(got.all), len(want)>>20; n < 2 || n > size+1 {
			t.Errorf("%d pieces of %d MiB", n, size)
		}
		if err := collect.Encode(&pieces{left: 2}, r); !errors.Is(err, errFull) {
			t.Errorf("Encode to a file that is full: %v", err)
		}
		r.Metrics = r.Metrics[:1000]
		got = pieces{left: 1}
		if err := collect.Encode(&got, r); err != nil {
			t.Errorf("Encode of a short record in one call of Write: %v", err)
		}
	}
}
