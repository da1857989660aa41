package notice

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/plumbline-ci/plumbline/collect"
)

// Point is a run in a history.
type Point struct {
	Run    string    `json:"run,omitempty"`
	Commit string    `json:"commit,omitempty"`
	Time   time.Time `json:"time"`
}

// PointOf is the point of an origin.
func PointOf(o collect.Origin) Point { return Point{Run: o.ID, Commit: o.Commit, Time: o.Time} }

// Shift is a metric that got worse and has not come back, or is coming back.
type Shift struct {
	Metric string       `json:"metric"`
	Count  int          `json:"count"` // how many of this metric there were, this one included
	Unit   collect.Unit `json:"unit,omitempty"`
	// From is nil where there was no level before, as with a budget.
	From          *float64 `json:"from,omitempty"`
	To            float64  `json:"to"`
	Before, After Point
	// Leg is the leg of a matrix that found it, whose word on its end counts; empty:
	// there is no matrix. Levels are its own.
	Leg     string `json:"leg,omitempty"`
	Lasting int    `json:"lasting,omitempty"` // runs at the new level when it was found; 0: one
	Creep   bool   `json:"creep,omitempty"`
	// Due are the channels that have not been told of it, and BackDue those that
	// have not been told that it is over. A channel that was not told of the one is
	// not told of the other.
	Due     []string `json:"due,omitempty"`
	Back    *Return  `json:"back,omitempty"`
	BackDue []string `json:"back_due,omitempty"`
	// Taken is the job that is telling it just now; nil: none.
	Taken *Lease `json:"taken,omitempty"`
}

// Lease says that a job tells of a shift. Until is past where the job is done, or
// was killed.
type Lease struct {
	By    string    `json:"by"`
	Until time.Time `json:"until"`
}

// free reports whether a job may tell of the shift.
func (s *Shift) free(by string, now time.Time) bool {
	return s.Taken == nil || s.Taken.By == by || !s.Taken.Until.After(now)
}

// Return says how a shift ended.
type Return struct {
	Point
	Value    *float64 `json:"value,omitempty"`
	Accepted bool     `json:"accepted,omitempty"` // somebody let it pass, and the level is still there
}

// ID tells one shift from the others of its suite. Where it began is no part of
// it: two jobs that find it at the same time may see that differently.
func (s *Shift) ID() string { return digest(s.Metric + "\x00" + strconv.Itoa(s.Count)) }

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:6])
}

// State is what is remembered of one suite. The zero State knows nothing.
type State struct {
	Shifts []Shift        `json:"shifts"`
	Counts map[string]int `json:"counts,omitempty"` // of the shifts of each metric so far
}

// Level is what a run says of a metric.
type Level string

// The levels: Worse is a shift, Fine a metric that was judged and did not get
// worse, Accepted one that got worse and is allowed to, and Stands one that got
// worse so long ago that it is no news.
const (
	Worse    Level = "worse"
	Fine     Level = "fine"
	Accepted Level = "accepted"
	Stands   Level = "stands"
)

// Finding is what was found about one metric. Of one that could not be judged
// there is none: no data is no news.
type Finding struct {
	Shift
	Level Level
	Value float64 // of a Fine one: where it is now
}

// Changes are what an update brought.
type Changes struct {
	New  []Shift
	Back []Shift
}

// mostShifts bounds what is remembered: more at once are one event, and the rest
// of them is counted in no message.
const mostShifts = 200

