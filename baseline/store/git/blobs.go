package git

import (
	"bytes"
	"context"
	"fmt"
	"strconv"
	"strings"
)

// The sizes of what is read, in bytes.
const (
	mostFile  = 128 << 20 // of one file; GitHub takes 100 MB
	mostAhead = 32 << 20  // read in one go, so that it is there when it is asked for
	mostKept  = 96 << 20  // kept in memory
	mostBatch = 32        // files fetched in one go
)

// cache has the files that were read last.
type cache struct {
	blobs map[string]*blob
	order []string // as they came
	size  int
	reads int // files that were ever read
}

// blob is the text of a file.
type blob struct {
	text []byte
	err  error // why there is none
	// items are its runs, newest first, and bad its lines that are none, once it was
	// listed.
	listed bool
	items  []item
	bad    []error
}

// keep adds a file and drops those that came first.
func (c *cache) keep(id string, b *blob) {
	if c.blobs == nil {
		c.blobs = map[string]*blob{}
	}
	if c.blobs[id] != nil {
		return
	}
	c.blobs[id] = b
	c.order = append(c.order, id)
	c.size += len(b.text)
	for c.size > mostKept && len(c.order) > 1 {
		c.size -= len(c.blobs[c.order[0]].text)
		delete(c.blobs, c.order[0])
		c.order = c.order[1:]
	}
}

// load reads the first of files, and some behind it that are likely to be asked
// for next. It is called by whoever has the turn.
func (s *Store) load(ctx context.Context, files []file) (*blob, error) {
	if b := s.blobs.blobs[files[0].blob]; b != nil {
		return b, nil
	}
	var ids []string
	for _, f := range files {
		if s.blobs.blobs[f.blob] == nil {
			ids = append(ids, f.blob)
		}
	}
	sizes, missing, err := s.sizes(ctx, ids)
	if err == nil && len(missing) > 0 {
		if err = s.retried(ctx, func() error { return s.private.fetchBlobs(ctx, missing) }); err == nil {
			sizes, missing, err = s.sizes(ctx, ids)
		}
	}
	if err == nil && len(missing) > 0 {
		err = fmt.Errorf("%s has no object %s", s.private.where, missing[0])
	}
	if err != nil {
		return nil, err
	}
	return s.read(ctx, ids, sizes)
}

// sizes tells how large files are, and which are not here.
func (s *Store) sizes(ctx context.Context, ids []string) (sizes map[string]int, missing []string, err error) {
	out, err := s.private.local(ctx, strings.NewReader(strings.Join(ids, "\n")+"\n"), "cat-file", "--batch-check")
	if err != nil {
		return nil, nil, err
	}
	sizes = map[string]int{}
	for line := range strings.Lines(string(out)) {
		f := strings.Fields(line)
		switch {
		case len(f) == 2 && f[1] == "missing":
			missing = append(missing, f[0])
		case len(f) == 3:
			sizes[f[0]], err = strconv.Atoi(f[2])
		}
		if err != nil {
			return nil, nil, fmt.Errorf("git cat-file says %q: %w", line, err)
		}
	}
	return sizes, missing, nil
}

// read reads files that are here: the first, and others as far as they are small.
func (s *Store) read(ctx context.Context, ids []string, sizes map[string]int) (*blob, error) {
	var ask []string
	sum := 0
	for i, id := range ids {
		size := sizes[id]
		switch {
		case size > s.most:
			s.blobs.keep(id, &blob{err: errTooLarge})
		case i == 0 || sum+size <= mostAhead:
			sum += size
			ask = append(ask, id)
		}
	}
	first := s.blobs.blobs[ids[0]]
	out := []byte(nil)
	if len(ask) > 0 {
		var err error
		if out, err = s.private.local(ctx, strings.NewReader(strings.Join(ask, "\n")+"\n"), "cat-file", "--batch"); err != nil {
			return nil, err
		}
	}
	for _, id := range ask {
		head, rest, ok := bytes.Cut(out, []byte("\n"))
		if !ok || len(rest) <= sizes[id] || !bytes.HasPrefix(head, []byte(id+" blob ")) {
			return nil, fmt.Errorf("git cat-file says %q of file %s", head, id)
		}
		b := &blob{text: bytes.Clone(rest[:sizes[id]])}
		if out = rest[sizes[id]+1:]; bytes.HasPrefix(b.text, []byte("\x1f\x8b")) {
			b = &blob{err: errZipped}
		}
		s.blobs.reads++
		s.blobs.keep(id, b)
		if id == ids[0] {
			first = b
		}
	}
	return first, nil
}
