package baseline

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/plumbline-ci/plumbline/collect"
)

func TestFits(t *testing.T) {
	t.Parallel()
	run := collect.Origin{ID: "abc", Time: noon, Repository: "o/r", Branch: "main", Name: "", Job: "unit", Type: "test"}
	silent := collect.Origin{ID: "abc", Time: noon}
	for _, tt := range []struct {
		name   string
		f      Filter
		run    collect.Origin
		fits   bool
		silent bool // a run that says nothing of itself fits
	}{
		{"all", Filter{}, run, true, true},
		{"repository", Filter{Repositories: []string{"o/r"}}, run, true, false},
		{"owner", Filter{Repositories: []string{"x/y", "o/*"}}, run, true, false},
		{"other owner", Filter{Repositories: []string{"p/*"}}, run, false, false},
		{"star is no slash", Filter{Repositories: []string{"*"}}, run, false, false},
		{"a star for each part", Filter{Repositories: []string{"*/*/*"}}, run, false, false},
		{"class", Filter{Repositories: []string{"o/[q-s]"}}, run, true, false},
		{"broken pattern", Filter{Repositories: []string{"o/["}}, run, false, false},
		{"suite", Filter{Suite: &Suite{Repository: "o/r", Job: "unit", Type: "test"}}, run, true, true},
		{"suite of another repository", Filter{Suite: &Suite{Repository: "o/s", Job: "unit"}}, run, false, true},
		{"suite of another job", Filter{Suite: &Suite{Job: "lint"}}, run, false, true},
		{"suite of another type", Filter{Suite: &Suite{Type: "build"}}, run, false, true},
		{"suite with a name", Filter{Suite: &Suite{Name: "perf"}}, run, false, false},
		{"suite that says nothing", Filter{Suite: &Suite{}}, run, true, true},
		{"branch", Filter{Branch: "main"}, run, true, true},
		{"other branch", Filter{Branch: "dev"}, run, false, true},
		{"id", Filter{ID: "ab"}, run, true, true},
		{"whole id", Filter{ID: "abc"}, run, true, true},
		{"longer id", Filter{ID: "abcd"}, run, false, false},
		{"since", Filter{Since: noon}, run, true, true},
		{"until", Filter{Until: noon}, run, true, true},
		{"after", Filter{Since: noon.Add(1)}, run, false, false},
		{"before", Filter{Until: noon.Add(-1)}, run, false, false},
		{"other zone", Filter{Since: noon.In(time.FixedZone("", 7200)), Until: noon}, run, true, true},
	} {
		if got := tt.f.Fits(tt.run); got != tt.fits {
			t.Errorf("%s: Fits = %v, want %v", tt.name, got, tt.fits)
		}
		if got := tt.f.Fits(silent); got != tt.silent {
			t.Errorf("%s: Fits of a run that says nothing = %v, want %v", tt.name, got, tt.silent)
		}
	}
	named := collect.Origin{Name: "perf", Job: "unit"}
	if !(Suite{Name: "perf", Job: "lint"}).Has(named) || (Suite{Name: "perf2", Job: "unit"}).Has(named) {
		t.Error("a name does not decide alone where there is one")
	}
}

