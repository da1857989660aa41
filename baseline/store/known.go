package store

import (
	"io/fs"
	"os"
	"sync"
)

// known remembers where long lines stand, and their origins. One command lists a
// store twice: to find the head, and to find its baseline. To read a line for its
// origin takes as long as to read its values.
type known struct {
	mu    sync.Mutex
	files map[string]*knownFile // by path
}

// knownFile is what is known of a file while it stays as it is.
type knownFile struct {
	info  fs.FileInfo
	items map[int64]item  // by offset
	begin map[int64]int64 // offset of a line, by that of its end
}

// of returns what is known of the file of a text; nil: nothing.
func (k *known) of(t *text) *knownFile {
	f := k.files[t.path]
	if f == nil || f.info.Size() != t.info.Size() || !f.info.ModTime().Equal(t.info.ModTime()) || !os.SameFile(f.info, t.info) {
		return nil
	}
	return f
}

func (k *known) find(t *text, at int64) (item, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	f := k.of(t)
	if f == nil {
		return item{}, false
	}
	it, ok := f.items[at]
	return it, ok
}

// begin is the offset of the line that ends at a place.
func (k *known) begin(t *text, end int64) (int64, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	f := k.of(t)
	if f == nil {
		return 0, false
	}
	at, ok := f.begin[end]
	return at, ok
}

func (k *known) add(t *text, it item) {
	if it.size <= blockBytes {
		return // as fast to read as to remember
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	f := k.of(t)
	if f == nil {
		f = &knownFile{t.info, map[int64]item{}, map[int64]int64{}}
		if k.files == nil {
			k.files = map[string]*knownFile{}
		}
		k.files[t.path] = f
	}
	f.items[it.at] = it
	if it.at != int64(len(byteOrderMark)) { // behind the mark, a line begins before it
		f.begin[it.at+int64(it.size)] = it.at
	}
}
