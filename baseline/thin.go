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
	// name tells the period of a time from all others, for people.
	name func(t time.Time) string
}

// misses has of each run that a Thin does not keep, by its index, why not.
type misses map[int]string

func (k Keep) thins() []thin {
	layout := func(l string) func(time.Time) string { return func(t time.Time) string { return t.Format(l) } }
	return []thin{
		{k.Hourly, "hour", layout("2006-01-02 15h")},
		{k.Daily, "day", layout("2006-01-02")},
		{k.Weekly, "week", func(t time.Time) string {
			year, week := t.ISOWeek()
			return fmt.Sprintf("%d-W%02d", year, week)
		}},
		{k.Monthly, "month", layout("2006-01")},
		{k.Yearly, "year", layout("2006")},
	}
}

// thin keeps one run a period of a suite and branch, whose runs come newest
// first, so that those of a period stand together.
func (p *plan) thin(runs []int, t thin) misses {
	missed := misses{}
	for nth := 1; len(runs) > 0; nth++ {
		name := t.name(p.runs[runs[0]].Time.UTC())
		n := 1
		for n < len(runs) && t.name(p.runs[runs[n]].Time.UTC()) == name {
			n++
		}
		p.thinPeriod(runs[:n], t, name, nth, missed)
		runs = runs[n:]
	}
	return missed
}

// thinPeriod decides about the runs of the nth newest period.
func (p *plan) thinPeriod(runs []int, t thin, name string, nth int, missed misses) {
	chosen := p.soundest(runs)
	past := ""
	switch {
	case t.Periods > 0 && nth > t.Periods, t.Periods <= 0 && p.age(chosen) > t.Age:
		past = t.past()
	default:
		p.stays(chosen, fmt.Sprintf("the one of its %s, %s", t.unit, name))
	}
	for _, i := range runs {
		switch {
		case past != "":
			missed[i] = past
		case i != chosen:
			missed[i] = fmt.Sprintf("not the one of its %s, %s", t.unit, name)
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
