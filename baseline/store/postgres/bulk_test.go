package postgres

import (
	"fmt"
	"testing"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/baseline/store/storetest"
	"github.com/plumbline-ci/plumbline/collect"
	"github.com/plumbline-ci/plumbline/internal/servicetest"
)

// Runs of several months and repositories that come together are there with all of
// their samples, each once, whatever was there before or is twice among them.
func TestPutAll(t *testing.T) {
	t.Parallel()
	p := servicetest.StartPostgres(t)
	s := open(t, p.Address("postgres", "", "postgres"))
	var runs []collect.Run
	want := map[string]int{}
	for i := range 300 {
		r := storetest.Run(fmt.Sprintf("r%03d", i), i*1000) // of seven months
		r.Repository = fmt.Sprint("o/", i%3)
		for m := range i % 5 {
			r.Metrics = append(r.Metrics, storetest.Value(fmt.Sprintf("m%d", (i+m)%7), float64(i)))
		}
		want[r.Repository] += len(r.Metrics)
		runs = append(runs, r, r)
	}
	storetest.Fill(t, s, runs[8], runs[100], runs[598])
	if err := baseline.PutAll(t.Context(), s, runs); err != nil {
		t.Fatal(err)
	}
	if err := baseline.PutAll(t.Context(), s, runs); err != nil {
		t.Errorf("the same again: %v", err)
	}
	ids, bad := storetest.Listing(t, s, baseline.Filter{})
	if len(ids) != 300 || len(bad) > 0 || ids[0] != "r299" || ids[299] != "r000" {
		t.Errorf("%d runs from %s to %s and errors %v, want 300 from r299 to r000", len(ids), ids[0], ids[len(ids)-1], bad)
	}
	for repository, n := range want {
		got := p.SQL(t, "postgres", fmt.Sprintf("SELECT count(*) || ' ' || count(DISTINCT metric) FROM plumbline_value WHERE repository = '%s' AND value = substr(run_id, 2)::int", repository))
		if got != fmt.Sprint(n, " 7") {
			t.Errorf("%s has %s samples and metrics, want %d and 7", repository, got, n)
		}
	}
	broken := storetest.Run("x\x00y", 0)
	wantError(t, baseline.PutAll(t.Context(), s, []collect.Run{storetest.Run("z", 0), broken}), "write to store", "zero byte")
}

// BenchmarkBulk stores 50 runs of 1,000 metrics, one by one and together.
func BenchmarkBulk(b *testing.B) {
	p := servicetest.StartPostgres(b)
	s := open(b, p.Address("postgres", "", "postgres"))
	added := 0
	for name, put := range map[string]func(runs []collect.Run) error{
		"together": func(runs []collect.Run) error { return baseline.PutAll(b.Context(), s, runs) },
		"single": func(runs []collect.Run) error {
			for _, r := range runs {
				if err := s.Put(b.Context(), r); err != nil {
					return err
				}
			}
			return nil
		},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				runs := make([]collect.Run, 50)
				for i := range runs {
					added++
					runs[i] = wide(fmt.Sprint("run", added), added)
				}
				if err := put(runs); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
