package store

import (
	"cmp"
	"io/fs"
	"maps"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/plumbline-ci/plumbline/collect"
)

// known remembers where the lines of record files stand, and their origins. To
// read a line for its origin takes as long as to read its values, and a line may
// have megabytes. One command lists a store several times, and the next command
// lists it again: for that one what is known is kept in files, see indexFile.
type known struct {
	mu    sync.Mutex
	kept  bool // in files beside the records
	open  func(path string) (file, error)
	files map[string]*knownFile // by path
}

// proof is how much of a line was compared with the record file.
type proof uint8

const (
	unproved   proof = iota
	proofHead        // where it begins and ends, and its first headBytes
	proofWhole       // all of it
)

// knownFile is what is known of a file.
type knownFile struct {
	info   fs.FileInfo // of the file as it was last opened
	demand proof       // what a line takes to count
	lines  map[int64]*knownLine
	places map[int64]*knownLine // the same, by their first bytes

	counted int // so many lines from the begin are all there are but for blank ones, and have their numbers

	bytes int64 // of lines
	fresh int64 // bytes that were read, and that the index file does not spare yet
	stale bool  // the index file is wrong, or of the file as it was before
}

// knownLine is a line that is whole and not blank. Reading backward comes to it
// at key, which is the end of the last line break behind it, and goes on at next.
type knownLine struct {
	key, next int64
	at        int64 // of its first byte
	size      int   // in bytes, without the end of the line
	number    int   // counted from 1; 0 where lines were not counted
	head      uint32
	proved    proof
	read      bool // it is a run; of other lines the time alone may be known
	sum       uint64
	collect.Origin
}

// lineRoom bounds what is remembered: a line for so many bytes of text. Lines
// that are shorter on average are as fast to read as to remember.
const lineRoom = 1 << 10

func (f *knownFile) room(more int) bool {
	return int64(len(f.lines))*lineRoom <= f.bytes+int64(more)+64*lineRoom
}

// of returns what is known of the file of a text.
func (k *known) of(t *text) *knownFile {
	f := k.files[t.path]
	switch {
	case f != nil && f.info == t.info: // as for each line of a listing but the first
		return f
	case f == nil:
		f = k.load(t)
	case unchanged(f.info, t.info):
		return f
	case t.size > f.info.Size() && os.SameFile(f.info, t.info):
		f.info = t.info
		f.doubt(proofHead)
	default:
		f = k.load(t)
	}
	if k.files == nil {
		k.files = map[string]*knownFile{}
	}
	k.files[t.path] = f
	return f
}

func newKnownFile(info fs.FileInfo) *knownFile {
	return &knownFile{info: info, demand: proofHead, lines: map[int64]*knownLine{}, places: map[int64]*knownLine{}}
}

// doubt takes back what was proved: the file is another one since, or longer.
func (f *knownFile) doubt(demand proof) {
	f.demand, f.stale = demand, true
	for _, l := range f.lines {
		l.proved = unproved
	}
}

// forget drops what is known of a file: some of it is wrong.
func (k *known) forget(t *text) {
	f := newKnownFile(t.info)
	f.stale = true
	k.files[t.path] = f
}

func (f *knownFile) add(l *knownLine) {
	if old := f.lines[l.key]; old != nil {
		f.bytes -= int64(old.size)
	}
	f.lines[l.key], f.places[l.at] = l, l
	f.bytes += int64(l.size)
}

// before moves a reading to the line before, where that is known.
func (k *known) before(b *backward) *knownLine {
	k.mu.Lock()
	defer k.mu.Unlock()
	key := b.end
	if !b.begun {
		key-- // over the end of the last line
	}
	l := k.of(b.text).lines[key]
	if l == nil || !l.read && l.Time.IsZero() || !k.prove(b.text, l) {
		return nil
	}
	b.begun, b.end = true, l.next
	return l
}

// saw remembers the line that a reading has come to, and its time.
func (k *known) saw(b *backward, line passage, at time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	f := k.of(b.text)
	if line.torn || f.lines[b.key] != nil || !f.room(line.size) {
		return
	}
	l := &knownLine{key: b.key, next: b.end, at: line.at, size: line.size, proved: proofHead}
	l.head = headSum(line.head)
	l.Time = at
	f.add(l)
	f.fresh += int64(line.size)
}

// found is the run of the line that begins at a place.
func (k *known) found(t *text, at int64) (collect.Origin, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	l := k.of(t).places[at]
	if l == nil || !l.read || l.proved < k.of(t).demand {
		return collect.Origin{}, false
	}
	return l.Origin, true
}

// learn remembers the run of a line.
func (k *known) learn(t *text, at int64, o collect.Origin, line []byte) {
	k.keep(t, knownLine{at: at, size: len(line), sum: lineSum(line), head: headSum(line), Origin: o})
}

// learnLong remembers the run of a line that is read in pieces.
func (k *known) learnLong(t *text, at int64, o collect.Origin, size int) {
	head := make([]byte, min(size, headBytes))
	sum, err := t.sumOf(at, size)
	if err == nil && t.read(head, at) == nil {
		k.keep(t, knownLine{at: at, size: size, sum: sum, head: headSum(head), Origin: o})
	}
}

// keep remembers what was learnt of a line that is known.
func (k *known) keep(t *text, is knownLine) {
	k.mu.Lock()
	defer k.mu.Unlock()
	f := k.of(t)
	l := f.places[is.at]
	if l == nil || l.size != is.size {
		return
	}
	l.Origin, l.read, l.sum, l.head, l.proved = is.Origin, true, is.sum, is.head, proofWhole
	f.fresh += int64(l.size)
}

// count remembers the lines of a file that was read from its begin: all of them,
// but for blank ones and a torn one at the end, in their order. The first so many
// are those that recount returned.
func (k *known) count(t *text, lines []*knownLine, recounted int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	old := k.of(t)
	f := newKnownFile(t.info)
	f.demand, f.fresh, f.stale = old.demand, old.fresh, old.stale
	k.files[t.path] = f
	for i, l := range lines {
		if i+1 < len(lines) {
			l.key = lines[i+1].next // behind blank lines
		}
		if f.add(l); !f.room(0) {
			k.files[t.path] = newKnownFile(t.info)
			return
		}
		if i >= recounted {
			f.fresh += int64(l.size)
		}
	}
	f.counted = len(lines)
}

// recount returns these lines. Where one of them cannot be proved there are none.
func (k *known) recount(t *text) (lines []*knownLine) {
	k.mu.Lock()
	defer k.mu.Unlock()
	f := k.of(t)
	next := int64(-1)
	for _, l := range slices.SortedFunc(maps.Values(f.lines), func(a, b *knownLine) int { return cmp.Compare(a.at, b.at) }) {
		if l.number == 0 {
			continue
		}
		if l.next != next || !k.prove(t, l) {
			return nil
		}
		lines, next = append(lines, l), l.key
	}
	if len(lines) != f.counted || strange(t, next+1) {
		return nil
	}
	return lines
}

// strange reports whether the text from a place on begins as only the begin of a
// file may, so that it cannot be read from there.
func strange(t *text, from int64) bool {
	if from >= t.size {
		return false
	}
	first := make([]byte, 1)
	return t.read(first, from) != nil || first[0] == byteOrderMark[0] || first[0] == 0x1f
}
