package blob

import (
	"context"
	"maps"
	"slices"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/plumbline-ci/plumbline/baseline"
)

// listing is what the bucket says is below a prefix, as far as it was asked.
type listing struct {
	prefix string
	at     time.Time // when it was asked first

	mu   sync.Mutex
	runs []runKey // in the order of their keys
	next string   // token of the next page
	done bool
}

// listing gives that of a prefix: a new one, or one that is fresh.
func (s *Store) listing(prefix string) *listing {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	maps.DeleteFunc(s.listings, func(_ string, l *listing) bool { return now.Sub(l.at) >= fresh })
	if l := s.listings[prefix]; l != nil {
		return l
	}
	l := &listing{prefix: prefix, at: now}
	for _, wide := range s.listings {
		if strings.HasPrefix(prefix, wide.prefix) && wide.below(l) {
			break
		}
	}
	s.listings[prefix] = l
	return l
}

// below fills another listing with the part of this one that is below its prefix.
func (l *listing) below(part *listing) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.done {
		return false
	}
	for _, k := range l.runs {
		if strings.HasPrefix(k.key, part.prefix) {
			part.runs = append(part.runs, k)
		}
	}
	part.at, part.done = l.at, true
	return true
}

// run gives the nth run. It asks for more pages where it must and may.
func (s *Store) run(ctx context.Context, l *listing, n int, mayAsk bool) (k runKey, ok bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for n >= len(l.runs) && !l.done {
		if !mayAsk {
			return k, false, nil
		}
		found, err := s.bucket.list(ctx, l.prefix, l.next)
		if err != nil {
			return k, false, err
		}
		l.runs = append(l.runs, s.sort(found)...)
		l.next, l.done = found.next, found.next == ""
	}
	if n >= len(l.runs) {
		return k, false, nil
	}
	return l.runs[n], true, nil
}

// sort tells runs and bundles apart. What is neither is not ours.
func (s *Store) sort(p page) (runs []runKey) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, o := range p.objects {
		if k, ok := parseRun(o); ok {
			runs = append(runs, k)
			delete(s.put, k.key) // from now on listings know better
		} else if b, ok := parseBundle(o); ok && s.bundles[o.key] == nil {
			s.bundles[o.key] = b
		}
	}
	return runs
}

// source is a part of a sequence, newest run first.
type source struct {
	l    *listing
	runs []runKey // where the order is not that of the listing
	at   int
}

// sequence are the keys below some prefixes, newest first.
type sequence struct {
	store   *Store
	sources []*source
	last    string
	ahead   []runKey // looked at before their turn
}

// sequence is that of a filter. It asks for the first page of each prefix; where
// the order of keys is not that of time, it asks for all.
func (s *Store) sequence(ctx context.Context, f baseline.Filter) (*sequence, error) {
	q := &sequence{store: s}
	under := prefixes(f)
	var wait sync.WaitGroup
	errs := make([]error, len(under))
	for i, prefix := range under {
		src := &source{l: s.listing(s.root + prefix)}
		q.sources = append(q.sources, src)
		wait.Go(func() {
			if strings.Count(prefix, "/") == levels {
				_, _, errs[i] = s.run(ctx, src.l, 0, true)
				return
			}
			src.runs, errs[i] = s.all(ctx, src.l)
			sortByAge(src.runs)
		})
	}
	wait.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	q.sources = append(q.sources, &source{runs: s.own(under)})
	return q, nil
}

// sortByAge puts the newest first.
func sortByAge(runs []runKey) {
	sort.Slice(runs, func(i, j int) bool { return runs[i].before(runs[j]) })
}

// all are the runs of a whole listing. The slice is the caller's, and not nil.
func (s *Store) all(ctx context.Context, l *listing) ([]runKey, error) {
	runs := []runKey{}
	for n := 0; ; n++ {
		k, ok, err := s.run(ctx, l, n, true)
		if err != nil || !ok {
			return runs, err
		}
		runs = append(runs, k)
	}
}

// own are the runs that this Store has put lately: a listing may lack them.
func (s *Store) own(under []string) []runKey {
	s.mu.Lock()
	defer s.mu.Unlock()
	runs, now := []runKey{}, s.now()
	maps.DeleteFunc(s.put, func(_ string, c change) bool { return now.Sub(c.at) > settled })
	maps.DeleteFunc(s.gone, func(_ string, at time.Time) bool { return now.Sub(at) > settled })
	for key, c := range s.put {
		if slices.ContainsFunc(under, func(p string) bool { return strings.HasPrefix(key, s.root+p) }) {
			runs = append(runs, c.key)
		}
	}
	sortByAge(runs)
	return runs
}

func (s *Store) peek(ctx context.Context, src *source, mayAsk bool) (runKey, bool, error) {
	if src.runs == nil {
		return s.run(ctx, src.l, src.at, mayAsk)
	}
	if src.at < len(src.runs) {
		return src.runs[src.at], true, nil
	}
	return runKey{}, false, nil
}

// next gives the next key; ok is false at the end.
func (q *sequence) next(ctx context.Context) (k runKey, ok bool, err error) {
	if len(q.ahead) > 0 {
		k, q.ahead = q.ahead[0], q.ahead[1:]
		return k, true, nil
	}
	return q.pull(ctx, true)
}

// peek gives up to n of the keys that come next, as far as they are known.
func (q *sequence) peek(ctx context.Context, n int) []runKey {
	for len(q.ahead) < n {
		k, ok, err := q.pull(ctx, false)
		if err != nil || !ok {
			break
		}
		q.ahead = append(q.ahead, k)
	}
	return q.ahead[:min(n, len(q.ahead))]
}

// pull takes the newest key of all sources, once where several have it.
func (q *sequence) pull(ctx context.Context, mayAsk bool) (runKey, bool, error) {
	for {
		var best *source
		var newest runKey
		for _, src := range q.sources {
			k, ok, err := q.store.peek(ctx, src, mayAsk)
			if err != nil {
				return k, false, err
			}
			if !ok && !mayAsk && src.unasked() {
				return k, false, nil // the next key may be on a page that nobody asked for
			}
			if ok && (best == nil || k.before(newest)) {
				best, newest = src, k
			}
		}
		if best == nil {
			return newest, false, nil
		}
		best.at++
		if newest.key == q.last || q.store.isGone(newest.key) {
			continue
		}
		q.last = newest.key
		return newest, true, nil
	}
}

// unasked reports whether there may be more pages.
func (src *source) unasked() bool {
	if src.runs != nil {
		return false
	}
	src.l.mu.Lock()
	defer src.l.mu.Unlock()
	return !src.l.done
}

func (s *Store) isGone(key string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, gone := s.gone[key]
	return gone
}
