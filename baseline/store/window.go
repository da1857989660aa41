package store

import (
	"cmp"
	"compress/gzip"
	"fmt"
	"io"
	"slices"
	"sync"
)

// windowBytes is how much of a compressed file's text is kept. Runs are asked
// for from the newest to older ones, and so the text that ends with one run
// most likely has the next ones too.
const windowBytes = 32 << 20

// window is a piece of the text of a compressed file, which can only be read
// from its begin.
type window struct {
	mu    sync.Mutex
	most  int64 // of text that is kept; 0: windowBytes
	path  string
	start int64
	text  []byte
}

// view calls read with the line at a place. It is a line of t, which is zipped.
func (w *window) view(t *text, p place, read func(line []byte) error) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	end := p.at + int64(p.size)
	if w.path != p.path || p.at < w.start || end > w.start+int64(len(w.text)) {
		if err := w.move(t, min(p.at, end-cmp.Or(w.most, windowBytes)), end); err != nil {
			return err
		}
	}
	return read(w.text[p.at-w.start : end-w.start])
}

// move reads the file from its begin up to end and keeps what follows start.
func (w *window) move(t *text, start, end int64) error {
	w.path, w.text, w.start = t.path, w.text[:0], max(0, start)
	unzipped, err := gzip.NewReader(t.stream())
	if err != nil {
		return fmt.Errorf("read %s: %w", t.path, err)
	}
	if _, err := io.CopyN(io.Discard, unzipped, w.start); err != nil {
		return fmt.Errorf("read %s: %w", t.path, err)
	}
	w.text = slices.Grow(w.text, int(end-w.start))[:end-w.start]
	if n, err := io.ReadFull(unzipped, w.text); err != nil {
		w.text = w.text[:n]
		return fmt.Errorf("read %s at byte %d: %w", t.path, w.start+int64(n), err)
	}
	return nil
}
