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
	s := nameSorter{all: all, keys: make([]nameKey, len(all))}
	for i := range s.keys {
		s.keys[i].i = int32(i)
	}
	s.sort(s.keys, 0)
	for at := range s.keys {
		s.move(int32(at))
	}
}

// move puts the metric that belongs at a place there, the one that belongs where
// that was there, and so on, until the place is free that the first was taken from.
func (s *nameSorter) move(at int32) {
	const done = -1
	if s.keys[at].i == done {
		return
	}
	first := s.all[at]
	for start := at; ; {
		from := s.keys[at].i
		s.keys[at].i = done
		if from == start {
			s.all[at] = first
			return
		}
		s.all[at] = s.all[from]
		at = from
	}
}

type nameSorter struct {
	all  []collect.Metric
	keys []nameKey
}

// nameKey is a metric's index, and eight bytes of its name.
type nameKey struct {
	piece uint64
	i     int32
}

// sort sorts keys whose names are the same up to depth and at least as long.
func (s *nameSorter) sort(keys []nameKey, depth int) {
	const few = 12
	if len(keys) <= few {
		s.sortFew(keys, depth)
		return
	}
	for i := range keys {
		keys[i].piece = namePiece(s.all[keys[i].i].Name[depth:])
	}
	slices.SortFunc(keys, func(a, b nameKey) int { return cmp.Compare(a.piece, b.piece) })
	for len(keys) > 0 {
		n, ended := 0, false
		for n < len(keys) && keys[n].piece == keys[0].piece {
			ended = ended || len(s.all[keys[n].i].Name) < depth+8
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

func (s *nameSorter) sortFew(keys []nameKey, depth int) {
	slices.SortFunc(keys, func(a, b nameKey) int {
		if c := strings.Compare(s.all[a.i].Name[depth:], s.all[b.i].Name[depth:]); c != 0 {
			return c
		}
		return cmp.Compare(a.i, b.i)
	})
}

// namePiece is the beginning of a name as a number that compares as it does. One
// that is shorter goes on with zeros.
func namePiece(name string) uint64 {
	if len(name) >= 8 {
		return binary.BigEndian.Uint64([]byte(name[:8]))
	}
	var b [8]byte
	copy(b[:], name)
	return binary.BigEndian.Uint64(b[:])
}
