package tables

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"strings"
	"time"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/collect"
)

// The runs of a page. The first page is what the usual baseline takes, with some to
// leave out; who reads on wants many.
const (
	firstPage = 64
	mostPage  = 1024
)

// page is a part of a listing.
type page struct {
	filter baseline.Filter
	runs   []listed
}

// listed is a run of a page.
type listed struct {
	key    Key
	entry  baseline.Entry
	bytes  int // of its record, as it is stored
	broken error
}

// List yields the runs that fit the filter, newest first. It asks for them in
// pages, each from where the one before ended: runs that come while it reads
// neither show twice nor hide others.
func (s *Store) List(ctx context.Context, f baseline.Filter) iter.Seq2[baseline.Entry, error] {
	return func(yield func(baseline.Entry, error) bool) {
		var after *Key
		origins := &collect.OriginDecoder{}
		for limit := firstPage; ; limit = min(4*limit, mostPage) {
			p, err := s.read(ctx, f, after, limit, origins)
			if err == nil {
				err = ctx.Err()
			}
			if err != nil {
				yield(baseline.Entry{}, err)
				return
			}
			if !s.yield(ctx, p, yield) || len(p.runs) < limit {
				return
			}
			after = &p.runs[len(p.runs)-1].key
		}
	}
}

// yield hands out a page and reports whether the listing goes on.
func (s *Store) yield(ctx context.Context, p page, yield func(baseline.Entry, error) bool) bool {
	s.mu.Lock()
	s.page = p
	s.mu.Unlock()
	for _, r := range p.runs {
		switch err := ctx.Err(); {
		case err != nil:
			yield(baseline.Entry{}, err)
			return false
		case r.broken != nil:
			if !yield(baseline.Entry{}, r.broken) {
				return false
			}
		case p.filter.Fits(r.entry.Origin):
			if !yield(r.entry, nil) {
				return false
			}
		}
	}
	return true
}

func (s *Store) read(ctx context.Context, f baseline.Filter, after *Key, limit int, origins *collect.OriginDecoder) (page, error) {
	q := query{dialect: s.dialect, columns: "time, repository, run_id, origin, bytes", filter: f, after: after, limit: limit}
	p := page{filter: f}
	text := q.text()
	err := s.db.Query(ctx, text, q.args, func(scan func(...any) error) error {
		var r listed
		var at any
		var origin string
		if err := scan(&at, &r.key.Repository, &r.key.ID, &origin, &r.bytes); err != nil {
			return err
		}
		r.key.Time = moment(at)
		o, err := origins.Decode([]byte(origin))
		if err != nil {
			r.broken = &collect.LineError{File: fmt.Sprintf("run %q in store %q", r.key.ID, s.name), Err: err}
		}
		r.entry = baseline.Entry{Origin: o, Ref: ref(r.key), Where: s.name}
		p.runs = append(p.runs, r)
		return nil
	})
	if errors.Is(err, ErrNoTables) {
		return page{}, nil
	}
	return p, err
}

// moment is a time as a driver gives it.
func moment(stored any) time.Time {
	switch at := stored.(type) {
	case time.Time:
		return at.UTC()
	case int64:
		return time.UnixMicro(at).UTC()
	}
	return time.Time{}
}

// ref finds a run again.
func ref(k Key) string {
	return strings.Join([]string{strconv.FormatInt(k.Time.UnixMicro(), 10), k.ID, k.Repository}, "\x00")
}

// deref reads a ref.
func deref(ref string) (Key, error) {
	parts := strings.Split(ref, "\x00")
	if len(parts) == 3 {
		if at, err := strconv.ParseInt(parts[0], 10, 64); err == nil {
			return Key{parts[2], time.UnixMicro(at).UTC(), parts[1]}, nil
		}
	}
	return Key{}, fmt.Errorf("ref %q is not of this store", ref)
}
