package collect

import (
	"fmt"
	"hash/maphash"
	"maps"
	"math/bits"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// instrument is what a series is kept in.
type instrument interface {
	// metrics appends what the instrument holds to a run, under the names of its
	// series.
	metrics(to []Metric, s *series) []Metric
	// refused is how many operations it did not take.
	refused() int64
}

// series is one instrument under its name and tags.
type series struct {
	instrument
	name  string   // with the tags
	tags  Tags     // nil where there are none
	names []string // of the metrics that it makes, where these are others
}

// namesake are the series of one name.
type namesake struct {
	name    string
	kind    string
	most    int
	dropped atomic.Int64 // lookups of series above the cap

	mu     sync.RWMutex
	byName map[string]*series
	all    []*series // by name where they are sorted, else in the order of their making
	sorted bool
	spare  instrument // takes what is above the cap, and is never reported
}

// find returns the series of a full name, which it makes where it is new.
func (f *namesake) find(name string, tags Tags, make func() instrument) instrument {
	f.mu.RLock()
	s := f.byName[name]
	f.mu.RUnlock()
	if s != nil {
		return s.instrument
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if s := f.byName[name]; s != nil {
		return s.instrument
	}
	if len(f.all) >= f.most {
		f.dropped.Add(1)
		if f.spare == nil {
			f.spare = make()
		}
		return f.spare
	}
	s = &series{instrument: make(), name: name, tags: maps.Clone(tags)}
	s.names = names(f.name, s)
	f.byName[name] = s
	f.all = append(f.all, s)
	f.sorted = false
	return s.instrument
}

// list are the series there are, by name.
func (f *namesake) list() []*series {
	f.mu.RLock()
	all, sorted := f.all[:len(f.all):len(f.all)], f.sorted
	f.mu.RUnlock()
	if sorted {
		return all
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	all = slices.Clone(f.all) // who was given the old one reads it still
	slices.SortFunc(all, func(a, b *series) int { return strings.Compare(a.name, b.name) })
	f.all, f.sorted = all, true
	return all[:len(all):len(all)]
}

// series returns the instrument of a name and its tags. A name that is taken for
// another kind gives an instrument that nobody reports, and a problem.
func find[T instrument](r *Recorder, name string, tags Tags, make func() T) T {
	f := r.namesake(name, fmt.Sprintf("%T", *new(T)))
	if f == nil {
		return make()
	}
	return f.find(Name(name, tags), tags, func() instrument { return make() }).(T)
}

// namesake returns the namesake of a name, nil where that is of another kind.
func (r *Recorder) namesake(name, kind string) *namesake {
	r.mu.RLock()
	f := r.namesakes[name]
	r.mu.RUnlock()
	if f == nil {
		r.mu.Lock()
		if f = r.namesakes[name]; f == nil {
			f = &namesake{name: name, kind: kind, most: r.options.MostSeries, byName: map[string]*series{}}
			r.namesakes[name] = f
		}
		r.mu.Unlock()
	}
	if f.kind != kind {
		r.problem(fmt.Errorf("metric %q is a %s and is asked for as a %s: what is recorded there is lost", name, f.kind[len("*collect."):], kind[len("*collect."):]))
		return nil
	}
	return f
}

// suffixed puts a suffix behind the base of a series' name, before its tags.
func suffixed(name, suffix string) string {
	if at := strings.IndexByte(name, '['); at >= 0 {
		return name[:at] + suffix + name[at:]
	}
	return name + suffix
}

// Vec finds the series of a name by the values of its tags, faster than by Tags:
// without a lock and without allocating. It is what a program keeps whose tags
// are only known at each call. A nil Vec gives nil instruments.
type Vec[T any] struct {
	keys  []string
	make  func(Tags) *T
	seed  maphash.Seed // for long values
	mix   uint64       // for short ones
	table atomic.Pointer[vecTable[T]]
	mu    sync.Mutex
}

// vecTable is a hash table with open addressing that is never changed once it is
// seen, but for entries that are added to empty places.
type vecTable[T any] struct {
	places []atomic.Pointer[vecEntry[T]] // a power of two, at most half of them taken
	taken  int
}

type vecEntry[T any] struct {
	hash   uint64
	words  words
	values []string
	to     *T
}

// words are two words of each of the first values: with its length, all of one
// of up to wholeLength bytes, and a hash of a longer one.
type words [4][2]uint64

const wholeLength = 16

func newVec[T any](keys []string, make func(Tags) *T) *Vec[T] {
	v := &Vec[T]{keys: slices.Clone(keys), make: make, seed: maphash.MakeSeed(), mix: rand.Uint64()}
	v.table.Store(newVecTable[T](8))
	return v
}

func newVecTable[T any](size int) *vecTable[T] {
	return &vecTable[T]{places: make([]atomic.Pointer[vecEntry[T]], size)}
}

// With returns the instrument of the tags' values, which are in the order of the
// keys. A key without a value is no tag of it, and a value without a key is left
// out.
func (v *Vec[T]) With(values ...string) *T {
	if v == nil {
		return nil
	}
	// Written out in one function, and words compared in place of texts, because
	// calls would be most of the cost.
	var all words
	hash := uint64(len(values))
	for i, s := range values {
		var a, b uint64
		n := len(s)
		switch {
		case n > wholeLength:
			a = maphash.String(v.seed, s)
		case n >= 8:
			a, b = word(s), word(s[n-8:])
		case n >= 4:
			a = uint64(half(s))<<32 | uint64(half(s[n-4:]))
		case n > 0:
			a = uint64(s[0])<<16 | uint64(s[n/2])<<8 | uint64(s[n-1])
		}
		all[i&3] = [2]uint64{a, b} // of more than four values has compares the texts
		high, low := bits.Mul64(a^v.mix, b^v.mix^(uint64(i)<<8+uint64(n))*0x9e3779b97f4a7c15)
		hash += high ^ low
	}
	t := v.table.Load()
	mask := uint64(len(t.places) - 1)
	for at := hash & mask; ; at = (at + 1) & mask {
		e := t.places[at].Load()
		if e == nil {
			return v.add(hash, all, values)
		}
		if e.hash == hash && e.has(&all, values) {
			return e.to
		}
	}
}

// half is the first 4 bytes of a text.
func half(s string) uint32 {
	_ = s[3]
	return uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16 | uint32(s[3])<<24
}

// word is the first 8 bytes of a text.
func word(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// has reports whether the entry is of these values, which have these words.
func (e *vecEntry[T]) has(all *words, values []string) bool {
	if len(e.values) != len(values) {
		return false
	}
	for i, s := range e.values {
		if len(s) != len(values[i]) || e.words[i&3] != all[i&3] {
			return false
		}
		if (len(s) > wholeLength || len(values) > len(all)) && s != values[i] {
			return false
		}
	}
	return true
}

// add makes the instrument of new values. Above the cap of series many values
// lead to one instrument, and no entry is kept for them.
func (v *Vec[T]) add(hash uint64, all words, values []string) *T {
	v.mu.Lock()
	defer v.mu.Unlock()
	t := v.table.Load()
	if e := t.find(hash, &all, values); e != nil {
		return e.to // another one added it
	}
	kept := make([]string, len(values))
	tags := make(Tags, len(v.keys))
	for i, s := range values {
		kept[i] = strings.Clone(s)
		if i < len(v.keys) {
			tags[v.keys[i]] = kept[i]
		}
	}
	to := v.make(tags)
	if t.taken >= mostEntries {
		return to
	}
	if 2*(t.taken+1) > len(t.places) {
		t = t.grown()
	}
	t.put(&vecEntry[T]{hash, all, kept, to})
	v.table.Store(t)
	return to
}

// find returns the entry of values, nil where there is none.
func (t *vecTable[T]) find(hash uint64, all *words, values []string) *vecEntry[T] {
	mask := uint64(len(t.places) - 1)
	for at := hash & mask; ; at = (at + 1) & mask {
		e := t.places[at].Load()
		if e == nil || e.hash == hash && e.has(all, values) {
			return e
		}
	}
}

// mostEntries bounds a table where series are dropped.
const mostEntries = 1 << 16

func (t *vecTable[T]) put(e *vecEntry[T]) {
	mask := uint64(len(t.places) - 1)
	at := e.hash & mask
	for t.places[at].Load() != nil {
		at = (at + 1) & mask
	}
	t.places[at].Store(e)
	t.taken++
}

func (t *vecTable[T]) grown() *vecTable[T] {
	larger := newVecTable[T](2 * len(t.places))
	for i := range t.places {
		if e := t.places[i].Load(); e != nil {
			larger.put(e)
		}
	}
	return larger
}
