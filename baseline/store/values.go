package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"os"
	"path/filepath"
	"strings"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/collect"
)

// values are the values of the runs of one suite as columns of numbers, kept in the
// file .values-<suite> beside the records. A row is found by the checksums of the
// record that it was read of, so that it does not matter where this stands by now.
// Like an index the file is never needed.
type values struct {
	ctx   context.Context
	dir   *Dir
	path  string
	names []string
	rows  map[recordSum]rowPlace
	at    *text // of rows; nil: there are none yet
	used  []recordSum
	out   rowWriter

	places []int // by positions of a reader, those of names
	index  map[string]int

	buf     []byte
	row     []float64
	scatter []collect.Scatter
}

// recordSum tells a record from others.
type recordSum struct {
	sum  uint64
	size int64
}

// rowPlace is where a row stands in the file of values: so many numbers, and with
// scattered as many scatters behind them.
type rowPlace struct {
	at        int64
	width     int
	scattered bool
	sum       uint32
}

func (p rowPlace) size() int64 {
	if p.scattered {
		return 16 * int64(p.width)
	}
	return 8 * int64(p.width)
}

// Values opens the values of a suite; see baseline.ValueStore.
func (d *Dir) Values(ctx context.Context, head collect.Origin) baseline.Values {
	if !d.files.known.kept {
		return nil
	}
	v := &values{ctx: ctx, dir: d, path: filepath.Join(d.path, valuesName(head))}
	v.open()
	return v
}

const valuesPrefix = ".values-"

// valuesName is the name of the file of a suite's values.
func valuesName(o collect.Origin) string {
	return fmt.Sprintf("%s%016x", valuesPrefix, lineSum(fmt.Appendf(nil, "%q", baseline.SuiteOf(o))))
}

// sweepValues removes the values of suites that have no run any more. It lists the
// store only where there are some to look for; what goes wrong leaves all there.
func (d *Dir) sweepValues(ctx context.Context) {
	entries, _ := os.ReadDir(d.path)
	left := map[string]bool{}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), valuesPrefix) {
			left[e.Name()] = true
		}
	}
	if len(left) == 0 || !d.files.known.kept {
		return
	}
	for e, err := range d.List(ctx, baseline.Filter{}) {
		if bad := (*collect.LineError)(nil); err != nil && !errors.As(err, &bad) {
			return
		}
		if err == nil {
			delete(left, valuesName(e.Origin))
		}
	}
	for name := range left {
		_ = os.Remove(filepath.Join(d.path, name)) // it is of no harm
	}
}

// Names are the metrics of the rows.
func (v *values) Names() []string { return v.names }

// Row reads a row; see baseline.Values.
func (v *values) Row(e baseline.Entry) ([]float64, []collect.Scatter, bool, error) {
	sum, ok, err := v.dir.sumOf(v.ctx, e)
	if !ok || err != nil {
		return nil, nil, false, err
	}
	p, ok := v.rows[sum]
	if !ok {
		return nil, nil, false, nil
	}
	text, ok := v.read(p)
	if !ok {
		delete(v.rows, sum)
		return nil, nil, false, nil
	}
	v.used = append(v.used, sum)
	v.row = v.row[:0]
	for i := range p.width {
		v.row = append(v.row, math.Float64frombits(binary.LittleEndian.Uint64(text[8*i:])))
	}
	v.scatter = v.scatter[:0]
	for text = text[8*p.width:]; len(text) > 0; text = text[8:] {
		v.scatter = append(v.scatter, collect.Scatter{
			Samples: int32(binary.LittleEndian.Uint32(text)), Part: math.Float32frombits(binary.LittleEndian.Uint32(text[4:])),
		})
	}
	return v.row, v.scatter, true, nil
}

// read reads the text of a row.
func (v *values) read(p rowPlace) ([]byte, bool) {
	if size := int(p.size()); cap(v.buf) < size {
		v.buf = make([]byte, size)
	}
	text := v.buf[:p.size()]
	return text, v.at.read(text, p.at) == nil && crc32.Checksum(text, castagnoli) == p.sum
}

