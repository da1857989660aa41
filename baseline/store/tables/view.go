package tables

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/plumbline-ci/plumbline/baseline"
)

// The records that are read ahead. Who reads one run of a page most likely reads
// those behind it, and each question takes a way to the server and back.
const (
	mostAhead      = firstPage
	mostAheadBytes = 16 << 20 // as they are stored, which is about a tenth of the text
)

// View calls read with the record of an entry; see baseline.LineStore.
func (s *Store) View(ctx context.Context, e baseline.Entry, read func(line []byte) error) error {
	k, err := deref(e.Ref)
	if err != nil {
		return fmt.Errorf("read run %q of store %q: %w", e.ID, s.name, err)
	}
	packed, err := s.packed(ctx, k)
	if err != nil {
		return err
	}
	if packed == nil {
		return fmt.Errorf("read run %q of store %q: it is not there", e.ID, s.name)
	}
	line, err := unpack(nil, packed)
	if err != nil {
		return fmt.Errorf("read run %q of store %q: %w", e.ID, s.name, err)
	}
	return read(line)
}

// packed is the record of a run as it is stored; nil: the run is not there.
func (s *Store) packed(ctx context.Context, k Key) ([]byte, error) {
	s.mu.Lock()
	record, ok := s.ahead[k]
	p := s.page
	s.mu.Unlock()
	if ok {
		return record, nil
	}
	f, n := p.from(k)
	if n == 0 { // it is not of the page that was listed last
		f, n = baseline.Filter{Repositories: []string{baseline.PatternOf(k.Repository)}, ID: k.ID}, 1
	}
	found, err := s.records(ctx, f, k, n)
	if err != nil {
		return nil, err
	}
	if n > 1 {
		s.mu.Lock()
		s.ahead = found
		s.mu.Unlock()
	}
	return found[k], nil
}

// from says how to ask for the records of a page, from that of a run on.
func (p page) from(k Key) (f baseline.Filter, n int) {
	i := slices.IndexFunc(p.runs, func(r listed) bool { return r.key == k })
	if i < 0 {
		return f, 0
	}
	bytes := 0
	for _, r := range p.runs[i:] {
		if bytes += r.bytes; n > 0 && bytes > mostAheadBytes || n == mostAhead {
			break
		}
		n++
	}
	return p.filter, n
}

// records reads n records of a listing, from that of a run on.
func (s *Store) records(ctx context.Context, f baseline.Filter, from Key, n int) (map[Key][]byte, error) {
	q := query{dialect: s.dialect, columns: "time, repository, run_id, record", filter: f, from: &from, limit: n}
	found := make(map[Key][]byte, n)
	text := q.text()
	err := s.db.Query(ctx, text, q.args, func(scan func(...any) error) error {
		var k Key
		var at any
		var record []byte
		if err := scan(&at, &k.Repository, &k.ID, &record); err != nil {
			return err
		}
		k.Time = moment(at)
		found[k] = slices.Clone(record)
		return nil
	})
	if errors.Is(err, ErrNoTables) {
		return nil, nil
	}
	return found, err
}

// forget drops what was read ahead.
func (s *Store) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.page, s.ahead = page{}, nil
}
