package main

import (
	"slices"
	"testing"

	"github.com/plumbline-ci/plumbline/collect"
	"github.com/plumbline-ci/plumbline/internal/method/tools"
)

// stepUp are 60 runs of a metric that gets worse for good at run 50.
func stepUp() history {
	h := numbered(60)
	h.metrics, h.columns = h.metrics[:1], h.columns[:1]
	for i := range h.runs {
		h.columns[0][i] = 100 + float64(i%5)
		if i >= 50 {
			h.columns[0][i] *= 1.5
		}
	}
	return h
}

func TestOtavaReportsAChangeOnce(t *testing.T) {
	t.Parallel()
	h := stepUp()
	d := otava("otava", 0.001, 0)
	judge := d.successive()
	var alerted []int
	for head := 45; head < 58; head++ {
		if tr, ok := at(&h, head); ok && len(judge(tr).alerts) > 0 {
			alerted = append(alerted, head)
		}
	}
	if !slices.Equal(alerted, []int{50}) {
		t.Errorf("successive runs alert at %v, want at 50 alone", alerted)
	}
	late, _ := at(&h, 51)
	if d.judge(late).alerts != nil {
		t.Error("a run alone alerts on a change before it")
	}
	late.newest = 2
	if d.judge(late).alerts == nil {
		t.Error("two runs do not alert on a change at the first of them")
	}
}

func TestTwice(t *testing.T) {
	t.Parallel()
	d := twice("ratio twice", tools.Ratio(1.2))
	for _, row := range []struct {
		name        string
		looks       [2]float64
		rerun, want bool
	}{
		{"neither look", [2]float64{110, 200}, false, false},
		{"the first alone", [2]float64{130, 110}, true, false},
		{"both", [2]float64{130, 140}, true, true},
	} {
		tr := trial{
			metrics: []collect.Metric{{Name: "a", Better: collect.Lower}}, past: [][]float64{{100, 100}},
			looks: [][]float64{row.looks[:1], row.looks[1:]},
		}
		if o := d.judge(tr); o.rerun != row.rerun || o.has("a") != row.want {
			t.Errorf("%s: %+v, want a re-run: %v and an alert: %v", row.name, o, row.rerun, row.want)
		}
	}
}

func TestDetectorsHaveNames(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, d := range detectors() {
		if seen[d.name] {
			t.Errorf("two detectors are called %q", d.name)
		}
		seen[d.name] = true
	}
	if len(selected(detectors(), "otava|re-run")) < 5 || len(selected(detectors(), "")) != len(seen) {
		t.Errorf("parts of names select %q", names(selected(detectors(), "otava|re-run")))
	}
}
