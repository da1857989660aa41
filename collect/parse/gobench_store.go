package parse

import (
	"encoding/binary"
	"math"
	"slices"
)

// benchStore holds the samples of benchmarks that are not the last one in blocks
// without pointers: a file can have millions. Of values that are all the same, as
// sizes and allocations mostly are, it holds one.
type benchStore struct {
	slabs [][]byte // each of a fixed capacity, so that nothing moves
	block []byte
}

// benchPlace is where a block begins.
type benchPlace struct{ slab, at int32 }

// nowhere is the place of no block.
var nowhere = benchPlace{-1, 0}

// The sizes of a slab. Each is twice as large as the one before.
const (
	leastSlab   = 1 << 10
	largestSlab = 256 << 10
)

// put writes a block: the place of the next one of the same benchmark, and each
// series by the number of its unit and the number of its samples.
func (s *benchStore) put(all []openSeries) benchPlace {
	b := append(s.block[:0], 0, 0, 0, 0, 0, 0, 0, 0)
	putPlace(b, nowhere)
	b = binary.AppendUvarint(b, uint64(len(all)))
	for _, of := range all {
		b = binary.AppendUvarint(b, uint64(of.unit.id))
		b = appendSamples(b, of.samples)
	}
	s.block = b
	last := len(s.slabs) - 1
	if last < 0 || cap(s.slabs[last])-len(s.slabs[last]) < len(b) {
		size := leastSlab
		if last >= 0 {
			size = min(2*cap(s.slabs[last]), largestSlab)
		}
		s.slabs = append(s.slabs, make([]byte, 0, max(size, len(b))))
		last++
	}
	at := benchPlace{int32(last), int32(len(s.slabs[last]))}
	s.slabs[last] = append(s.slabs[last], b...)
	return at
}

// chain says which block follows another.
func (s *benchStore) chain(block, next benchPlace) {
	putPlace(s.slabs[block.slab][block.at:], next)
}

func putPlace(to []byte, p benchPlace) {
	binary.LittleEndian.PutUint32(to, uint32(p.slab))
	binary.LittleEndian.PutUint32(to[4:], uint32(p.at))
}

// appendSamples writes how many samples there are, with a bit that says whether
// they are all the same, and then one of them or all.
func appendSamples(to []byte, samples []float64) []byte {
	first := math.Float64bits(samples[0])
	for _, v := range samples[1:] {
		if math.Float64bits(v) == first {
			continue
		}
		to = binary.AppendUvarint(to, uint64(len(samples))<<1)
		for _, v := range samples {
			to = binary.LittleEndian.AppendUint64(to, math.Float64bits(v))
		}
		return to
	}
	to = binary.AppendUvarint(to, uint64(len(samples))<<1|1)
	return binary.LittleEndian.AppendUint64(to, first)
}

// all gathers the series of a benchmark from its first block on. It appends to
// what to has room for.
func (s *benchStore) all(to []openSeries, first benchPlace, units []*benchUnit) []openSeries {
	for p := first; p != nowhere; {
		block := s.slabs[p.slab][p.at:]
		p = benchPlace{int32(binary.LittleEndian.Uint32(block)), int32(binary.LittleEndian.Uint32(block[4:]))}
		c := blockCursor{block[8:]}
		for range c.number() {
			unit := units[c.number()]
			i := slices.IndexFunc(to, func(of openSeries) bool { return of.unit == unit })
			if i < 0 {
				i = len(to)
				to = slices.Grow(to, 1)[:i+1]
				to[i].unit, to[i].samples = unit, to[i].samples[:0]
			}
			to[i].samples = c.samples(to[i].samples)
		}
	}
	return to
}

// blockCursor reads what put wrote.
type blockCursor struct{ rest []byte }

func (c *blockCursor) number() uint64 {
	v, n := binary.Uvarint(c.rest)
	c.rest = c.rest[n:]
	return v
}

func (c *blockCursor) samples(to []float64) []float64 {
	n := c.number()
	same := n&1 != 0
	var v float64
	for i := range n >> 1 {
		if i == 0 || !same {
			v = math.Float64frombits(binary.LittleEndian.Uint64(c.rest))
			c.rest = c.rest[8:]
		}
		to = append(to, v)
	}
	return to
}
