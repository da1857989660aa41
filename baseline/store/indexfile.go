package store

import (
	"cmp"
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// An index file is what is known of a record file, kept for the next command. It
// lies beside the record file, as .<name>.index. It is never needed: one that is
// missing, torn or of another file is as good as none, and where it cannot be
// written nothing is.
const (
	indexMagic = "plumbline index 1\n"
	// minIndexed is how long a record file is that has an index.
	minIndexed = 256 << 10
	// minFresh is how much an index must spare the next command to be written anew.
	minFresh = 64 << 10
	// maxIndex bounds what is read of a file that may not be an index at all.
	maxIndex = 256 << 20

	derivedPrefix = ".derived-" // of files that are being written
	derivedAge    = time.Hour   // after which nobody writes them any more
	derivedMode   = 0o644       // who may read the records may read these
)

func indexPath(path string) string {
	return filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+".index")
}

// load reads the index file of a text.
func (k *known) load(t *text) *knownFile {
	f := newKnownFile(t.info)
	if !k.kept || t.zipped || t.size < minIndexed {
		return f
	}
	content, err := k.read(indexPath(t.path))
	if err != nil {
		return f
	}
	was, ok := decodeIndex(content, f)
	demand, doubt, sound := was.demand(stampOf(t.info))
	if !ok || !sound {
		f = newKnownFile(t.info)
		f.stale = true
		return f
	}
	if f.demand = demand; doubt {
		f.doubt(demand)
	}
	return f
}

// read reads a whole file, through the files that a test counts.
func (k *known) read(path string) ([]byte, error) {
	at, err := k.open(path)
	if err != nil {
		return nil, err
	}
	defer at.Close()
	info, err := at.Stat()
	if err != nil || !info.Mode().IsRegular() || info.Size() > maxIndex {
		return nil, os.ErrInvalid
	}
	content := make([]byte, info.Size())
	return content, (&text{path: path, at: at}).read(content, 0)
}

// save writes the index files that spare the next command something. That they
// cannot be written is no error.
func (k *known) save() {
	k.mu.Lock()
	defer k.mu.Unlock()
	for path, f := range k.files {
		if !k.kept || f.info.Size() < minIndexed || !f.stale && f.fresh < minFresh {
			continue
		}
		if len(f.lines) > 0 && f.room(0) {
			_ = writeDerived(indexPath(path), func(tmp *os.File) error { return f.write(tmp) })
		} else if f.stale {
			_ = os.Remove(indexPath(path))
		}
		f.fresh, f.stale = 0, false
	}
}

func (f *knownFile) write(tmp *os.File) error {
	s := stampOf(f.info)
	info, err := tmp.Stat()
	if err != nil {
		return err
	}
	// Both times are of the clock of the file system.
	s.racy = info.ModTime().Sub(f.info.ModTime()) < raceTime
	_, err = tmp.Write(f.encode(s))
	return err
}

// writeDerived writes a file beside the records anew, whole or not at all. It is
// not forced to the disk: a checksum tells whether all of it got there.
func writeDerived(path string, write func(tmp *os.File) error) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), derivedPrefix+"*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name()) // not there any more when all went well
	err = write(tmp)
	_ = tmp.Chmod(derivedMode)
	if closed := tmp.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	return err
}

// encode writes: the stamp, what was counted, the lines in the order of the file,
// and a checksum of all of it.
func (f *knownFile) encode(s stamp) []byte {
	e := &indexEncoder{buf: []byte(indexMagic)}
	e.number(s.size)
	e.number(s.time)
	e.number(int64(s.id))
	e.flag(s.racy)
	e.number(int64(f.counted))
	lines := make([]*knownLine, 0, len(f.lines))
	for _, l := range f.lines {
		if l.proved > unproved || f.demand < proofWhole { // with its new stamp the file will demand less
			lines = append(lines, l)
		}
	}
	slices.SortFunc(lines, func(a, b *knownLine) int { return cmp.Compare(a.at, b.at) })
	e.number(int64(len(lines)))
	for _, l := range lines {
		e.line(l)
	}
	return binary.LittleEndian.AppendUint64(e.buf, lineSum(e.buf))
}

func (e *indexEncoder) line(l *knownLine) {
	read := l.read && len(l.Operation) <= headBytes
	for _, n := range []int64{l.at, int64(l.size), l.key, l.next, int64(l.number), int64(l.head), int64(l.proved)} {
		e.number(n)
	}
	e.flag(!l.Time.IsZero())
	e.time(l.Time)
	if e.flag(read); read {
		e.buf = binary.LittleEndian.AppendUint64(e.buf, l.sum)
		e.origin(&l.Origin)
	}
}

// decodeIndex reads an index into f. It takes any text, and refuses what is no
// index of a file with the size of its stamp.
func decodeIndex(content []byte, f *knownFile) (s stamp, ok bool) {
	body := len(content) - 8
	if body < len(indexMagic) || string(content[:len(indexMagic)]) != indexMagic || binary.LittleEndian.Uint64(content[body:]) != lineSum(content[:body]) {
		return s, false
	}
	d := &indexDecoder{rest: content[len(indexMagic):body]}
	s.size, s.time, s.id, s.racy = d.number(), d.number(), uint64(d.number()), d.flag()
	f.counted = int(d.number())
	for n := d.number(); n > 0 && !d.bad; n-- {
		l := d.line()
		d.bad = d.bad || !l.sound(s.size)
		f.add(l)
	}
	return s, !d.bad && len(d.rest) == 0 && f.counted >= 0 && f.counted <= len(f.lines)
}

// sound reports whether a line can stand in a file of so many bytes.
func (l *knownLine) sound(size int64) bool {
	return l.at >= 0 && l.size > 0 && l.next < l.at && l.next >= -1 && l.number >= 0 && l.proved <= proofWhole &&
		int64(l.size) <= size-l.at && l.at+int64(l.size) <= l.key && l.key < size
}

func (d *indexDecoder) line() *knownLine {
	l := &knownLine{at: d.number(), size: int(d.number()), key: d.number(), next: d.number()}
	l.number, l.head, l.proved = int(d.number()), uint32(d.number()), proof(d.number())
	timed, at := d.flag(), d.time()
	if l.read = d.flag(); l.read {
		l.sum = d.sum()
		d.origin(&l.Origin)
	}
	if l.Time = at; !timed {
		l.Time = time.Time{}
	}
	return l
}