// Update takes in what a run found. Channels are all that there are.
//
// A metric that is worse already is the same shift again, wherever its beginning
// is estimated now, and whichever other legs of a matrix find it too: unless it
// left the level to which it had shifted, which is another. One that is fine is back
// where it was only if it is nearer to its old level, and if the run is newer than
// the one that the shift began with: jobs do not end in the order of their commits.
func (s *State) Update(found []Finding, now Point, channels []string) Changes {
	var c Changes
	for _, f := range found {
		at := s.open(f.Metric)
		switch {
		case f.Level == Stands, at >= 0 && s.Shifts[at].Leg != f.Leg:
		case f.Level == Worse && at < 0 && len(s.Shifts) < mostShifts:
			c.New = append(c.New, s.add(f.Shift, channels))
		case f.Level == Worse && at >= 0 && s.Shifts[at].another(f.Shift):
			s.Shifts = slices.Delete(s.Shifts, at, at+1)
			c.New = append(c.New, s.add(f.Shift, channels))
		case f.Level == Worse || at < 0 || !now.Time.After(s.Shifts[at].After.Time):
		case f.Level == Accepted || s.Shifts[at].nearerFrom(f.Value):
			c.Back = append(c.Back, s.Shifts[at].end(f, now, channels))
		}
	}
	return c
}

// open is where the shift of a metric stands that is not over, -1 for none.
func (s *State) open(metric string) int {
	return slices.IndexFunc(s.Shifts, func(x Shift) bool { return x.Metric == metric && x.Back == nil })
}

// Open are the shifts that are not over.
func (s *State) Open() []Shift {
	return slices.DeleteFunc(slices.Clone(s.Shifts), func(x Shift) bool { return x.Back != nil })
}

func (s *State) add(x Shift, channels []string) Shift {
	if s.Counts == nil {
		s.Counts = map[string]int{}
	}
	s.Counts[x.Metric]++
	x.Count, x.Due, x.Back, x.BackDue = s.Counts[x.Metric], slices.Clone(channels), nil, nil
	s.Shifts = append(s.Shifts, x)
	return x
}

// another reports whether a metric has left the level to which it had shifted. A
// creep goes on by its nature, and is not told of again.
func (s *Shift) another(x Shift) bool {
	return !x.Creep && !s.Creep && s.From != nil && x.From != nil && !s.nearerFrom(*x.From) && math.Abs(x.To-s.To) > math.Abs(s.To-*s.From)/2
}

// nearerFrom reports whether a value is nearer to the old level than to the new.
func (s *Shift) nearerFrom(v float64) bool {
	if s.From == nil {
		return true // whoever judged it knows the budget
	}
	return math.Abs(v-*s.From) < math.Abs(v-s.To)
}

func (s *Shift) end(f Finding, now Point, channels []string) Shift {
	s.Back = &Return{Point: now, Accepted: f.Level == Accepted}
	if f.Level == Fine {
		s.Back.Value = &f.Value
	}
	s.BackDue = slices.DeleteFunc(slices.Clone(channels), func(c string) bool { return slices.Contains(s.Due, c) })
	s.Due = nil
	return *s
}

// Due are the shifts that a channel is to be told of by a job: new ones, and those
// that are over. Those that another job is telling of are not.
func (s *State) Due(channel, by string, now time.Time) (fresh, back []Shift) {
	for _, x := range s.Shifts {
		switch {
		case !x.free(by, now):
		case slices.Contains(x.Due, channel):
			fresh = append(fresh, x)
		case slices.Contains(x.BackDue, channel):
			back = append(back, x)
		}
	}
	return fresh, back
}

// telling is how long a job may take to tell the channels. One that was killed is
// not waited for any longer.
const telling = 15 * time.Minute

// Take lets a job tell of all that is due and that no other job tells of. It is
// false where there is nothing.
func (s *State) Take(by string, now time.Time) (any bool) {
	for i := range s.Shifts {
		if x := &s.Shifts[i]; len(x.Due)+len(x.BackDue) > 0 && x.free(by, now) {
			any = any || x.Taken == nil || x.Taken.By != by
			x.Taken = &Lease{by, now.Add(telling)}
		}
	}
	return any
}

// Free ends all that a job has taken.
func (s *State) Free(by string) {
	for i := range s.Shifts {
		if t := s.Shifts[i].Taken; t != nil && t.By == by {
			s.Shifts[i].Taken = &Lease{By: by}
		}
	}
}

// Told notes that a channel was told of some shifts.
func (s *State) Told(channel string, told []Shift) {
	is := func(c string) bool { return c == channel }
	for i := range s.Shifts {
		x := &s.Shifts[i]
		if slices.ContainsFunc(told, func(y Shift) bool { return y.ID() == x.ID() && (y.Back == nil) == (x.Back == nil) }) {
			x.Due, x.BackDue = slices.DeleteFunc(x.Due, is), slices.DeleteFunc(x.BackDue, is)
		}
	}
}