func TestFilterCheck(t *testing.T) {
	t.Parallel()
	for p, ok := range map[string]bool{
		"o/r": true, "o/*": true, "*/*": true, "r": true, "o/[a-c]": true, "group/sub/name": true, `o/\[`: true,
		"": false, "o/[": false, `o/\`: false,
	} {
		err := Filter{Repositories: []string{"o/r", p}}.Check()
		if (err == nil) != ok || err != nil && !strings.Contains(err.Error(), fmt.Sprintf("repository %q: want owner/name", p)) {
			t.Errorf("Check of %q = %v, want it accepted: %v", p, err, ok)
		}
	}
	if err := (Filter{}).Check(); err != nil {
		t.Errorf("Check of the zero Filter = %v", err)
	}
}

// drawFilter draws a filter over few names, so that it fits some runs.
func drawFilter(t *rapid.T) Filter {
	f := Filter{
		Repositories: rapid.SampledFrom([][]string{nil, nil, {"o/r"}, {"o/*"}, {"p/*", "o/s"}}).Draw(t, "repositories"),
		Branch:       rapid.SampledFrom([]string{"", "main", "dev"}).Draw(t, "branch"),
		ID:           rapid.SampledFrom([]string{"", "r0", "r1"}).Draw(t, "id"),
	}
	if rapid.Bool().Draw(t, "with suite") {
		f.Suite = &Suite{
			Repository: rapid.SampledFrom([]string{"", "o/r", "p/r"}).Draw(t, "suite's repository"),
			Name:       rapid.SampledFrom([]string{"", "", "s"}).Draw(t, "suite's name"),
		}
	}
	if rapid.Bool().Draw(t, "with time") {
		f.Since = noon.Add(time.Duration(rapid.IntRange(-5, 5).Draw(t, "since")) * time.Minute)
	}
	return f
}

// TestOnly: whatever a listing is asked for, the part of a store has what of the
// store's own listing is of its repositories, in the same order. So it is for a
// store that filters by itself, for one that does not, and one of lines.
func TestOnly(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var runs []collect.Run
		for i := range rapid.IntRange(0, 15).Draw(t, "runs") {
			runs = append(runs, aRun(fmt.Sprintf("r%02d", i), i-5, func(r *collect.Run) {
				r.Repository = rapid.SampledFrom([]string{"", "o/r", "o/s", "p/r"}).Draw(t, "repository")
				r.Branch = rapid.SampledFrom([]string{"", "main", "dev"}).Draw(t, "branch")
				r.Name = rapid.SampledFrom([]string{"", "s"}).Draw(t, "name")
			}))
		}
		bad := &collect.LineError{File: "f", Line: 1, Err: errors.New("torn")}
		all := &memory{runs: runs, errs: map[int]error{0: bad}}
		mine := rapid.SampledFrom([][]string{nil, {"o/r"}, {"o/*"}, {"p/r", "o/s"}, {"none/*"}}).Draw(t, "mine")
		f := drawFilter(t)
		var want []string
		for _, r := range runs {
			if (Filter{Repositories: mine}).Fits(r.Origin) && f.Fits(r.Origin) {
				want = append(want, r.ID)
			}
		}
		for name, s := range map[string]Store{"plain": all, "lines": lines{all}, "filtering": shelfOf(runs...)} {
			var got []string
			faults := 0
			part := Only(s, mine)
			for e, err := range part.List(t.Context(), f) {
				switch {
				case err != nil:
					faults++
				case !(Filter{Repositories: mine}).Fits(e.Origin):
					t.Fatalf("%s: %s is of %q, want one of %q", name, e.ID, e.Repository, mine)
				case f.Fits(e.Origin):
					got = append(got, e.ID)
				}
			}
			if !slices.Equal(got, want) {
				t.Fatalf("%s: Only(%q) lists %q of %+v, want %q", name, mine, got, f, want)
			}
			if name != "filtering" && len(runs) > 0 && faults != 1 {
				t.Fatalf("%s: %d unreadable lines are told, want 1", name, faults)
			}
			if _, ok := part.(LineStore); ok != (name == "lines") {
				t.Fatalf("%s: its part is a LineStore: %v", name, ok)
			}
		}
	})
}

// TestShortBaselineIsExplained: also where the store leaves out by itself what
// would have told why.
func TestShortBaselineIsExplained(t *testing.T) {
	t.Parallel()
	head := collect.Origin{ID: "head", Time: noon, Commit: "c", Branch: "topic", Job: "unit", Type: "test", Repository: "o/r"}
	runs := []collect.Run{
		aRun("mine", 1, func(r *collect.Run) { r.Repository = "o/r" }),
		aRun("unsaid", 2, nil),
		aRun("other branch", 3, func(r *collect.Run) { r.Repository, r.Branch = "o/r", "dev" }),
		aRun("other job", 4, func(r *collect.Run) { r.Repository, r.Job = "o/r", "lint" }),
		aRun("other type", 5, func(r *collect.Run) { r.Repository, r.Type = "o/r", "build" }),
		aRun("theirs", 6, func(r *collect.Run) { r.Repository = "o/s" }),
	}
	want := map[string]int{"of other branches": 1, "of another job": 1, "of another type": 1}
	for name, s := range map[string]Store{"plain": &memory{runs: runs}, "filtering": shelfOf(runs...)} {
		b, err := Fetch(t.Context(), s, Query{Head: head, Branch: "main", Runs: 10})
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]int{}
		for _, l := range b.Left {
			got[l.Reason] = l.Runs
		}
		// A store that filters never hands out what is of others.
		if theirs := got["of other repositories"]; theirs != 0 && name == "filtering" || theirs > 1 {
			t.Errorf("%s: %d runs of other repositories are told", name, theirs)
		}
		delete(got, "of other repositories")
		if len(b.Runs) != 2 || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: %d runs are the baseline, and left out are %v; want 2 and %v", name, len(b.Runs), got, want)
		}
	}
}

// TestOtherRepository: runs of another repository are no baseline, and those that
// do not say theirs may be, of either side.
func TestOtherRepository(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		head, run string
		out       bool
	}{{"o/r", "o/r", false}, {"o/r", "o/s", true}, {"o/r", "p/r", true}, {"", "o/s", false}, {"o/r", "", false}, {"", "", false}} {
		q := Query{Head: collect.Origin{ID: "head", Time: noon, Repository: tt.head}}
		run := collect.Origin{ID: "r", Time: noon.Add(-time.Minute), Repository: tt.run}
		want := ""
		if tt.out {
			want = "of other repositories"
		}
		if got := exclusion(q, run); got != want {
			t.Errorf("a run of %q for a head of %q is left out as %q, want %q", tt.run, tt.head, got, want)
		}
		if fits := q.filter().Fits(run); fits == tt.out {
			t.Errorf("a run of %q fits what is asked of a store for a head of %q: %v", tt.run, tt.head, fits)
		}
	}
}
