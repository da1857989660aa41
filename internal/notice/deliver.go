package notice

import (
	"context"
	"math"
	"time"

	"github.com/plumbline-ci/plumbline/check/report"
)

// Delivery is how the channels are told of what they are due.
type Delivery struct {
	Channels []Channel
	Quiet    Quiet
	Now      time.Time
	By       string // the job, as its leases have it
	// Notice is what all notices have: suite, branch, addresses.
	Notice report.Notice
	// About fills in who wrote what lies between the two commits of a shift; nil:
	// nobody knows.
	About func(n *report.Notice, s Shift)
	// Send sends one.
	Send func(ctx context.Context, c Channel, n report.Notice) error
}

// Outcome is what became of one notice. It was sent where Err is nil and Held is
// zero, or is due still.
type Outcome struct {
	Channel Channel
	Notice  report.Notice
	Err     error
	Held    time.Time // the quiet hours' end
}

// Deliver sends what is due, and notes in the state what was told.
func (d *Delivery) Deliver(ctx context.Context, s *State) []Outcome {
	var all []Outcome
	until := d.Held()
	for _, c := range d.Channels {
		fresh, back := s.Due(c.Key(), d.By, d.Now)
		for _, shifts := range [][]Shift{fresh, back} {
			if len(shifts) == 0 {
				continue
			}
			o := Outcome{Channel: c, Notice: d.notice(shifts)}
			if until.After(d.Now) {
				o.Held = until
			} else if o.Err = d.Send(ctx, c, o.Notice); o.Err == nil {
				s.Told(c.Key(), shifts)
			}
			all = append(all, o)
		}
	}
	return all
}

// Held is when the quiet hours end, and now where there are none.
func (d *Delivery) Held() time.Time { return d.Quiet.Until(d.Now) }

func (d *Delivery) notice(shifts []Shift) report.Notice {
	n := Notice(d.Notice, shifts)
	if d.About != nil && !n.Back {
		d.About(&n, shifts[0])
	}
	return n
}

// Notice is a notice of some shifts, all of which are over or none.
func Notice(n report.Notice, shifts []Shift) report.Notice {
	n.Shifts = nil
	for i := range shifts {
		x := &shifts[i]
		s := report.NoticeShift{
			Metric: x.Metric, Unit: x.Unit, From: figure(x.From), To: x.To, Before: x.Before.Commit, After: x.After.Commit,
			Since: x.After.Time, Lasting: x.Lasting, Creep: x.Creep, Leg: x.Leg,
		}
		if x.Back != nil {
			n.Back = true
			s.After, s.Since, s.Accepted = x.Back.Commit, x.Back.Time, x.Back.Accepted
			if s.From, s.To = x.To, figure(x.Back.Value); s.Accepted || x.Back.Value == nil {
				s.From, s.To = figure(x.From), x.To
			}
		}
		n.Shifts = append(n.Shifts, s)
	}
	return n
}

func figure(v *float64) float64 {
	if v == nil {
		return math.NaN()
	}
	return *v
}

// Keys are the keys of channels.
func Keys(all []Channel) []string {
	keys := make([]string, len(all))
	for i := range all {
		keys[i] = all[i].Key()
	}
	return keys
}
