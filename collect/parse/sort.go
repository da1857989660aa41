package parse

import (
	"cmp"
	"encoding/binary"
	"slices"
	"strings"

	"github.com/plumbline-ci/plumbline/collect"
)

// sortByName sorts metrics by their names, those of one name in their own order.
// There may be a million of them, whose names begin alike: they are compared by
// eight bytes at a time, which are fetched once, and each metric moves once.
func sortByName(all []collect.Metric) {
	if slices.IsSortedFunc(all, func(a, b collect.Metric) int { return strings.Compare(a.Name, b.Name) }) {
		return
	}
	keys := inOrder(len(all), metricNames(all))
	for at := range keys {
		move(all, keys, int32(at))
	}
}

// move puts the metric that belongs at a place there, the one that belongs where
// that was there, and so on, until the place is free that the first was taken from.
func move(all []collect.Metric, keys []nameKey, at int32) {
	const done = -1
	if keys[at].i == done {
		return
	}
	first := all[at]
	for start := at; ; {
		from := keys[at].i
		keys[at].i = done
		if from == start {
			all[at] = first
			return
		}
		all[at] = all[from]
		at = from
	}
}

// named are things by index that have names.
type named interface {
	// piece is the eight bytes of a name from depth on as a number that compares as
	// they do. One that is shorter goes on with zeros.
	piece(i int32, depth int) uint64
	size(i int32) int
}

// metricNames are the names of metrics.
type metricNames []collect.Metric

func (m metricNames) piece(i int32, depth int) uint64 { return namePiece(m[i].Name, depth, "") }
func (m metricNames) size(i int32) int                { return len(m[i].Name) }

// namePiece is a piece of a name and of what follows it.
func namePiece(name string, depth int, tail string) uint64 {
	if len(name)-depth >= 8 {
		return binary.BigEndian.Uint64([]byte(name[depth : depth+8]))
	}
	var b [8]byte
	n := copy(b[:], name[min(depth, len(name)):])
	copy(b[n:], tail[min(max(depth-len(name), 0), len(tail)):])
	return binary.BigEndian.Uint64(b[:])
}

// nameKey is an index, and eight bytes of the name there.
type nameKey struct {
	piece uint64
	i     int32
}

// inOrder are the indices below n in the order of their names.
func inOrder(n int, names named) []nameKey {
	keys := make([]nameKey, n)
	for i := range keys {
		keys[i].i = int32(i)
	}
	nameSorter{names}.sort(keys, 0)
	return keys
}

type nameSorter struct{ named }

// sort sorts keys whose names are the same up to depth and at least as long.
func (s nameSorter) sort(keys []nameKey, depth int) {
	for i := range keys {
		keys[i].piece = s.piece(keys[i].i, depth)
	}
	const few = 12
	if len(keys) <= few {
		s.sortFew(keys, depth)
		return
	}
	slices.SortFunc(keys, func(a, b nameKey) int { return cmp.Compare(a.piece, b.piece) })
	for len(keys) > 0 {
		n, ended := 0, false
		for n < len(keys) && keys[n].piece == keys[0].piece {
			ended = ended || s.size(keys[n].i) < depth+8
			n++
		}
		switch {
		case n == 1:
		case ended:
			s.sortFew(keys[:n], depth)
		default:
			s.sort(keys[:n], depth+8)
		}
		keys = keys[n:]
	}
}

// sortFew sorts keys that have their pieces at depth.
func (s nameSorter) sortFew(keys []nameKey, depth int) {
	slices.SortFunc(keys, func(a, b nameKey) int {
		if c := cmp.Compare(a.piece, b.piece); c != 0 {
			return c
		}
		return s.compare(a.i, b.i, depth+8)
	})
}

// compare compares two names that are the same up to depth, zeros behind their
// ends included.
func (s nameSorter) compare(a, b int32, depth int) int {
	most := min(s.size(a), s.size(b))
	for ; depth < most; depth += 8 {
		if c := cmp.Compare(s.piece(a, depth), s.piece(b, depth)); c != 0 {
			return c
		}
	}
	return cmp.Or(cmp.Compare(s.size(a), s.size(b)), cmp.Compare(a, b))
}
