package baseline

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/plumbline-ci/plumbline/collect"
)

func entries(runs ...collect.Run) []Entry {
	var es []Entry
	for _, r := range runs {
		es = append(es, Entry{Origin: r.Origin})
	}
	return es
}

// kept are the ids of the runs that stay, in the order of the fates.
func kept(fates []Fate) string {
	var ids []string
	for _, f := range fates {
		if f.Kept {
			ids = append(ids, f.ID)
		}
	}
	return strings.Join(ids, " ")
}

func TestPlan(t *testing.T) {
	t.Parallel()
	branch := func(name string) func(*collect.Run) { return func(r *collect.Run) { r.Branch = name } }
	runs := entries(
		aRun("a", 0, nil), aRun("b", 60, branch("x")), aRun("c", 120, nil), aRun("d", 180, nil),
		aRun("e", 240, branch("x")), aRun("f", 300, func(r *collect.Run) { r.Name, r.Job = "s", "j1" }),
		aRun("g", 360, func(r *collect.Run) { r.Name, r.Job = "s", "j2" }),
	)
	for _, tt := range []struct {
		keep   Keep
		want   string
		reason string // of the oldest run
	}{
		{Keep{}, "a b c d e f g", "no rule says what goes"},
		{Keep{Holds: []Hold{{Fits: func(o collect.Origin) bool { return o.ID == "a" }}}}, "a b c d e f g", "no rule says what goes"},
		{Keep{Last: 1}, "a b f", "not one of the newest 1 of its suite and branch"},
		{Keep{Last: 2}, "a b c e f g", "one of the newest 2 of its suite and branch"},
		{Keep{Within: 3 * time.Hour}, "a b c d f", "older than 3h"},
		{Keep{Last: 1, Within: 2 * time.Hour}, "a b c f", "not one of the newest 1 of its suite and branch; older than 2h"},
		{Keep{Within: 48 * time.Hour}, "a b c d e f g", "not older than 2 days"},
		{Keep{Daily: Thin{Periods: 1}}, "a b f", "not the one of its day, 2025-05-30"},
		{Keep{Hourly: Thin{Periods: 2}}, "a b c e f g", "the one of its hour, 2025-05-30 06h"},
		{Keep{Hourly: Thin{Age: 3 * time.Hour}}, "a b c d f", "one of each hour stays no longer than 3h"},
		{Keep{Last: 1, Holds: []Hold{{Fits: func(o collect.Origin) bool { return o.Job == "j2" }, Why: "of j2"}}}, "a b f g", "of j2"},
	} {
		fates := tt.keep.Plan(runs, noon)
		for i, f := range fates {
			if f.ID != runs[i].ID || len(f.Reasons) == 0 {
				t.Errorf("%+v: fate %d is of %q with the reasons %q", tt.keep, i, f.ID, f.Reasons)
			}
		}
		if got := kept(fates); got != tt.want || strings.Join(fates[6].Reasons, "; ") != tt.reason {
			t.Errorf("%+v keeps %q, and the oldest because %q; want %q, %q", tt.keep, got, fates[6].Reasons, tt.want, tt.reason)
		}
	}
}

// TestPlanThins: all for 30 days, one a day for a year, one a month for ever.
func TestPlanThins(t *testing.T) {
	t.Parallel()
	const day = 24 * 60
	var runs []collect.Run
	for i := range 2 * 365 * 4 {
		runs = append(runs, aRun(fmt.Sprint(i), i*day/4, nil))
	}
	keep := Keep{Within: 30 * 24 * time.Hour, Daily: Thin{Age: 365 * 24 * time.Hour}, Monthly: Thin{Age: 100 * 365 * 24 * time.Hour}}
	fates := keep.Plan(entries(runs...), noon)
	perDay, perMonth := map[string]int{}, map[string]int{}
	for i, f := range fates {
		switch age := noon.Sub(f.Time); {
		case age <= 30*24*time.Hour && !f.Kept:
			t.Errorf("run %d of %s goes: %q", i, f.Time, f.Reasons)
		case age <= 30*24*time.Hour || !f.Kept:
		case age <= 365*24*time.Hour:
			perDay[f.Time.Format(time.DateOnly)]++
		default:
			perMonth[f.Time.Format("2006-01")]++
		}
	}
	// May 2024 began before the year and has its day of the year's end too.
	if len(perDay) != 335+1 && len(perDay) != 335 || len(perMonth) != 12 && len(perMonth) != 13 {
		t.Errorf("%d days and %d months are kept, want 335 and 12, or one more", len(perDay), len(perMonth))
	}
	for name, n := range perDay {
		if n != 1 {
			t.Errorf("%d runs of %s are kept, want 1", n, name)
		}
	}
	for name, n := range perMonth {
		if n != 1 {
			t.Errorf("%d runs of %s are kept, want 1", n, name)
		}
	}
}

// TestPlanPeriods: periods are those of UTC, whatever the zone of a run's time,
// and a week is ISO's: the last days of a December may be of week 1.
func TestPlanPeriods(t *testing.T) {
	t.Parallel()
	at := func(id, when string) collect.Run {
		return aRun(id, 0, func(r *collect.Run) {
			var err error
			if r.Time, err = time.Parse(time.RFC3339, when); err != nil {
				t.Fatal(err)
			}
		})
	}
	runs := entries(
		at("a", "2025-01-02T00:30:00+02:00"), at("b", "2025-01-01T01:00:00Z"), at("c", "2024-12-31T20:00:00-05:00"),
		at("d", "2024-12-30T12:00:00Z"), at("e", "2024-12-29T23:59:59Z"), at("f", "2023-06-01T00:00:00Z"),
	)
	for _, tt := range []struct {
		keep Keep
		want string
	}{
		{Keep{Daily: Thin{Periods: 2}}, "a d"},
		{Keep{Daily: Thin{Periods: 3}}, "a d e"},
		{Keep{Weekly: Thin{Periods: 2}}, "a e"},
		{Keep{Monthly: Thin{Periods: 2}}, "a d"},
		{Keep{Yearly: Thin{Periods: 9}}, "a d f"},
		{Keep{Hourly: Thin{Periods: 2}}, "a c"},
	} {
		if got := kept(tt.keep.Plan(runs, noon)); got != tt.want {
			t.Errorf("%+v keeps %q, want %q", tt.keep, got, tt.want)
		}
	}
}

