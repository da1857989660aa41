package baseline

import (
	"cmp"
	"container/list"
	"context"
	"errors"
	"math"
	"slices"
	"sort"
	"strings"
	"sync"

	"github.com/plumbline-ci/plumbline/collect"
)

// Index answers questions across the runs of a store: by the store's own index
// where it has one, and else from the records, of which it remembers what it has
// read, in so many bytes. Any number of goroutines may use it.
type Index struct {
	store Store
	own   Queries // nil: the store has none
	most  int

	mu    sync.Mutex
	books map[Suite]*book
	kept  map[string]*list.Element
	order list.List // of kept things, the last used first
	bytes int
	named int // bytes of the names of books
}

// book has the names of a suite's metrics in the order of its rows.
type book struct {
	decoder collect.Decoder
	names   int // that are counted already
}

// memo is something that is remembered.
type memo struct {
	key   string
	value any
	bytes int
}

// NewIndex makes the index of a store, which remembers so many bytes.
func NewIndex(s Store, bytes int) *Index {
	return &Index{store: s, own: queries(s), most: bytes, books: map[Suite]*book{}, kept: map[string]*list.Element{}}
}

// Groups implements Queries.
func (x *Index) Groups(ctx context.Context, f Filter) ([]Group, error) {
	if x.own != nil {
		return x.own.Groups(ctx, f)
	}
	type key struct {
		suite  Suite
		branch string
	}
	groups := map[key]*Group{}
	err := x.each(ctx, f, func(e Entry) bool {
		k := key{suiteKey(e.Origin), e.Branch}
		g := groups[k]
		if g == nil {
			g = &Group{Suite: k.suite, Branch: k.branch, Oldest: e.Time, Newest: e.Time}
			groups[k] = g
		}
		g.Add(Group{Runs: 1, Oldest: e.Time, Newest: e.Time})
		return true
	})
	var all []Group
	for _, g := range groups {
		all = append(all, *g)
	}
	return all, err
}

// Add counts the runs of another group too.
func (g *Group) Add(other Group) {
	g.Runs += other.Runs
	if other.Oldest.Before(g.Oldest) || g.Oldest.IsZero() {
		g.Oldest = other.Oldest
	}
	if other.Newest.After(g.Newest) {
		g.Newest = other.Newest
	}
}

// suiteKey is the suite of a run, with no job where that does not count.
func suiteKey(o collect.Origin) Suite {
	s := SuiteOf(o)
	if s.Name != "" {
		s.Job = ""
	}
	return s
}

// each calls do with the runs that fit, newest first, until it returns false. Lines
// that cannot be read are passed over.
func (x *Index) each(ctx context.Context, f Filter, do func(e Entry) bool) error {
	for e, err := range x.store.List(ctx, f) {
		if bad := (*collect.LineError)(nil); errors.As(err, &bad) {
			continue
		}
		if err != nil {
			return err
		}
		if f.Fits(e.Origin) && !do(e) {
			return nil
		}
	}
	return ctx.Err()
}

// namesRuns is of how many of the newest runs of a suite the names are known.
const namesRuns = 5

// Names are the metrics whose names match, by name: where the filter has a suite,
// those of its newest runs that fit, and else those of the repositories.
func (x *Index) Names(ctx context.Context, f Filter, q NameQuery) ([]MetricName, error) {
	if f.Suite == nil && x.own != nil {
		return x.own.Names(ctx, f, q)
	}
	newest, err := x.newest(ctx, f)
	if err != nil {
		return nil, err
	}
	found := map[string]MetricName{}
	for _, runs := range newest {
		names, err := x.suiteNames(ctx, runs)
		if err != nil {
			return nil, err
		}
		for _, n := range names {
			if q.Matches(n.Name) {
				found[n.Name] = n
			}
		}
	}
	all := make([]MetricName, 0, len(found))
	for _, n := range found {
		all = append(all, n)
	}
	sort.Slice(all, func(i, j int) bool { return all[i].Name < all[j].Name })
	return all[:min(len(all), q.Most)], nil
}

// newest are the newest runs that fit: of one suite where the filter has one, and
// else of each.
func (x *Index) newest(ctx context.Context, f Filter) (map[Suite][]Entry, error) {
	found := map[Suite][]Entry{}
	err := x.each(ctx, f, func(e Entry) bool {
		var k Suite
		if f.Suite == nil {
			k = suiteKey(e.Origin)
		}
		if len(found[k]) < namesRuns {
			found[k] = append(found[k], e)
		}
		return f.Suite == nil || len(found[k]) < namesRuns
	})
	return found, err
}

// suiteNames are the metrics of runs, newest first, by name. What the newest says of
// one counts.
func (x *Index) suiteNames(ctx context.Context, runs []Entry) ([]MetricName, error) {
	key := "names"
	for _, e := range runs {
		key += "\x00" + e.ID
	}
	if names, ok := x.recall(key).([]MetricName); ok {
		return names, nil
	}
	found, size := map[string]bool{}, 0
	var names []MetricName
	for _, e := range runs {
		r, err := x.store.Get(ctx, e)
		if bad := (*collect.LineError)(nil); errors.As(err, &bad) {
			continue
		}
		if err != nil {
			return nil, err
		}
		for _, m := range r.Metrics {
			if !found[m.Name] {
				found[m.Name] = true
				size += len(m.Name) + 64
				names = append(names, MetricName{strings.Clone(m.Name), collect.Unit(strings.Clone(string(m.Unit))), m.Direction()})
			}
		}
	}
	x.keep(key, names, size)
	return names, nil
}

