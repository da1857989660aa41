package blob

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/collect"
)

// Store keeps runs in object storage: an object a run, which is written once and
// never changed. Any number of machines may write, read and delete at once.
//
// List orders the runs from 1970 on exactly. It keeps what it has read, so that View
// and another List do not read it again, and it may answer from a listing that is
// some seconds old; what this Store has written or deleted itself it always knows.
type Store struct {
	bucket patience
	place  place
	root   string // of all keys
	now    func() time.Time
	codec  codec

	mu       sync.Mutex
	runs     map[string]*known // by key
	order    []string          // of the keys with a body, as they came
	held     int               // bytes of bodies
	bundles  map[string]*bundle
	listings map[string]*listing // by prefix
	put      map[string]change   // written by this Store, by key
	gone     map[string]time.Time
	quiet    bool // bundles cannot be written
}

// change is a run that this Store has put.
type change struct {
	key runKey
	at  time.Time
}

const (
	readers = 16 // objects that are read at once
	// fresh is how long a listing is good for another one: a command lists two or
	// three times.
	fresh = 5 * time.Second
	// settled is how long a listing may lack what was written, or have what was deleted.
	settled = time.Minute
)

// Put writes a run where there is none of its id and time. To put the same run again
// does nothing; another one in its place is an error.
func (s *Store) Put(ctx context.Context, r collect.Run) error {
	line, err := collect.AppendRecord(nil, r)
	if err != nil {
		return err
	}
	o, err := collect.DecodeOrigin(line) // its time is as fine as a record has it
	if err != nil {
		return err
	}
	body, err := s.codec.encode(line)
	if err != nil {
		return err
	}
	key, ok := parseRun(listed{key: s.root + folder(o) + runName(o), size: int64(len(body))})
	if !ok {
		return fmt.Errorf("store run %q: its time %s cannot be told in a key", o.ID, o.Time)
	}
	err = s.bucket.put(ctx, key.key, body)
	if errors.Is(err, errExists) {
		err = s.settle(ctx, key, body, bytes.TrimRight(line, "\n"))
	}
	if err != nil {
		return fmt.Errorf("store run %q: %w", o.ID, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.put[key.key] = change{key, s.now()}
	delete(s.gone, key.key)
	return nil
}

// settle finds out what is where a run was to be written.
func (s *Store) settle(ctx context.Context, key runKey, body, line []byte) error {
	for range 3 {
		there, err := s.bucket.get(ctx, key.key)
		if errors.Is(err, errMissing) { // someone has deleted it meanwhile
			if err = s.bucket.put(ctx, key.key, body); !errors.Is(err, errExists) {
				return err
			}
			continue
		}
		if err != nil {
			return err
		}
		if other, err := s.codec.decode(there); err == nil && bytes.Equal(other, line) {
			return nil
		}
		return fmt.Errorf("another run of that id and time is at %s, with other content; a stored run does not change: delete it first, or give the new one another run_id", s.where(key.key))
	}
	return fmt.Errorf("others write and delete it at %s again and again", s.where(key.key))
}

func (s *Store) where(key string) string {
	return s.place.scheme + "://" + s.place.bucket + "/" + key
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

// View calls read with the record of an entry; see baseline.LineStore.
func (s *Store) View(ctx context.Context, e baseline.Entry, read func(line []byte) error) error {
	line, err := s.line(ctx, e)
	if errors.Is(err, errMissing) {
		err = fmt.Errorf("read run %q of store %q: it is not there", e.ID, s.place.name())
	}
	if err != nil {
		return err
	}
	return read(line)
}

func (s *Store) line(ctx context.Context, e baseline.Entry) ([]byte, error) {
	if _, ok := parseRun(listed{key: e.Ref}); !ok || !strings.HasPrefix(e.Ref, s.root) {
		return nil, fmt.Errorf("read run %q of store %q: the entry is of another store", e.ID, s.place.name())
	}
	s.mu.Lock()
	var body []byte
	if k := s.runs[e.Ref]; k != nil {
		body = k.body
	}
	_, gone := s.gone[e.Ref]
	s.mu.Unlock()
	if gone {
		return nil, errMissing
	}
	if body == nil {
		var err error
		if body, err = s.bucket.get(ctx, e.Ref); err != nil {
			return nil, err
		}
	}
	line, err := s.codec.decode(body)
	if err == nil && collect.DecodeID(line) != e.ID {
		err = errors.New("it has another run_id")
	}
	if err != nil {
		return nil, fmt.Errorf("read run %q at %s: %w", e.ID, s.where(e.Ref), err)
	}
	return line, nil
}
