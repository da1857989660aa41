package store

import (
	"io/fs"
	"os"
)

// listed is what a text held that was read to its end, for the next listing of the
// same command: one that looks for a baseline may list a store several times.
type listed struct {
	info fs.FileInfo // of the file as it was then
	whole
}

// listed returns what a text holds, where it was read before and is still the same.
func (f *files) listed(t *text) (*whole, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	l, ok := f.lists[t.path]
	if !ok || !f.unlocked && !unchanged(l.info, t.info) {
		return nil, false
	}
	return &l.whole, true // a copy, of which next takes from the ends
}

// remember keeps what a text holds, unless its lines are so short that they are as
// fast to read.
func (f *files) remember(t *text, x whole) {
	size := 0
	for _, it := range x.items {
		size += it.size
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.lists, t.path)
	if (len(x.items)+len(x.errs))*lineRoom > size+64*lineRoom {
		return
	}
	if f.lists == nil {
		f.lists = map[string]listed{}
	}
	f.lists[t.path] = listed{t.info, x}
}

// unchanged reports whether a file is as it was, as far as its size, its time and
// its identity tell.
func unchanged(was, is fs.FileInfo) bool {
	return was.Size() == is.Size() && was.ModTime().Equal(is.ModTime()) && os.SameFile(was, is)
}
