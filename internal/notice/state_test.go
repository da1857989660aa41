package notice

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/collect"
)

func at(hour int) Point {
	return Point{Run: fmt.Sprint("run", hour), Commit: fmt.Sprintf("%040x", hour), Time: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(hour) * time.Hour)}
}

func worse(metric string, from, to float64, after int) Finding {
	return Finding{Level: Worse, Shift: Shift{Metric: metric, Unit: "s", From: &from, To: to, Before: at(after - 1), After: at(after)}}
}

func fine(metric string, value float64) Finding {
	return Finding{Level: Fine, Value: value, Shift: Shift{Metric: metric}}
}

// story tells a state what run after run found, and writes what was news.
func story(s *State, runs ...[]Finding) string {
	var told []string
	for i, found := range runs {
		c := s.Update(found, at(100+i), []string{"a"})
		for _, x := range c.New {
			told = append(told, fmt.Sprintf("%d new %s %g", i, x.Metric, x.To))
		}
		for _, x := range c.Back {
			told = append(told, fmt.Sprintf("%d back %s accepted %v", i, x.Metric, x.Back.Accepted))
		}
	}
	return strings.Join(told, "; ")
}

// TestEachShiftOnce: whatever later runs and other estimates make of it, a shift
// is news once, and so are the next one and its end.
func TestEachShiftOnce(t *testing.T) {
	t.Parallel()
	creep := func(to float64, after int) []Finding {
		f := worse("m", 1, to, after)
		f.Creep = true
		return []Finding{f}
	}
	budget := worse("m", 0, 60, 100)
	budget.From = nil
	for name, row := range map[string]struct {
		runs [][]Finding
		want string
	}{
		"once":                       {[][]Finding{{worse("m", 1, 2, 90)}, {worse("m", 1, 2.1, 90)}, {worse("m", 1, 1.9, 91)}}, "0 new m 2"},
		"its place moves by two":     {[][]Finding{{worse("m", 1, 2, 98)}, {worse("m", 1.05, 2, 101)}, {worse("m", 1, 2, 97)}}, "0 new m 2"},
		"nothing judged in between":  {[][]Finding{{worse("m", 1, 2, 90)}, {}, {worse("m", 1, 2, 90)}}, "0 new m 2"},
		"back, and worse again":      {[][]Finding{{worse("m", 1, 2, 90)}, {fine("m", 1.1)}, {fine("m", 1)}, {worse("m", 1, 2, 102)}}, "0 new m 2; 1 back m accepted false; 3 new m 2"},
		"fine, yet at the new level": {[][]Finding{{worse("m", 1, 2, 90)}, {fine("m", 1.9)}}, "0 new m 2"},
		"another on top of it":       {[][]Finding{{worse("m", 1, 2, 90)}, {worse("m", 2, 4, 101)}, {worse("m", 2.1, 4, 101)}}, "0 new m 2; 1 new m 4"},
		"a little on top of it":      {[][]Finding{{worse("m", 1, 2, 90)}, {worse("m", 1.9, 2.2, 101)}}, "0 new m 2"},
		"a creep goes on":            {[][]Finding{creep(2, 90), creep(3, 101), creep(4, 102)}, "0 new m 2"},
		"accepted":                   {[][]Finding{{worse("m", 1, 2, 90)}, {{Level: Accepted, Value: 2, Shift: Shift{Metric: "m"}}}}, "0 new m 2; 1 back m accepted true"},
		"a budget":                   {[][]Finding{{budget}, {budget}, {fine("m", 49)}}, "0 new m 60; 2 back m accepted false"},
		"two at once, one comes back": {[][]Finding{{worse("m", 1, 2, 90), worse("n", 5, 6, 90)}, {worse("m", 1, 2, 90), fine("n", 5)}},
			"0 new m 2; 0 new n 6; 1 back n accepted false"},
		"a job of an older commit ends late": {[][]Finding{{worse("m", 1, 2, 200)}, {fine("m", 1)}}, "0 new m 2"},
	} {
		var s State
		if got := story(&s, row.runs...); got != row.want {
			t.Errorf("%s: told %q, want %q", name, got, row.want)
		}
	}
}

// TestLegs: of the legs of a matrix the first to find a metric worse tells it, by
// its own levels, and when it is back; what is worse in another one by then is news.
func TestLegs(t *testing.T) {
	t.Parallel()
	in := func(leg string, f Finding) []Finding {
		f.Leg = leg
		return []Finding{f}
	}
	a, b := in("a", worse("m", 1, 2, 90)), in("b", worse("m", 5, 9, 90))
	for name, row := range map[string]struct {
		runs [][]Finding
		want string
	}{
		"each has its own levels": {[][]Finding{a, b, a, in("b", fine("m", 1)), in("b", worse("m", 9, 20, 101)), b}, "0 new m 2"},
		"back in the first":       {[][]Finding{a, b, in("a", fine("m", 1)), in("b", fine("m", 5)), a}, "0 new m 2; 2 back m accepted false; 4 new m 2"},
		"worse in the second yet": {[][]Finding{a, b, in("a", fine("m", 1)), b, in("a", fine("m", 1)), b}, "0 new m 2; 2 back m accepted false; 3 new m 9"},
	} {
		var s State
		if got := story(&s, row.runs...); got != row.want {
			t.Errorf("%s: told %q, want %q", name, got, row.want)
		}
	}
}

