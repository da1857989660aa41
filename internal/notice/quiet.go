package notice

import "time"

// Quiet are hours in which nothing is sent. The zero Quiet has none.
type Quiet struct {
	From, To time.Duration // since midnight; To before From is past midnight
	Zone     *time.Location
	Days     []time.Weekday // that are quiet as a whole
}

// Until is when the quiet hours end that a moment is in; it is the moment itself
// where it is in none.
func (q Quiet) Until(now time.Time) time.Time {
	at := now.In(q.zone())
	for range 16 { // a quiet night may border on a quiet day, and that on another
		end, quiet := q.end(at)
		if !quiet {
			break
		}
		at = end
	}
	if at.Equal(now) {
		return now
	}
	return at
}

func (q Quiet) zone() *time.Location {
	if q.Zone == nil {
		return time.UTC
	}
	return q.Zone
}

// end is when the quiet stretch ends that a moment is in. A clock time that a
// change of the clock skips is what time.Date makes of it.
func (q Quiet) end(at time.Time) (time.Time, bool) {
	midnight := func(days int) time.Time {
		return time.Date(at.Year(), at.Month(), at.Day()+days, 0, 0, 0, 0, at.Location())
	}
	clock := func(days int, d time.Duration) time.Time {
		m := midnight(days)
		return time.Date(m.Year(), m.Month(), m.Day(), int(d/time.Hour), int(d%time.Hour/time.Minute), 0, 0, m.Location())
	}
	for _, day := range q.Days {
		if at.Weekday() == day {
			return midnight(1), true
		}
	}
	switch from, to := clock(0, q.From), clock(0, q.To); {
	case q.From == q.To:
	case q.From < q.To:
		return to, !at.Before(from) && at.Before(to)
	case !at.Before(from):
		return clock(1, q.To), true
	case at.Before(to):
		return to, true
	}
	return at, false
}
