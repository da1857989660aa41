package collect

import (
	"slices"
	"sync/atomic"
)

// Info holds what describes a program and is no number: a version, a commit. In
// a run it is a metric that is always 1, with the facts as tags. A nil Info
// holds nothing.
type Info struct{ facts atomic.Pointer[Tags] }

// Set replaces the facts.
func (i *Info) Set(facts Tags) {
	if i != nil {
		kept := make(Tags, len(facts))
		for k, v := range facts {
			kept[k] = v
		}
		i.facts.Store(&kept)
	}
}

// Facts returns the facts, which the caller must not change.
func (i *Info) Facts() Tags {
	if i == nil {
		return nil
	}
	if facts := i.facts.Load(); facts != nil {
		return *facts
	}
	return nil
}

// Enum is one of a few states, known beforehand. In a run each state is a
// series: 1 for the current one and 0 for the others. A nil Enum has none.
type Enum struct {
	states []string
	now    atomic.Int64 // place in states, from 1; 0 before the first Set
	wrong  atomic.Int64
}

// Set enters a state. One that the Enum does not have is left out and counted
// (see Recorder.Problems).
func (e *Enum) Set(state string) {
	if e == nil {
		return
	}
	at := slices.Index(e.states, state)
	if at < 0 {
		e.wrong.Add(1)
		return
	}
	e.now.Store(int64(at) + 1)
}

// State is the current state, empty before the first.
func (e *Enum) State() string {
	if e == nil || e.now.Load() == 0 {
		return ""
	}
	return e.states[e.now.Load()-1]
}
