package baseline

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/plumbline-ci/plumbline/collect"
)

// The reasons of the rules that need more than a run's origin.
const (
	later        = "later than the head"
	sameCommit   = "of the head's own commit"
	incomparable = "with fewer than half of the head's metrics"
)

// Fetch selects the baseline of a head run: the newest runs of the store that
// came before it, did what it does, and are of accepted code. A store without
// any gives an empty baseline, which is no error; nor are runs that cannot be
// read, which Unreadable has.
//
// Runs of the head's own commit look at the same code, so they are left out,
// unless the store has nothing else: then they are the baseline (someone at a
// desk tries what the noise is) and SameCommit says so.
func Fetch(ctx context.Context, s Store, q Query) (Baseline, error) {
	if q.Runs <= 0 {
		q.Runs = DefaultRuns
	}
	fetch := fetchPreferred
	if q.Runner != "" && q.Runner != PreferRunner {
		fetch = func(ctx context.Context, s Store, q Query) (Baseline, error) { return fetchOnce(ctx, s, q, 0) }
	}
	b, err := fetch(ctx, s, q)
	for try := 1; try < staleTries && errors.Is(err, ErrStale); try++ {
		b, err = fetch(ctx, s, q)
	}
	return b, err
}

// fetchOnce goes through the store once. It ends where it has passed by so many
// runs of other kinds of machine; 0: it does not.
func fetchOnce(ctx context.Context, s Store, q Query, most int) (Baseline, error) {
	f := &fetch{ctx: ctx, store: s, q: q, table: newTable(q), most: most, values: values(ctx, s, q.Head)}
	if f.values != nil {
		defer f.values.Close()
	}
	if err := f.collect(); err != nil {
		return Baseline{}, err
	}
	b := f.table.baseline()
	if len(b.Runs) < q.Runs && len(f.left) == 0 {
		f.explain()
	}
	b.SameCommit, b.Left, b.Unreadable = f.same, f.left, f.unreadable
	return b, nil
}

// filter leaves out what the rules would: a store of many repositories is not
// read for one of them.
func (q Query) filter() Filter {
	s := SuiteOf(q.Head)
	return Filter{Suite: &s, Branch: q.Branch, Until: q.Head.Time}
}

// mostExplained bounds the runs that are looked at for no more than a reason.
const mostExplained = 200

// explain counts what a store left out by itself, so that people learn why their
// baseline is short. It is no error if that cannot be had.
func (f *fetch) explain() {
	wide, seen := Filter{}, 0
	if f.q.Head.Repository != "" {
		wide.Repositories = []string{PatternOf(f.q.Head.Repository)}
	}
	for e, err := range f.store.List(f.ctx, wide) {
		if seen++; seen > mostExplained {
			return
		}
		if err != nil || e.ID == f.q.Head.ID {
			continue
		}
		if reason := exclusion(f.q, e.Origin); reason != "" {
			f.leave(reason)
		}
	}
}

// fetch is a selection under way.
type fetch struct {
	ctx    context.Context
	store  Store
	values Values // nil: nothing is remembered
	q      Query
	table  table

	met  bool    // the listing has come to the head
	ties []Entry // of the head's time, while the head is still to come
	own  []Entry // of the head's commit, newest first

	most   int // runs of other kinds of machine that may be passed by; 0: any number
	passed int

	same       bool
	left       []LeftOut
	unreadable []error
}

// collect fills the table with the newest runs that qualify.
func (f *fetch) collect() error {
	for e, err := range f.store.List(f.ctx, f.q.filter()) {
		if bad := (*collect.LineError)(nil); errors.As(err, &bad) {
			f.unreadable = append(f.unreadable, err)
			continue
		}
		if err == nil {
			err = f.visit(e)
		}
		if err != nil {
			return err
		}
		if f.full() {
			return nil
		}
		if f.most > 0 && f.passed >= f.most {
			break
		}
	}
	if err := f.settleTies(); err != nil {
		return err
	}
	return f.fallBack()
}

func (f *fetch) full() bool { return len(f.table.runs) >= f.q.Runs }

// visit is shown the runs newest first. Of those of the head's time the ones
// behind it in the listing are earlier, and all are where the head is not in
// the store.
func (f *fetch) visit(e Entry) error {
	switch tie := e.Time.Equal(f.q.Head.Time); {
	case e.ID == f.q.Head.ID:
		f.met = true
		for range f.ties {
			f.leave(later)
		}
		f.ties = nil
		return nil // a run is no evidence about itself
	case tie && !f.met:
		f.ties = append(f.ties, e)
		return nil
	case e.Time.Before(f.q.Head.Time):
		if err := f.settleTies(); err != nil || f.full() {
			return err
		}
	}
	return f.consider(e)
}

func (f *fetch) settleTies() error {
	ties := f.ties
	f.ties = nil
	for _, e := range ties {
		if f.full() {
			return nil
		}
		if err := f.consider(e); err != nil {
			return err
		}
	}
	return nil
}

// consider takes a run, puts it by, or counts why it is left out.
func (f *fetch) consider(e Entry) error {
	if reason := exclusion(f.q, e.Origin); reason != "" {
		f.leave(reason)
		if reason == elsewhere {
			f.passed++
		}
		return nil
	}
	if e.Commit != "" && e.Commit == f.q.Head.Commit {
		f.own = append(f.own, e)
		return nil
	}
	return f.take(e)
}

// fallBack decides about the runs of the head's own commit.
func (f *fetch) fallBack() error {
	if len(f.table.runs) > 0 {
		for range f.own {
			f.leave(sameCommit)
		}
		return nil
	}
	for _, e := range f.own {
		if f.full() {
			break
		}
		if err := f.take(e); err != nil {
			return err
		}
		f.same = len(f.table.runs) > 0
	}
	return nil
}

// take reads the values of a run that qualifies by its origin.
func (f *fetch) take(e Entry) error {
	var keep readRow
	if f.values != nil {
		comparable, ok, err := f.table.recall(f.values, e, len(f.q.Metrics))
		if ok && !comparable {
			f.leave(incomparable)
		}
		if ok || err != nil {
			return cmp.Or(err, f.ctx.Err())
		}
		keep = func(names []string, row []float64, scatter []collect.Scatter) { f.values.Keep(e, names, row, scatter) }
	}
	add := func(r recordLine) error {
		comparable, err := f.table.add(r, len(f.q.Metrics), keep)
		if err == nil && !comparable {
			f.leave(incomparable)
		}
		return err
	}
	ok, err := ViewLong(f.ctx, f.store, e, func(long collect.LongLine) error { return add(recordLine{long: &long}) })
	if !ok {
		err = view(f.ctx, f.store, e, func(line []byte) error { return add(recordLine{text: line}) })
	}
	if ctxErr := f.ctx.Err(); ctxErr != nil {
		return ctxErr
	}
	if err != nil {
		f.unreadable = append(f.unreadable, fmt.Errorf("run %q at %s: %w", e.ID, e.Where, err))
	}
	return nil
}

// view calls read with the record of a run.
func view(ctx context.Context, s Store, e Entry, read func(line []byte) error) error {
	if lines, ok := s.(LineStore); ok {
		return lines.View(ctx, e, read)
	}
	r, err := s.Get(ctx, e)
	if err != nil {
		return err
	}
	line, err := collect.AppendRecord(nil, r)
	if err != nil {
		return err
	}
	return read(line)
}

func (f *fetch) leave(reason string) {
	for i := range f.left {
		if f.left[i].Reason == reason {
			f.left[i].Runs++
			return
		}
	}
	f.left = append(f.left, LeftOut{Reason: reason, Runs: 1})
}