// Keep remembers the values of a record; see baseline.Values.
func (v *values) Keep(e baseline.Entry, names []string, row []float64, scatter []collect.Scatter) {
	sum, ok, err := v.dir.sumOf(v.ctx, e)
	if !ok || err != nil {
		return
	}
	v.place(names)
	p := rowPlace{scattered: len(scatter) > 0}
	for i := range row {
		p.width = max(p.width, v.places[i]+1)
	}
	v.buf = v.buf[:0]
	v.row = absent(v.row, p.width)
	for i, x := range row {
		v.row[v.places[i]] = x
	}
	for _, x := range v.row {
		v.buf = binary.LittleEndian.AppendUint64(v.buf, math.Float64bits(x))
	}
	if p.scattered {
		v.scatter = append(v.scatter[:0], make([]collect.Scatter, p.width)...)
		for i, s := range scatter {
			v.scatter[v.places[i]] = s
		}
		for _, s := range v.scatter {
			v.buf = binary.LittleEndian.AppendUint32(v.buf, uint32(s.Samples))
			v.buf = binary.LittleEndian.AppendUint32(v.buf, math.Float32bits(s.Part))
		}
	}
	v.out.add(v.path, sum, p, v.buf)
}

// absent is a row of so many metrics that a run does not have.
func absent(row []float64, width int) []float64 {
	row = row[:0]
	for range width {
		row = append(row, math.NaN())
	}
	return row
}

// place finds the positions of a reader's names, and adds those that are new.
func (v *values) place(names []string) {
	for i := len(v.places); i < len(names); i++ {
		if i < len(v.names) && v.names[i] == names[i] {
			v.places = append(v.places, i)
			continue
		}
		if v.index == nil {
			v.index = make(map[string]int, len(v.names))
		}
		for j := len(v.index); j < len(v.names); j++ {
			v.index[v.names[j]] = j
		}
		at, ok := v.index[names[i]]
		if !ok {
			at = len(v.names)
			v.names = append(v.names, names[i])
		}
		v.places = append(v.places, at)
	}
}

// sumOf is the sum of a record that was listed, where the listing knows it. It is
// proved by all of the record.
func (d *Dir) sumOf(ctx context.Context, e baseline.Entry) (recordSum, bool, error) {
	p, err := deref(d.path, e.Ref)
	if err != nil {
		return recordSum{}, false, nil
	}
	k := &d.files.known
	k.mu.Lock()
	defer k.mu.Unlock()
	f := k.files[p.path]
	if f == nil {
		return recordSum{}, false, nil
	}
	l := f.places[p.at]
	if l == nil || !l.read || l.size != p.size || l.ID != e.ID {
		return recordSum{}, false, nil
	}
	if l.proved < proofWhole {
		t, err := d.files.text(ctx, p.path)
		if err != nil {
			return recordSum{}, false, ctx.Err()
		}
		defer t.close()
		if !t.sumIs(l) {
			k.forget(t)
			return recordSum{}, false, baseline.ErrStale
		}
		l.proved = proofWhole
	}
	return recordSum{l.sum, int64(l.size)}, true, nil
}

// open reads which rows there are.
func (v *values) open() {
	at, err := v.dir.files.openFile(v.path)
	if err != nil {
		return
	}
	t := &text{path: v.path, at: at}
	if t.look() != nil || !v.contents(t) {
		t.close()
		v.names, v.rows = nil, nil
		return
	}
	v.at = t
}

// contents reads the end of the file: names and places. False: there is nothing
// to be had of it.
func (v *values) contents(t *text) bool {
	end := make([]byte, valuesEnd)
	if t.size < valuesEnd || t.read(end, t.size-valuesEnd) != nil || !bytes.HasSuffix(end, []byte(valuesMagic)) {
		return false
	}
	from := int64(binary.LittleEndian.Uint64(end))
	if from < 0 || from > t.size-valuesEnd || t.size-from > maxIndex {
		return false
	}
	if sum, err := t.sumOf(from, int(t.size-valuesEnd-from)); err != nil || sum != binary.LittleEndian.Uint64(end[8:]) {
		return false
	}
	d := &valuesReader{text: t, at: from, end: t.size - valuesEnd}
	v.names = d.names()
	v.rows = map[recordSum]rowPlace{}
	widest := 0
	for n := d.number(); n > 0 && !d.bad; n-- {
		d.room(rowBytes)
		s := recordSum{d.sum(), d.number()}
		p := rowPlace{at: d.number(), width: int(d.number()), scattered: d.flag(), sum: uint32(d.number())}
		d.bad = d.bad || p.at < 0 || p.width < 0 || p.width > len(v.names) || p.at > from || p.size() > from-p.at
		v.rows[s] = p
		widest = max(widest, p.width)
	}
	// Where most names are of metrics that are gone the file is begun anew.
	return !d.bad && d.left() == 0 && (len(v.names) <= 2*widest || len(v.names) < lineRoom)
}