// TestDue: a channel is told of what it was not told of, and of the end of that
// alone whose beginning it knows.
func TestDue(t *testing.T) {
	t.Parallel()
	var s State
	s.Update([]Finding{worse("m", 1, 2, 90), worse("n", 1, 2, 90)}, at(100), []string{"a", "b"})
	fresh, _ := s.Due("a", "", at(0).Time)
	s.Told("a", fresh)
	if again, _ := s.Due("a", "", at(0).Time); len(fresh) != 2 || len(again) != 0 {
		t.Errorf("due %d, and once told %d", len(fresh), len(again))
	}
	s.Update([]Finding{fine("m", 1)}, at(101), []string{"a", "b"})
	_, back := s.Due("a", "", at(0).Time)
	freshB, backB := s.Due("b", "", at(0).Time)
	if len(back) != 1 || len(backB) != 0 || len(freshB) != 1 || freshB[0].Metric != "n" {
		t.Errorf("a is told of the end of %d, b of %d and the beginning of %d", len(back), len(backB), len(freshB))
	}
	s.Told("a", back)
	s.Clean([]string{"a"})
	if len(s.Shifts) != 1 || len(s.Shifts[0].Due) != 0 {
		t.Errorf("left of it: %+v", s)
	}
	if c := s.Update([]Finding{worse("m", 1, 2, 102)}, at(103), []string{"a"}); len(c.New) != 1 || c.New[0].Count != 2 {
		t.Errorf("the second shift of m is %+v", c.New)
	}
}

// TestTake: what one job tells of, no other does, until the one is done or its
// time is over; of two that took it at once, the one that wrote last.
func TestTake(t *testing.T) {
	t.Parallel()
	now, later := at(100).Time, at(101).Time
	var s State
	s.Update([]Finding{worse("m", 1, 2, 90)}, at(100), []string{"a"})
	if !s.Take("one", now) || s.Take("one", now) || s.Take("two", now) {
		t.Error("taken twice, or not at all")
	}
	due := func(s State, by string, now time.Time) int { fresh, _ := s.Due("a", by, now); return len(fresh) }
	if due(s, "one", now) != 1 || due(s, "two", now) != 0 || due(s, "two", later) != 1 {
		t.Errorf("due to the one %d, to the other %d, and later %d", due(s, "one", now), due(s, "two", now), due(s, "two", later))
	}
	other := s.Copy()
	other.Shifts[0].Taken.By = "two"
	if merged := s.Merge(s, other); due(merged, "one", now) != 0 || due(merged, "two", now) != 1 {
		t.Errorf("merged: %+v", merged)
	}
	if s.Free("one"); due(s, "two", now) != 1 {
		t.Error("what is done is not free")
	}
}

// TestMerge: what two jobs made of one state at the same time is joined, in any
// order and as often as one likes.
func TestMerge(t *testing.T) {
	t.Parallel()
	var base State
	base.Update([]Finding{worse("m", 1, 2, 90), worse("old", 1, 2, 90)}, at(99), []string{"a", "b"})
	copied := func() State { s, _ := Decode(base.Encode()); return s }
	one, two := copied(), copied()
	one.Update([]Finding{worse("n", 1, 2, 100)}, at(100), []string{"a", "b"})
	fresh, _ := one.Due("a", "", at(0).Time)
	one.Told("a", fresh)
	two.Update([]Finding{worse("n", 1.1, 2, 101), fine("old", 1)}, at(101), []string{"a", "b"})
	fresh, _ = two.Due("b", "", at(0).Time)
	two.Told("b", fresh)
	two.Clean([]string{"a", "b"})
	for _, got := range []State{one.Merge(base, two), two.Merge(base, one), one.Merge(base, two).Merge(base, two)} {
		if len(got.Open()) != 2 || got.Counts["n"] != 1 {
			t.Errorf("merged: %+v", got)
		}
		for _, channel := range []string{"a", "b"} {
			if fresh, back := got.Due(channel, "", at(0).Time); len(fresh) != 0 || len(back) != 0 {
				t.Errorf("%s is told again: %+v %+v", channel, fresh, back)
			}
		}
	}
	if _, ok := Decode("no state"); ok {
		t.Error("what is no state is read as one")
	}
}

