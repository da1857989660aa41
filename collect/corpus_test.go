package collect

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// TestRealHistories reads histories that projects published: what encoding/json
// reads of them is what Decode reads, and where a metric says which way it gets
// better, its unit and name never tell the opposite.
func TestRealHistories(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("../../shared/corpus/*.jsonl.gz")
	if err != nil {
		t.Fatal(err)
	}
	if len(paths) == 0 {
		t.Skip("the histories beside the fixtures are not there")
	}
	inferred, told := 0, 0
	for _, path := range paths {
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		runs := 0
		for line, err := range NewReader(f, path).Lines() {
			if err != nil {
				t.Fatal(err)
			}
			runs++
			r, err := Decode(line.Text)
			if err != nil {
				t.Fatal(line.Fault(path, err))
			}
			if runs%50 == 1 {
				sameAsEncodingJSON(t, line.Text, r)
			}
			for _, m := range r.Metrics {
				want := m.Direction()
				m.Tags = nil
				if got := m.Direction(); got != None {
					inferred++
					if got != want {
						t.Errorf("%s: %q in %q gets better %v, the name tells %v", filepath.Base(path), m.Name, m.Unit, want, got)
					}
				}
				told++
			}
		}
		f.Close()
		if runs == 0 {
			t.Errorf("%s has no runs", path)
		}
	}
	t.Logf("%d of %d directions are told by unit and name", inferred, told)
	if inferred < told*9/10 {
		t.Errorf("only %d of %d directions are told by unit and name", inferred, told)
	}
}

func sameAsEncodingJSON(t *testing.T, line []byte, r Run) {
	t.Helper()
	var want struct {
		ID      string             `json:"run_id"`
		Metrics map[string]float64 `json:"metrics"`
	}
	if err := json.Unmarshal(line, &want); err != nil {
		t.Fatal(err)
	}
	if r.ID != want.ID || len(r.Metrics) != len(want.Metrics) {
		t.Errorf("run %q has %d metrics, want %q with %d", r.ID, len(r.Metrics), want.ID, len(want.Metrics))
	}
	for _, m := range r.Metrics {
		if x, ok := want.Metrics[m.Name]; !ok || x != m.Value {
			t.Errorf("run %q: %q = %v, want %v", r.ID, m.Name, m.Value, x)
		}
	}
}
