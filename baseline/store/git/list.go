package git

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"iter"
	"slices"
	"sort"
	"strings"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/collect"
)

// item is a stored run with its place.
type item struct {
	collect.Origin
	path string
	line int
	at   int64 // of its first byte
	size int
	sum  uint64 // of its text
}

// newer reports whether a comes before b in a listing: the later run, and of runs
// of one time the one that was written last.
func (a item) newer(b item) bool {
	if !a.Time.Equal(b.Time) {
		return a.Time.After(b.Time)
	}
	if a.path != b.path {
		return a.path > b.path
	}
	return a.at > b.at
}

var seed = maphash.MakeSeed()

// List yields the stored runs, newest first. It reads the files of days and
// repositories that may fit the filter from the newest back, and little further
// than it is asked. Of lines with the same run_id the newest counts.
func (s *Store) List(ctx context.Context, by baseline.Filter) iter.Seq2[baseline.Entry, error] {
	return func(yield func(baseline.Entry, error) bool) {
		now, err := s.current(ctx)
		if err != nil {
			yield(baseline.Entry{}, s.wrap("list", err))
			return
		}
		for _, err := range now.faults {
			if !yield(baseline.Entry{}, err) {
				return
			}
		}
		l := &listing{store: s, ctx: ctx, files: now.wanted(by), ahead: 2, first: map[string]item{}}
		l.run(yield)
	}
}

// current is the branch as it was a moment ago.
func (s *Store) current(ctx context.Context) (now *snapshot, err error) {
	err = s.alone(ctx, func() error {
		if err := s.look(ctx, s.trust); err != nil {
			return err
		}
		now = s.now
		return now.other
	})
	return now, err
}

// listing is a listing under way.
type listing struct {
	store *Store
	ctx   context.Context
	files []file   // not read yet
	ahead int      // as many of them are fetched together
	open  [][]item // of each file that was read, what was not yielded yet
	first map[string]item
}

func (l *listing) run(yield func(baseline.Entry, error) bool) {
	for {
		if err := l.ctx.Err(); err != nil {
			yield(baseline.Entry{}, err)
			return
		}
		best := l.newest()
		if len(l.files) > 0 && (best < 0 || l.mayPrecede(l.files[0], l.open[best][0])) {
			if !l.next(yield) {
				return
			}
			continue
		}
		if best < 0 {
			return
		}
		it := l.open[best][0]
		if l.open[best] = l.open[best][1:]; len(l.open[best]) == 0 {
			l.open = slices.Delete(l.open, best, best+1)
		}
		if !l.yield(it, yield) {
			return
		}
	}
}

// newest is the file that has the newest run; below 0: none has any.
func (l *listing) newest() int {
	best := -1
	for i, items := range l.open {
		if best < 0 || items[0].newer(l.open[best][0]) {
			best = i
		}
	}
	return best
}

func (l *listing) mayPrecede(f file, it item) bool {
	return f.day.IsZero() || it.Time.Before(f.until())
}

// next reads one more file.
func (l *listing) next(yield func(baseline.Entry, error) bool) bool {
	s, f := l.store, l.files[0]
	var b *blob
	err := s.alone(l.ctx, func() (err error) {
		reads := s.blobs.reads
		defer func() {
			if s.blobs.reads > reads {
				l.ahead = min(4*l.ahead, mostBatch)
			}
		}()
		if b, err = s.load(l.ctx, l.files[:min(l.ahead, len(l.files))]); err == nil {
			b.list(s.branch, f.path)
		}
		return err
	})
	l.files = l.files[1:]
	if err != nil {
		yield(baseline.Entry{}, s.wrap("list", err))
		return false
	}
	if b.err != nil {
		return yield(baseline.Entry{}, fault(s.branch, f.path, b.err))
	}
	if len(b.items) > 0 {
		l.open = append(l.open, b.items)
	}
	for _, err := range b.bad {
		if !yield(baseline.Entry{}, err) {
			return false
		}
	}
	return true
}