// Series is the history of a metric: its newest values in runs that fit, at most so
// many.
func (x *Index) Series(ctx context.Context, f Filter, metric string, most int) (Series, error) {
	if x.own != nil {
		s, err := x.own.Series(ctx, f, metric, most)
		if err != nil || len(s.Points) > 0 {
			return s, err
		}
		// Where the store was told to keep no samples the records have them.
		if there, err := x.has(ctx, f, metric); err != nil || !there {
			return s, err
		}
	}
	return x.read(ctx, f, metric, most)
}

// has reports whether the newest run that fits has a metric.
func (x *Index) has(ctx context.Context, f Filter, metric string) (there bool, err error) {
	var failed error
	err = x.each(ctx, f, func(e Entry) bool {
		var v float64
		v, failed = x.value(ctx, e, metric)
		there = !math.IsNaN(v)
		return false
	})
	return there, cmp.Or(err, failed)
}

// read reads a series from the records.
func (x *Index) read(ctx context.Context, f Filter, metric string, most int) (s Series, err error) {
	var failed error
	var newest Entry
	err = x.each(ctx, f, func(e Entry) bool {
		v, err := x.value(ctx, e, metric)
		if failed = err; err != nil {
			return false
		}
		if !math.IsNaN(v) {
			if len(s.Points) == 0 {
				newest = e
			}
			s.Points = append(s.Points, Point{e.Origin, v})
		}
		return len(s.Points) < most
	})
	if err = cmp.Or(err, failed); err != nil || len(s.Points) == 0 {
		return Series{}, err
	}
	names, err := x.suiteNames(ctx, []Entry{newest})
	for _, n := range names {
		if n.Name == metric {
			s.Metric = n
		}
	}
	return s, err
}

// value is a metric's value in a run, NaN where the run does not have it or cannot
// be read.
func (x *Index) value(ctx context.Context, e Entry, metric string) (float64, error) {
	r, err := x.row(ctx, e)
	if err != nil || r.book == nil {
		return math.NaN(), err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if i, ok := r.book.decoder.Lookup(metric); ok && i < len(r.values) {
		return r.values[i], nil
	}
	return math.NaN(), nil
}

// bookRow are the values of a run, in the order of a book.
type bookRow struct {
	book   *book // nil: the run cannot be read
	values []float64
}

// row reads the values of a run.
func (x *Index) row(ctx context.Context, e Entry) (r bookRow, err error) {
	key := "row\x00" + e.ID + "\x00" + e.Time.String() + "\x00" + e.Repository
	if r, ok := x.recall(key).(bookRow); ok {
		return r, nil
	}
	err = view(ctx, x.store, e, func(line []byte) error {
		x.mu.Lock()
		defer x.mu.Unlock()
		r, err = x.decode(suiteKey(e.Origin), line)
		return err
	})
	if err != nil && r.book != nil {
		return bookRow{}, nil // a damaged record; a listing passes over it too
	}
	if err == nil {
		x.keep(key, r, 8*len(r.values)+len(key))
	}
	return r, err
}

// decode reads a record. The names of books count as half of what is remembered at
// most: a suite whose names change with each run would fill the memory.
func (x *Index) decode(suite Suite, line []byte) (bookRow, error) {
	b := x.books[suite]
	if b == nil {
		b = &book{}
		x.books[suite] = b
	}
	values, _, err := b.decoder.Row(line)
	if err != nil {
		return bookRow{book: b}, err
	}
	r := bookRow{b, slices.Clone(values)}
	for _, name := range b.decoder.Names()[b.names:] {
		x.named += len(name) + nameRoom
	}
	b.names = len(b.decoder.Names())
	if x.named > x.most/2 {
		x.books, x.named = map[Suite]*book{}, 0
	}
	return r, nil
}

// About what it takes to remember anything, and a name of a book.
const (
	entryRoom = 200
	nameRoom  = 64
)

// recall is what was kept; nil: nothing.
func (x *Index) recall(key string) any {
	x.mu.Lock()
	defer x.mu.Unlock()
	e, ok := x.kept[key]
	if !ok {
		return nil
	}
	x.order.MoveToFront(e)
	return e.Value.(*memo).value
}

// keep remembers a value, and forgets what was not used for long.
func (x *Index) keep(key string, value any, size int) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if _, ok := x.kept[key]; ok {
		return
	}
	k := &memo{key, value, size + entryRoom}
	x.kept[key] = x.order.PushFront(k)
	x.bytes += k.bytes
	for x.bytes > x.most && x.order.Len() > 0 {
		last := x.order.Back()
		k := x.order.Remove(last).(*memo)
		delete(x.kept, k.key)
		x.bytes -= k.bytes
	}
}
