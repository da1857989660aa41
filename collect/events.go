package collect

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"os"
	"sort"
	"sync"
	"sync/atomic"
	"time"
)

// Event is one thing that happened, with how long it took.
type Event struct {
	Time       time.Time
	Type       string
	PID        int // of the process that it happened in
	Duration   time.Duration
	Attributes Tags
}

// EventOptions say which events are kept. The zero value keeps the newest 1,000.
type EventOptions struct {
	// Most is how many events are kept, the newest; 0: 1,000.
	Most int
	// Slow is the duration from which on an event is slow: it is kept whatever
	// the rate. 0: none is.
	Slow time.Duration
}

// Events keeps raw events in a ring, in which the newest win. It takes them
// without a lock, from any number of goroutines. A nil Events takes nothing.
type Events struct {
	slots []atomic.Pointer[Event]
	n     atomic.Uint64 // events that were kept so far
	floor atomic.Uint64 // of these, those that Clear has forgotten
	slow  time.Duration
	kept  func(*Event) // is told of each that is kept; nil: nobody

	rate  atomic.Pointer[rates]
	mu    sync.Mutex // changes of rate
	types sync.Map   // type to *eventType
	known atomic.Int64
}

// rates are the shares of events that are kept.
type rates struct {
	all    float64            // of types that have none of their own
	byType map[string]float64 // replaced as a whole, never changed
}

// eventType are the statistics of a type, of all its events, kept or not.
type eventType struct {
	stats atomic.Pointer[Gauge]
}

// NewEvents returns an empty ring, which keeps every event until SetRate says
// otherwise.
func NewEvents(o EventOptions) *Events {
	e := &Events{slots: make([]atomic.Pointer[Event], cmp.Or(max(o.Most, 0), 1000)), slow: o.Slow}
	e.rate.Store(&rates{all: 1})
	return e
}

// Add takes an event. Its type's rate says how likely it is to be kept; it
// counts in the statistics either way. An event without a time is of now.
func (e *Events) Add(ev Event) {
	if e == nil {
		return
	}
	e.statsOf(ev.Type).Set(ev.Duration.Seconds())
	if !e.slowOne(ev) && !e.keeps(ev.Type) {
		return
	}
	if ev.Time.IsZero() {
		ev.Time = time.Now()
	}
	ev.PID = cmp.Or(ev.PID, pid)
	e.slots[(e.n.Add(1)-1)%uint64(len(e.slots))].Store(&ev)
	if e.kept != nil {
		e.kept(&ev)
	}
}

var pid = os.Getpid()

func (e *Events) slowOne(ev Event) bool { return e.slow > 0 && ev.Duration >= e.slow }

// keeps draws whether an event is kept.
func (e *Events) keeps(typ string) bool {
	r := e.rate.Load()
	rate, ok := r.byType[typ]
	if !ok {
		rate = r.all
	}
	return rate >= 1 || rate > 0 && rand.Float64() < rate
}

// mostTypes bounds the types that have statistics of their own. The others share
// those of the type "other".
const mostTypes = 1000

func (e *Events) statsOf(typ string) *Gauge {
	t, ok := e.types.Load(typ)
	if !ok && e.known.Load() >= mostTypes && typ != "other" {
		return e.statsOf("other")
	}
	if !ok {
		e.known.Add(1)
		fresh := new(eventType)
		fresh.stats.Store(newGauge())
		t, _ = e.types.LoadOrStore(typ, fresh)
	}
	return t.(*eventType).stats.Load()
}

// SetRate sets the share of events, from 0 to 1, that is kept of all types that
// have no rate of their own.
func (e *Events) SetRate(share float64) error {
	return e.setRate(share, func(r *rates) { r.all = share })
}

// SetTypeRate sets the share of events, from 0 to 1, that is kept of one type.
func (e *Events) SetTypeRate(typ string, share float64) error {
	return e.setRate(share, func(r *rates) { r.byType[typ] = share })
}

func (e *Events) setRate(share float64, change func(*rates)) error {
	if !(share >= 0 && share <= 1) {
		return fmt.Errorf("set sampling rate: want a share from 0 to 1, have %v", share)
	}
	if e == nil {
		return nil
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	old := e.rate.Load()
	r := &rates{all: old.all, byType: make(map[string]float64, len(old.byType)+1)}
	for k, v := range old.byType {
		r.byType[k] = v
	}
	change(r)
	e.rate.Store(r)
	return nil
}

// Recent returns the newest events of a type, at most so many, newest first; of
// all types where it is empty.
func (e *Events) Recent(typ string, most int) []Event {
	return e.choose(most, func(ev *Event) bool { return typ == "" || ev.Type == typ })
}

// Slow returns the newest events that took at least so long, newest first.
func (e *Events) Slow(from time.Duration, most int) []Event {
	return e.choose(most, func(ev *Event) bool { return ev.Duration >= from })
}

func (e *Events) choose(most int, want func(*Event) bool) []Event {
	if e == nil {
		return nil
	}
	var found []Event
	n, size := e.n.Load(), uint64(len(e.slots))
	first := max(e.floor.Load(), n-min(n, size))
	for i := n; i > first && len(found) < most; i-- {
		if ev := e.slots[(i-1)%size].Load(); ev != nil && want(ev) {
			found = append(found, *ev)
		}
	}
	sort.SliceStable(found, func(i, j int) bool { return found[j].Time.Before(found[i].Time) })
	return found
}

// EventStats are statistics of the events of a type, in seconds.
type EventStats struct {
	Count          int64
	Mean, Min, Max float64
}

// Stats returns the statistics by type, of all events since the last Clear,
// those that were not kept too.
func (e *Events) Stats() map[string]EventStats {
	all := map[string]EventStats{}
	if e == nil {
		return all
	}
	e.types.Range(func(typ, t any) bool {
		if s := t.(*eventType).stats.Load().Stats(); s.Count > 0 {
			all[typ.(string)] = EventStats{Count: s.Count, Mean: s.Mean, Min: s.Min, Max: s.Max}
		}
		return true
	})
	return all
}

// Clear forgets all events and statistics. The rates stay.
func (e *Events) Clear() {
	if e == nil {
		return
	}
	e.floor.Store(e.n.Load())
	e.types.Range(func(_, t any) bool {
		t.(*eventType).stats.Store(newGauge())
		return true
	})
}
