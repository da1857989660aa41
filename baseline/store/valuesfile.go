package store

import (
	"cmp"
	"encoding/binary"
	"hash/crc32"
	"os"
	"path/filepath"
)

// A file of values has the rows, then the names and the places of the rows, then
// where these begin, their checksum, and the magic.
const (
	valuesMagic = "plumbline values 1\n"
	valuesEnd   = 8 + 8 + int64(len(valuesMagic))

	// minValues is how many bytes of records must have been read that a file of values
	// would spare the next command: else writing it takes longer than that.
	minValues = 4 << 20
	// rowsHeld is how many bytes of rows are held before there is a file for them.
	rowsHeld = 256 << 10
)

// rowWriter writes the rows of records that were read, as they come. There is no
// file before there are some.
type rowWriter struct {
	tmp    *os.File // nil: not yet
	failed bool
	held   []byte
	at     int64 // of the next row
	rows   map[recordSum]rowPlace
	spared int64 // bytes of records
}

func (w *rowWriter) add(path string, sum recordSum, p rowPlace, text []byte) {
	if _, again := w.rows[sum]; again || w.failed {
		return
	}
	if w.rows == nil {
		w.rows = map[recordSum]rowPlace{}
	}
	p.at, p.sum = w.at, crc32.Checksum(text, castagnoli)
	w.rows[sum] = p
	w.at += int64(len(text))
	w.spared += sum.size
	w.hold(path, text)
}

// hold takes text for the file.
func (w *rowWriter) hold(path string, text []byte) {
	if w.held = append(w.held, text...); len(w.held) >= rowsHeld {
		w.flush(path)
	}
}

// flush writes what is held. What goes wrong is no error: then nothing is kept.
func (w *rowWriter) flush(path string) {
	var err error
	if w.tmp == nil {
		w.tmp, err = os.CreateTemp(filepath.Dir(path), derivedPrefix+"*")
	}
	if err == nil {
		_, err = w.tmp.Write(w.held)
	}
	w.held = w.held[:0]
	w.failed = w.failed || err != nil
}

// Close writes the file of values anew where that spares the next command enough:
// with the rows that were used and those that are new. Values of runs that are
// not in the window any more go.
func (v *values) Close() {
	w := &v.out
	if v.ctx.Err() == nil && !w.failed && w.spared >= cmp.Or(v.dir.worth, minValues) {
		for _, sum := range v.used {
			if text, ok := v.read(v.rows[sum]); ok {
				w.add(v.path, sum, v.rows[sum], text)
			}
		}
		v.ends()
		w.flush(v.path)
	} else {
		w.failed = true // it is not worth it
	}
	if v.at != nil {
		v.at.close() // an open file cannot be replaced everywhere
	}
	if w.tmp == nil {
		return
	}
	v.dir.sweepDerived()
	_ = w.tmp.Chmod(derivedMode)
	if w.tmp.Close() == nil && !w.failed && os.Rename(w.tmp.Name(), v.path) == nil {
		return
	}
	_ = os.Remove(w.tmp.Name())
}

// ends writes what stands behind the rows, piece by piece.
func (v *values) ends() {
	w, from := &v.out, v.out.at
	sum := textSum{}
	e := &indexEncoder{}
	write := func() {
		sum.add(e.buf)
		w.hold(v.path, e.buf)
		e.buf = e.buf[:0]
	}
	e.number(int64(len(v.names)))
	for i, name := range v.names { // as indexEncoder.text has them, each of which is new
		e.number(int64(i))
		e.number(int64(len(name)))
		e.buf = append(e.buf, name...)
		if len(e.buf) >= blockBytes {
			write()
		}
	}
	e.number(int64(len(w.rows)))
	for record, p := range w.rows {
		e.buf = binary.LittleEndian.AppendUint64(e.buf, record.sum)
		e.number(record.size)
		e.number(p.at)
		e.number(int64(p.width))
		e.flag(p.scattered)
		e.number(int64(p.sum))
	}
	write()
	e.buf = binary.LittleEndian.AppendUint64(e.buf, uint64(from))
	e.buf = binary.LittleEndian.AppendUint64(e.buf, sum.sum())
	w.hold(v.path, append(e.buf, valuesMagic...))
}