// TestPeriodNumbers: two times are of one period by number where they are by
// name, before 1970 too.
func TestPeriodNumbers(t *testing.T) {
	t.Parallel()
	for _, th := range (Keep{}).thins() {
		numbers, names := map[int64]string{}, map[string]int64{}
		for at := time.Date(1968, 11, 25, 0, 0, 0, 0, time.UTC); at.Year() < 1978; at = at.Add(59*time.Minute + 59*time.Second) {
			number, name := th.number(at), th.name(at)
			if old, ok := numbers[number]; ok && old != name {
				t.Fatalf("%s %d is both %s and %s", th.unit, number, old, name)
			}
			if old, ok := names[name]; ok && old != number {
				t.Fatalf("%s %s is both %d and %d", th.unit, name, old, number)
			}
			numbers[number], names[name] = name, number
		}
		if len(numbers) < 10 {
			t.Errorf("ten years have %d of the period %s", len(numbers), th.unit)
		}
	}
}

// TestPlanSound: what failed does not stand for its day, and is not all that
// stays of a branch.
func TestPlanSound(t *testing.T) {
	t.Parallel()
	failed := func(r *collect.Run) { r.Success = collect.Failed }
	refused := func(r *collect.Run) { r.Gate = collect.Failed }
	fork := func(r *collect.Run) { r.Event = "pull_request" }
	runs := entries(
		aRun("broke", 0, failed), aRun("refused", 60, refused), aRun("good", 120, nil), aRun("before", 180, nil),
		aRun("pr2", 240, fork), aRun("pr1", 300, fork), aRun("elsewhere", 24*60, func(r *collect.Run) { r.Repository = "o/fork" }),
	)
	for _, tt := range []struct {
		keep Keep
		want string
	}{
		{Keep{Within: time.Second}, "broke good elsewhere"},
		{Keep{Daily: Thin{Periods: 1}}, "broke good pr2 elsewhere"},
		{Keep{Last: 2}, "broke refused good pr2 pr1 elsewhere"},
	} {
		if got := kept(tt.keep.Plan(runs, noon)); got != tt.want {
			t.Errorf("%+v keeps %q, want %q", tt.keep, got, tt.want)
		}
	}
}

// TestPlanReruns: a re-run has the fate of its run and counts as none.
func TestPlanReruns(t *testing.T) {
	t.Parallel()
	of := func(id string) func(*collect.Run) { return func(r *collect.Run) { r.RerunOf = id } }
	runs := entries(
		aRun("x2", 1, of("x1")), aRun("x1", 2, of("x")), aRun("x", 3, nil), aRun("lost", 4, of("gone")),
		aRun("y1", 5, of("y")), aRun("y", 6, nil), aRun("self", 7, of("self")),
		aRun("ring1", 8, of("ring2")), aRun("ring2", 9, of("ring1")),
	)
	fates := Keep{Last: 1}.Plan(runs, noon)
	if got, want := kept(fates), "x2 x1 x"; got != want {
		t.Errorf("kept are %q, want %q", got, want)
	}
	for i, want := range map[int]string{1: "belongs to run x, which stays", 4: "belongs to run y, which goes", 7: "belongs to run ring2, which goes"} {
		if diff := cmp.Diff([]string{want}, fates[i].Reasons); diff != "" {
			t.Errorf("the reasons for %s (-want +got):\n%s", fates[i].ID, diff)
		}
	}
	held := Keep{Last: 1, Holds: []Hold{{Fits: func(o collect.Origin) bool { return o.ID == "y1" }, Why: "named"}}}.Plan(runs, noon)
	if got, want := kept(held), "x2 x1 x y1 y"; got != want {
		t.Errorf("with a re-run that is held, kept are %q, want %q", got, want)
	}
}

func TestPlanHolds(t *testing.T) {
	t.Parallel()
	var runs []collect.Run
	for i := range 6 {
		runs = append(runs, aRun(fmt.Sprint(i), i, nil), aRun(fmt.Sprint("x", i), i, func(r *collect.Run) { r.Branch = "x" }))
	}
	even := func(o collect.Origin) bool { return strings.Contains("024", o.ID[len(o.ID)-1:]) }
	for _, tt := range []struct {
		hold Hold
		want string
	}{
		{Hold{Fits: even}, "0 x0 2 x2 4 x4"},
		{Hold{Fits: even, Newest: 2}, "0 x0 2 x2"},
		{Hold{Fits: even, Oldest: 1}, "0 x0 4 x4"},
		{Hold{Fits: even, Newest: 2, Oldest: 9}, "0 x0 2 x2 4 x4"},
	} {
		if got := kept(Keep{Last: 1, Holds: []Hold{tt.hold}}.Plan(entries(runs...), noon)); got != tt.want {
			t.Errorf("newest %d, oldest %d: kept are %q, want %q", tt.hold.Newest, tt.hold.Oldest, got, tt.want)
		}
	}
}
