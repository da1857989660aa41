package check_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/collect"
)

// timings are a baseline of n timings at 10 s, and a run of which the first is
// slow.
func timings(n int, slow float64) (baseline.Baseline, collect.Run) {
	past := make(map[string][]float64)
	var ms []collect.Metric
	for i := range n {
		name := fmt.Sprintf("t%02d.seconds", i)
		rng := rand.New(rand.NewPCG(uint64(i), 6))
		for range 30 {
			past[name] = append(past[name], 10+0.1*float64(rng.IntN(11)-5))
		}
		ms = append(ms, metric(name, 10))
	}
	ms[0].Value = slow
	return history(past), run(ms...)
}

func each(string) bool { return true }

// TestWanted asks that a re-run of a part can be judged: what the machine did to
// it must show in timings that were not suspect.
func TestWanted(t *testing.T) {
	t.Parallel()
	again := check.Thresholds{Confirm: 1}
	for _, tt := range []struct {
		name    string
		timings int
		t       check.Thresholds
		can     func(string) bool
		want    int // names; 0: all must run again
	}{
		{"many timings", 20, again, each, 9},
		{"too few to tell of the machine", 8, again, each, 0},
		{"one, and no run effect", 1, again, each, 1},
		{"the suspect cannot be chosen", 20, again, func(s string) bool { return s != "t00.seconds" }, 0},
		{"the others cannot be chosen", 20, again, func(s string) bool { return s == "t00.seconds" }, 0},
	} {
		b, head := timings(tt.timings, 14)
		r := check.Compare([]collect.Run{head}, b, tt.t)
		if got := r.Suspects(); !slices.Equal(got, []string{"t00.seconds"}) {
			t.Fatalf("%s: suspects are %q, want t00.seconds", tt.name, got)
		}
		got, part := r.Wanted(tt.can)
		if len(got) != tt.want || part != (tt.want > 0) || part && got[0] != "t00.seconds" {
			t.Errorf("%s: wanted are %q, a part %v; want %d names", tt.name, got, part, tt.want)
		}
	}
	warn := check.Thresholds{Confirm: 1, Rules: []check.Rule{{Match: "t00.*", Level: check.Warn}}}
	b, head := timings(20, 14)
	r := check.Compare([]collect.Run{head}, b, warn)
	if got := r.Suspects(); got != nil || find(t, r, "t00.seconds").Status != check.Suspect {
		t.Errorf("what only warns runs again: %q", got)
	}
}

// TestPart re-runs the suspect and its controls, on a machine that is slower than
// before, and judges what comes out again and again.
func TestPart(t *testing.T) {
	t.Parallel()
	b, head := timings(20, 14)
	head.ID = "head"
	once := check.Thresholds{Confirm: 1}
	first := check.Compare([]collect.Run{head}, b, once)
	wanted, _ := first.Wanted(each)
	rerun := func(slow, machine float64) collect.Run {
		r := collect.Run{Origin: collect.Origin{RerunOf: "head"}}
		for _, name := range wanted {
			r.Metrics = append(r.Metrics, metric(name, 10*machine))
		}
		r.Metrics[0].Value = slow * machine
		return r
	}
	failed := rerun(14, 1)
	failed.Success = collect.Failed
	lacking := collect.Run{Origin: collect.Origin{RerunOf: "head"}, Metrics: rerun(10, 1).Metrics[1:]}
	for _, tt := range []struct {
		name   string
		reruns []collect.Run
		t      check.Thresholds
		want   check.Status
		told   check.Confirmation
		note   string
	}{
		{"slow again", []collect.Run{rerun(14, 1)}, once, check.Regressed, check.Confirmed, "t00.seconds is confirmed by 1 re-run"},
		{"not slow again", []collect.Run{rerun(10, 1)}, once, check.Unchanged, check.Cleared, "t00.seconds is cleared by 1 re-run, which did not agree"},
		{"slow as the machine is", []collect.Run{rerun(10, 1.3)}, once, check.Unchanged, check.Cleared, "t00.seconds is cleared by 1 re-run"},
		{"slow on a fast machine", []collect.Run{rerun(14, 0.8)}, once, check.Regressed, check.Confirmed, ""},
		{"a filter that missed it", []collect.Run{lacking, rerun(14, 1)}, once, check.Regressed, check.Confirmed, "by 1 re-run"},
		{"only a filter that missed it", []collect.Run{lacking}, once, check.Suspect, "", ""},
		{"the re-run failed", []collect.Run{failed}, check.Thresholds{}, check.Suspect, "", ""},
		{"judged later without asking", []collect.Run{rerun(14, 1)}, check.Thresholds{}, check.Regressed, check.Confirmed, "confirmed by 1 re-run"},
		{"two agree", []collect.Run{rerun(14, 1), rerun(13, 1)}, check.Thresholds{Confirm: 2}, check.Regressed, check.Confirmed, "by 2 re-runs"},
		{"one of two", []collect.Run{rerun(14, 1), failed}, check.Thresholds{Confirm: 2}, check.Suspect, check.Unconfirmed, "t00.seconds is not confirmed: the re-runs could not decide"},
	} {
		looks, gate := check.Looks(head, tt.reruns, b, tt.t)
		r := check.Compare(looks, b, gate)
		got := find(t, r, "t00.seconds")
		if got.Status != tt.want || got.Confirmation != tt.told {
			t.Errorf("%s: %s, %q (%s), want %s, %q", tt.name, got.Status, got.Confirmation, got.Reason, tt.want, tt.told)
		}
		if notes := strings.Join(r.Notes, "; "); !strings.Contains(notes, tt.note) || tt.note == "" && tt.told == "" && strings.Contains(notes, "re-run") {
			t.Errorf("%s: told as %q, want %q", tt.name, notes, tt.note)
		}
	}
}
