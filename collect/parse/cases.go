package parse

import (
	"hash/maphash"
	"strings"

	"github.com/plumbline-ci/plumbline/collect"
)

// timedCases holds the times of test cases by suite and name. There may be a
// million, which a map of maps would take 100 bytes each for beside their names:
// here they take 35, without pointers and in blocks that never move.
type timedCases struct {
	suites  []caseSuite
	numbers map[string]int32 // of the suites
	last    int32            // the suite of the case before: cases of a suite flock

	n      int
	blocks [][]timedCase
	names  texts
	more   [][]float64 // the times of cases that came again, but for the first

	slots []uint32 // a hash table: 1 + the number of a case, 0 where it is free
	seed  maphash.Seed
}

// caseSuite is a suite, and what follows the case in the name of a metric.
type caseSuite struct{ name, tail string }

// timedCase is a case. Most have one time only.
type timedCase struct {
	name  textPlace
	first float64
	suite int32
	more  int32 // 1 + the number of the others; 0: there are none
}

const (
	caseBlock      = 128
	leastCaseSlots = 16
)

func newTimedCases() *timedCases {
	return &timedCases{numbers: map[string]int32{}, last: -1, seed: maphash.MakeSeed()}
}

// add adds a time. Suite and name are clean, and the caller's.
func (t *timedCases) add(suite, name []byte, seconds float64) {
	of := t.suite(suite)
	if 4*(t.n+1) > 3*len(t.slots) {
		t.grow()
	}
	mask := uint64(len(t.slots) - 1)
	at := slotOf(of, maphash.Bytes(t.seed, name)) & mask
	for ; t.slots[at] != 0; at = (at + 1) & mask {
		c := t.at(int(t.slots[at] - 1))
		if c.suite == of && t.names.at(c.name) == string(name) {
			t.again(c, seconds)
			return
		}
	}
	t.slots[at] = uint32(t.n + 1)
	if t.n%caseBlock == 0 {
		t.blocks = append(t.blocks, make([]timedCase, caseBlock))
	}
	*t.at(t.n) = timedCase{name: t.names.put(name), first: seconds, suite: of}
	t.n++
}

// again adds a further time of a case.
func (t *timedCases) again(c *timedCase, seconds float64) {
	if c.more == 0 {
		t.more = append(t.more, nil)
		c.more = int32(len(t.more))
	}
	t.more[c.more-1] = append(t.more[c.more-1], seconds)
}

func (t *timedCases) at(i int) *timedCase { return &t.blocks[i/caseBlock][i%caseBlock] }

// suite is the number of a suite.
func (t *timedCases) suite(name []byte) int32 {
	if t.last >= 0 && t.suites[t.last].name == string(name) {
		return t.last
	}
	number, known := t.numbers[string(name)]
	if !known {
		s := caseSuite{tail: "]"}
		if len(name) > 0 {
			s.tail = ",suite=" + string(name) + "]"
			s.name = s.tail[len(",suite=") : len(s.tail)-1]
		}
		number = int32(len(t.suites))
		t.suites = append(t.suites, s)
		t.numbers[s.name] = number
	}
	t.last = number
	return number
}

// slotOf is the place in a hash table for a case whose name has a sum.
func slotOf(suite int32, sum uint64) uint64 {
	const odd = 0x9e3779b97f4a7c15 // tells suites apart that have cases of one name
	return sum ^ uint64(suite+1)*odd>>16
}

// grow makes the hash table anew, with twice the room.
func (t *timedCases) grow() {
	t.slots = make([]uint32, max(leastCaseSlots, 2*len(t.slots)))
	mask := uint64(len(t.slots) - 1)
	for i := range t.n {
		c := t.at(i)
		at := slotOf(c.suite, maphash.String(t.seed, t.names.at(c.name))) & mask
		for t.slots[at] != 0 {
			at = (at + 1) & mask
		}
		t.slots[at] = uint32(i + 1)
	}
}

// merge adds the times of others.
func (t *timedCases) merge(other *timedCases) {
	var name, suite []byte
	for i := range other.n {
		c := other.at(i)
		suite = append(suite[:0], other.suites[c.suite].name...)
		name = append(name[:0], other.names.at(c.name)...)
		t.add(suite, name, c.first)
		for _, seconds := range other.others(c) {
			t.add(suite, name, seconds)
		}
	}
}

// others are the times of a case but for the first.
func (t *timedCases) others(c *timedCase) []float64 {
	if c.more == 0 {
		return nil
	}
	return t.more[c.more-1]
}

// metrics appends a metric for each case, in the order of their names: who reads
// these names one after the other finds them so in memory.
func (t *timedCases) metrics(all []collect.Metric, prefix string) []collect.Metric {
	var names caseNames
	for _, key := range inOrder(t.n, t) {
		c := t.at(int(key.i))
		m := seconds(names.name(prefix, t.names.at(c.name), t.suites[c.suite].tail), c.first)
		if more := t.others(c); len(more) > 0 {
			m = sampled(m, append([]float64{c.first}, more...))
		}
		all = append(all, m)
	}
	return all
}

// piece and size are those of the end of the name that a metric has, which is all
// that differs.
func (t *timedCases) piece(i int32, depth int) uint64 {
	c := t.at(int(i))
	return namePiece(t.names.at(c.name), depth, t.suites[c.suite].tail)
}

func (t *timedCases) size(i int32) int {
	c := t.at(int(i))
	return int(c.name.size) + len(t.suites[c.suite].tail)
}

// caseNames makes the names of the metrics of cases, many in one piece of memory:
// there may be a million.
type caseNames struct{ b strings.Builder }

// name is what collect.Name makes of the tags case and suite; tail is that of the
// suite.
func (n *caseNames) name(prefix, name, tail string) string {
	const piece = 16 << 10
	size := len(prefix) + len(name) + len(tail) + len(".case_seconds[case=")
	if n.b.Cap()-n.b.Len() < size {
		n.b.Reset()
		n.b.Grow(max(size, piece))
	}
	from := n.b.Len()
	n.b.WriteString(prefix)
	n.b.WriteString(".case_seconds[case=")
	n.b.WriteString(name)
	n.b.WriteString(tail)
	return n.b.String()[from:]
}