// Clean forgets channels that are no longer there, and shifts that are over and
// told of everywhere.
func (s *State) Clean(channels []string) {
	gone := func(c string) bool { return !slices.Contains(channels, c) }
	for i := range s.Shifts {
		x := &s.Shifts[i]
		x.Due, x.BackDue = slices.DeleteFunc(x.Due, gone), slices.DeleteFunc(x.BackDue, gone)
	}
	s.Shifts = slices.DeleteFunc(s.Shifts, func(x Shift) bool { return x.Back != nil && len(x.BackDue) == 0 })
}

// Merge joins what another job made of the same state at the same time: a shift
// that either knows is known, what one told is told, and what one saw end ended.
// Base is the state that this one was made from, without which a shift that the
// other forgot could not be told from one that it never knew.
func (s State) Merge(base, other State) State {
	out := State{Counts: maps.Clone(s.Counts)}
	for metric, n := range other.Counts {
		if out.Counts == nil {
			out.Counts = map[string]int{}
		}
		out.Counts[metric] = max(out.Counts[metric], n)
	}
	// In the other's order, so that jobs which join the same come to the same text.
	for _, y := range other.Shifts {
		if at := s.find(y.ID()); at >= 0 {
			out.Shifts = append(out.Shifts, s.Shifts[at].merge(y))
		} else if base.find(y.ID()) < 0 {
			out.Shifts = append(out.Shifts, y)
		}
	}
	for _, x := range s.Shifts {
		if other.find(x.ID()) < 0 && base.find(x.ID()) < 0 {
			out.Shifts = append(out.Shifts, x)
		}
	}
	return out
}

func (s *State) find(id string) int {
	return slices.IndexFunc(s.Shifts, func(x Shift) bool { return x.ID() == id })
}

func (s Shift) merge(o Shift) Shift {
	both := func(a, b []string) []string {
		return slices.DeleteFunc(slices.Clone(a), func(c string) bool { return !slices.Contains(b, c) })
	}
	switch {
	case s.Back == nil && o.Back == nil:
		s.Due = both(s.Due, o.Due)
	case s.Back == nil:
		return o
	case o.Back != nil:
		s.BackDue = both(s.BackDue, o.BackDue)
	}
	if o.Taken != nil && (s.Taken == nil || s.Taken.By != o.Taken.By && o.Taken.Until.After(s.Taken.Until.Add(-telling))) {
		s.Taken = o.Taken // of two that hold at the same time, the one that was written last
	}
	return s
}

// Copy is a state that shares nothing with this one.
func (s State) Copy() State {
	c, _ := Decode(s.Encode())
	return c
}

// Forget drops a shift that another job tells of, as if it had not been found.
func (s *State) Forget(x Shift) {
	if x.Back == nil && s.Counts[x.Metric] == x.Count {
		if s.Counts[x.Metric]--; x.Count == 1 {
			delete(s.Counts, x.Metric)
		}
	}
	s.Shifts = slices.DeleteFunc(s.Shifts, func(y Shift) bool { return y.ID() == x.ID() })
}

// Encode is the state as text without spaces and dashes. Shifts of one run are
// much alike, and packed they take little.
func (s State) Encode() string {
	text, err := json.Marshal(s)
	if err != nil {
		return "" // finite numbers and strings always marshal
	}
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(text); err != nil {
		return ""
	}
	if err := z.Close(); err != nil {
		return ""
	}
	return base64.StdEncoding.EncodeToString(b.Bytes())
}

// mostText bounds what is read of a state.
const mostText = 4 << 20

// Decode reads what Encode wrote. What somebody has broken is no state.
func Decode(text string) (State, bool) {
	var s State
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return State{}, false
	}
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil || json.NewDecoder(io.LimitReader(z, mostText)).Decode(&s) != nil {
		return State{}, false
	}
	return s, true
}