// list finds the runs of a file.
func (b *blob) list(branch, name string) {
	if b.listed && (len(b.items) == 0 || b.items[0].path == name) {
		return
	}
	b.listed, b.items, b.bad = true, nil, nil
	var origins collect.OriginDecoder
	shown := showName(branch, name)
	for line, err := range collect.NewReader(bytes.NewReader(b.text), shown).Lines() {
		var origin collect.Origin
		if err == nil {
			origin, err = origins.Decode(line.Text)
			err = line.Fault(shown, err)
		}
		if err != nil {
			if bad := (*collect.LineError)(nil); !errors.As(err, &bad) {
				err = fault(branch, name, err)
			}
			b.bad = append(b.bad, err)
			continue
		}
		b.items = append(b.items, item{origin, name, line.Number, line.Offset, len(line.Text), maphash.Bytes(seed, line.Text)})
	}
	sort.Slice(b.items, func(i, j int) bool { return b.items[i].newer(b.items[j]) })
}

// yield yields a run that was not yielded before. Another line that is the same
// is left out without a word; one that differs is reported.
func (l *listing) yield(it item, yield func(baseline.Entry, error) bool) bool {
	branch := l.store.branch
	other, again := l.first[it.ID]
	switch {
	case !again:
		l.first[it.ID] = it
		return yield(baseline.Entry{Origin: it.Origin, Ref: it.ref(), Where: it.where(branch)}, nil)
	case other.sum == it.sum && other.size == it.size:
		return true
	}
	err := fmt.Errorf("run %q is also at %s with other content; that one counts, as it is the newest", it.ID, other.where(branch))
	return yield(baseline.Entry{}, &collect.LineError{File: showName(branch, it.path), Line: it.line, At: it.at, Err: err})
}

func (a item) where(branch string) string {
	return fmt.Sprintf("%s:%d", showName(branch, a.path), a.line)
}

func (a item) ref() string { return fmt.Sprintf("%d+%d@%s", a.at, a.size, a.path) }

// View calls read with the record of an entry; see baseline.LineStore.
func (s *Store) View(ctx context.Context, e baseline.Entry, read func(line []byte) error) error {
	line, err := s.find(ctx, e)
	if err != nil {
		return err
	}
	if line == nil { // Delete has moved the run since it was listed, or removed it
		for now, err := range s.List(ctx, baseline.Filter{ID: e.ID}) {
			if err == nil && now.ID == e.ID {
				line, err = s.find(ctx, now)
				if err != nil {
					return err
				}
				break
			}
		}
	}
	if line == nil {
		return fmt.Errorf("read run %q of store %q: it is not there", e.ID, s.name)
	}
	return read(line)
}

// find is the record of an entry; nil: it is not where the entry says.
func (s *Store) find(ctx context.Context, e baseline.Entry) ([]byte, error) {
	var at, size int
	where, name, ok := strings.Cut(e.Ref, "@")
	if n, err := fmt.Sscanf(where, "%d+%d", &at, &size); !ok || err != nil || n != 2 || at < 0 || size < 0 {
		return nil, fmt.Errorf("read run %q of store %q: ref %q is not of this store", e.ID, s.name, e.Ref)
	}
	line, err := s.line(ctx, name, at, size)
	if err != nil {
		return nil, s.wrap("read", err)
	}
	if collect.DecodeID(line) != e.ID {
		return nil, nil
	}
	return line, nil
}

// line is a piece of a file; nil: there is none.
func (s *Store) line(ctx context.Context, name string, at, size int) (line []byte, err error) {
	err = s.alone(ctx, func() error {
		if err := s.look(ctx, s.trust); err != nil {
			return err
		}
		f, ok := s.now.files[name]
		if !ok {
			return nil
		}
		b, err := s.load(ctx, []file{f})
		if err == nil && b.err == nil && at+size <= len(b.text) {
			line = b.text[at : at+size]
		}
		return err
	})
	return line, err
}

// Get reads the run of an entry that List yielded.
func (s *Store) Get(ctx context.Context, e baseline.Entry) (r collect.Run, err error) {
	err = s.View(ctx, e, func(line []byte) (err error) {
		if r, err = collect.Decode(line); err != nil {
			return fmt.Errorf("read run %q at %s: %w", e.ID, e.Where, err)
		}
		return nil
	})
	return r, err
}
