package baseline

import (
	"fmt"
	"time"
)

// Thin keeps one run of each period, such as a day: of the newest so many periods
// that have a run, or of all that are no older than Age. It is the newest run of
// the period that did not fail, or where all failed the newest. Periods decide
// where both are given. The zero Thin keeps none.
type Thin struct {
	Periods int
	Age     time.Duration
}

func (t Thin) none() bool { return t.Periods <= 0 && t.Age <= 0 }

// thin is a Thin with its period.
type thin struct {
	Thin
	unit string
	// number tells the period of a time in UTC from all others.
	number func(t time.Time) int64
	// name is that of a period, for people.
	name func(t time.Time) string
}

func (k Keep) thins() []thin {
	layout := func(l string) func(time.Time) string { return func(t time.Time) string { return t.Format(l) } }
	return []thin{
		{k.Hourly, "hour", func(t time.Time) int64 { return floor(t.Unix(), 60*60) }, layout("2006-01-02 15h")},
		{k.Daily, "day", func(t time.Time) int64 { return floor(t.Unix(), 24*60*60) }, layout("2006-01-02")},
		{k.Weekly, "week", weekNumber, func(t time.Time) string {
			year, week := t.ISOWeek()
			return fmt.Sprintf("%d-W%02d", year, week)
		}},
		{k.Monthly, "month", func(t time.Time) int64 { return int64(t.Year())*12 + int64(t.Month()) }, layout("2006-01")},
		{k.Yearly, "year", func(t time.Time) int64 { return int64(t.Year()) }, layout("2006")},
	}
}

// floor divides and rounds down, before 1970 too.
func floor(a, b int64) int64 {
	if a < 0 {
		a -= b - 1
	}
	return a / b
}

// weekNumber counts weeks that begin on Monday, as those of ISO 8601 do. The first
// of January 1970 was a Thursday.
func weekNumber(t time.Time) int64 {
	const monday = 3
	return floor(floor(t.Unix(), 24*60*60)+monday, 7)
}

// thin keeps one run a period of a suite and branch, whose runs come newest
// first, so that those of a period stand together. It returns why each of the
// others is not kept; empty: it is.
func (p *plan) thin(runs []int, t thin) []string {
	missed := make([]string, len(runs))
	for nth, from := 1, 0; from < len(runs); nth++ {
		number := t.number(p.runs[runs[from]].Time.UTC())
		to := from + 1
		for to < len(runs) && t.number(p.runs[runs[to]].Time.UTC()) == number {
			to++
		}
		p.thinPeriod(runs[from:to], t, nth, missed[from:to])
		from = to
	}
	return missed
}

// thinPeriod decides about the runs of the nth newest period.
func (p *plan) thinPeriod(runs []int, t thin, nth int, missed []string) {
	chosen := p.soundest(runs)
	if t.Periods > 0 && nth > t.Periods || t.Periods <= 0 && p.age(chosen) > t.Age {
		past := t.past()
		for k := range missed {
			missed[k] = past
		}
		return
	}
	the := fmt.Sprintf("the one of its %s, %s", t.unit, t.name(p.runs[chosen].Time.UTC()))
	other := "not " + the
	p.stays(chosen, the)
	for k, i := range runs {
		if i != chosen {
			missed[k] = other
		}
	}
}

// past says why none of a period is kept.
func (t thin) past() string {
	if t.Periods > 0 {
		return fmt.Sprintf("its %s is not one of the newest %d with runs", t.unit, t.Periods)
	}
	return fmt.Sprintf("one of each %s stays no longer than %s", t.unit, days(t.Age))
}
