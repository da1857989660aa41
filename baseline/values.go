package baseline

import (
	"context"
	"errors"
	"math"

	"github.com/plumbline-ci/plumbline/collect"
)

// ValueStore is a LineStore that remembers the values of runs that were read once.
// To take them from there is many times faster than to read the records.
type ValueStore interface {
	LineStore
	// Values opens what is remembered of the suite of a run, to be closed; nil: the
	// store remembers nothing.
	Values(ctx context.Context, head collect.Origin) Values
}

// Values are what a store remembers of runs of a suite. They change no baseline,
// but for the time that it takes: a run that is not remembered is read.
type Values interface {
	// Names are the metrics of the rows, by position. It grows with Keep.
	Names() []string
	// Row returns the values of a run that List yielded, NaN where it does not have
	// a metric, and the scatter of its samples where it has some. Both are good until
	// the next call, and may be shorter than Names. False: they are not remembered.
	// The error is ErrStale.
	Row(e Entry) (row []float64, scatter []collect.Scatter, ok bool, err error)
	// Keep is given the values of a run that was read, by the positions of names,
	// which it has in the same order with each run.
	Keep(e Entry, names []string, row []float64, scatter []collect.Scatter)
	// Close keeps for the next command what this one has used.
	Close()
}

// ErrStale says that a record is not what it was when the store remembered where
// it comes from: the listing is to be had again.
var ErrStale = errors.New("the store's records have changed since it was listed")

// staleTries is how often a baseline is fetched anew where records change.
const staleTries = 3

// values opens what a store remembers; nil: nothing.
func values(ctx context.Context, s Store, head collect.Origin) Values {
	if v, ok := s.(ValueStore); ok {
		return v.Values(ctx, head)
	}
	return nil
}

// Values is that of the store.
func (o onlyLines) Values(ctx context.Context, head collect.Origin) Values {
	return values(ctx, o.lines, head)
}

// recall takes a run as it is remembered. It says no where the record must be
// read: it may have metrics that no run had before, or describe some.
func (t *table) recall(v Values, e Entry, heads int) (comparable, ok bool, err error) {
	from, scatter, ok, err := v.Row(e)
	if err != nil || !ok {
		return false, false, err
	}
	row, ok := t.place(v.Names(), from)
	if !ok {
		return false, false, nil
	}
	if !shares(row, heads) {
		return false, true, nil
	}
	for i, x := range row {
		if !math.IsNaN(x) && (i >= len(t.told) || !t.told[i]) {
			return false, false, nil
		}
	}
	t.put(e.Origin, row, t.placeScatter(scatter))
	return true, true, nil
}

// place brings a row to the positions of the table. False: it has a metric that
// the table does not know.
func (t *table) place(names []string, from []float64) ([]float64, bool) {
	known := t.decoder.Names()
	for i := len(t.places); i < len(from); i++ {
		at := -1
		if i < len(known) && known[i] == names[i] {
			at = i
		}
		t.places = append(t.places, at)
	}
	t.row = t.row[:0]
	for range known {
		t.row = append(t.row, math.NaN())
	}
	for i, x := range from {
		if math.IsNaN(x) {
			continue
		}
		if t.places[i] < 0 {
			at, ok := t.decoder.Lookup(names[i])
			if !ok {
				return nil, false
			}
			t.places[i] = at
		}
		t.row[t.places[i]] = x
	}
	return t.row, true
}

func (t *table) placeScatter(from []collect.Scatter) []collect.Scatter {
	t.scattered = t.scattered[:0]
	for i, s := range from {
		if s.Samples < 2 {
			continue
		}
		for len(t.scattered) <= t.places[i] {
			t.scattered = append(t.scattered, collect.Scatter{})
		}
		t.scattered[t.places[i]] = s
	}
	return t.scattered
}