// TestFindings: what a comparison and a trend say is taken for what it is, and what
// is not known for nothing.
func TestFindings(t *testing.T) {
	t.Parallel()
	word := func(all []Finding) string {
		var out []string
		for _, f := range all {
			out = append(out, f.Metric+" "+string(f.Level))
		}
		return strings.Join(out, ", ")
	}
	r := check.Result{Head: collect.Origin{ID: "h"}}
	for _, s := range []check.Status{check.Regressed, check.Unchanged, check.Improved, check.Waived, check.New, check.Missing, check.Inconclusive, check.Suspect} {
		r.Metrics = append(r.Metrics, check.Comparison{Name: string(s), Status: s, Level: check.Fail, Head: 2, Baseline: 1})
	}
	r.Metrics = append(r.Metrics, check.Comparison{Name: "warned", Status: check.Regressed, Level: check.Warn, Head: 2, Baseline: 1})
	if got, want := word(OfCheck(r)), "regressed worse, unchanged fine, improved fine, waived accepted"; got != want {
		t.Errorf("OfCheck: %s, want %s", got, want)
	}
	shift := func(name string, s check.Status, gates, back bool, after int) check.Shift {
		return check.Shift{Name: name, Status: s, Level: check.Fail, Gates: gates, Back: back, AfterAt: after, From: 1, To: 2}
	}
	tr := check.TrendResult{Shifts: []check.Shift{
		shift("a", check.Regressed, true, false, 40), shift("a", check.Improved, false, false, 20), shift("b", check.Regressed, false, true, 30),
		shift("c", check.Regressed, false, false, 3), shift("d", check.Waived, false, false, 30), shift("e", check.Regressed, true, false, 20),
		shift("e", check.Improved, false, false, 40), shift(check.RunEffect, check.Suspect, false, false, 40),
	}}
	if got, want := word(OfTrend(tr)), "a worse, b fine, c stands, d accepted, e fine"; got != want {
		t.Errorf("OfTrend: %s, want %s", got, want)
	}
}

// TestJoin: what either finds is told, a search has the word on levels, and a
// metric that is fine is where its newest runs are.
func TestJoin(t *testing.T) {
	t.Parallel()
	said := func(level Level, value float64) []Finding {
		return []Finding{{Level: level, Value: value, Shift: Shift{Metric: "m"}}}
	}
	for _, row := range []struct {
		compared, searched []Finding
		want               string
	}{
		{nil, nil, ""},
		{said(Worse, 1), nil, "worse 1"},
		{nil, said(Worse, 2), "worse 2"},
		{said(Worse, 1), said(Worse, 2), "worse 2"},
		{said(Worse, 1), said(Fine, 2), "worse 1"},
		{said(Worse, 1), said(Stands, 2), "worse 1"},
		{said(Fine, 1), said(Stands, 2), "stands 2"},
		{said(Fine, 1), said(Worse, 2), "worse 2"},
		{said(Accepted, 1), said(Worse, 2), "accepted 1"},
		{said(Fine, 1), nil, "fine 7"},
	} {
		got := ""
		for _, f := range Join(row.compared, row.searched, func(string) []float64 { return []float64{5, 7, 8, 1} }) {
			got += fmt.Sprint(f.Level, " ", f.Value)
		}
		if got != row.want {
			t.Errorf("Join(%+v, %+v) = %s, want %s", row.compared, row.searched, got, row.want)
		}
	}
}

// TestQuiet: hours of a zone, across midnight, whole days, and a change of the
// clock.
func TestQuiet(t *testing.T) {
	t.Parallel()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skip("needs the data of time zones, which is not installed")
	}
	night := Quiet{From: 22 * time.Hour, To: 7 * time.Hour, Zone: zone}
	weekend := Quiet{From: 22 * time.Hour, To: 7*time.Hour + 30*time.Minute, Zone: zone, Days: []time.Weekday{time.Saturday, time.Sunday}}
	noon := Quiet{From: 12 * time.Hour, To: 13 * time.Hour}
	for _, row := range []struct {
		q         Quiet
		now, want string // UTC; no want: it is not quiet
	}{
		{night, "2026-06-10 19:59", ""}, {night, "2026-06-10 20:00", "2026-06-11 05:00"}, {night, "2026-06-11 04:59", "2026-06-11 05:00"}, {night, "2026-06-11 05:00", ""},
		{night, "2026-01-10 20:30", ""}, {night, "2026-01-10 21:00", "2026-01-11 06:00"}, // winter is an hour off
		{night, "2026-03-28 22:00", "2026-03-29 05:00"}, // the night that summer time begins in
		{night, "2026-10-24 21:00", "2026-10-25 06:00"}, // and ends in
		{weekend, "2026-06-12 20:30", "2026-06-15 05:30"}, {weekend, "2026-06-13 12:00", "2026-06-15 05:30"}, {weekend, "2026-06-15 05:30", ""},
		{noon, "2026-06-13 12:30", "2026-06-13 13:00"}, {noon, "2026-06-13 13:00", ""}, {Quiet{}, "2026-06-13 03:00", ""},
	} {
		now, err := time.Parse("2006-01-02 15:04", row.now)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if end := row.q.Until(now); end.After(now) {
			got = end.UTC().Format("2006-01-02 15:04")
		}
		if got != row.want {
			t.Errorf("at %s: quiet until %q, want %q", row.now, got, row.want)
		}
	}
}
