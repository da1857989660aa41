package parse

import (
	"cmp"
	"encoding/binary"
	"iter"
	"slices"
)

// spanSet is a set of spans of one source file with their statements, in about
// six bytes a span where a map takes sixty: a profile of a large program has
// millions. Spans come in order from most tools and are appended; a second pass
// over the same spans, as in merged profiles, walks along the first.
type spanSet struct {
	sorted  []byte // each as differences to the one before; see appendSpan
	count   int
	last    Span
	walk    spanWalk
	strays  []spanStatements // out of order, to be sorted in
	touched bool             // the spans also say which lines can be covered
	sum     total            // of the statements in sorted
	// lines and hit count the lines of the spans and of those that were run. They
	// are right unless a span was covered later.
	lines, hit lineCount
	late       bool
}

// spanStatements are the statements of one span.
type spanStatements struct {
	Span
	statements uint32
	covered    bool
}

// compareSpans orders as go's tools write profiles.
func compareSpans(a, b Span) int {
	if c := cmp.Compare(a.StartLine, b.StartLine); c != 0 {
		return c
	}
	if c := cmp.Compare(a.EndLine, b.EndLine); c != 0 {
		return c
	}
	if c := cmp.Compare(a.StartColumn, b.StartColumn); c != 0 {
		return c
	}
	return cmp.Compare(a.EndColumn, b.EndColumn)
}

// add puts a span into the set. Said twice it is covered if either was, and the
// larger number of statements counts.
func (s *spanSet) add(n spanStatements) {
	if n.StartLine > s.last.StartLine || s.count == 0 || compareSpans(n.Span, s.last) > 0 {
		s.push(n)
		return
	}
	if s.cover(n) {
		return
	}
	s.strays = append(s.strays, n)
	if len(s.strays) >= max(64, s.count/4) {
		s.settle()
	}
}

func (s *spanSet) push(n spanStatements) {
	s.sorted = appendSpan(s.sorted, s.last, n)
	s.last = n.Span
	s.count++
	s.sum.total += uint64(n.statements)
	s.lines.add(n.StartLine, n.EndLine)
	if n.covered {
		s.sum.covered += uint64(n.statements)
		s.hit.add(n.StartLine, n.EndLine)
	}
}

// cover finds a span that is there and covers it. It looks where the last one
// was found and at the start of the file, where a further pass begins.
func (s *spanSet) cover(n spanStatements) bool {
	if s.walk.at > 0 && compareSpans(s.walk.now.Span, n.Span) <= 0 && s.coverFrom(s.walk, n) {
		return true
	}
	return s.coverFrom(spanWalk{}, n)
}

// coverFrom looks at w and a few spans after it. A longer search would make a
// file in bad order quadratic.
func (s *spanSet) coverFrom(w spanWalk, n spanStatements) bool {
	const far = 4
	if w.at == 0 && !w.next(s.sorted) {
		return false
	}
	for range far {
		if w.now.Span == n.Span {
			if w.now.statements < n.statements {
				return false
			}
			if n.covered && !w.now.covered {
				s.sorted[w.flags] |= 1
				s.sum.covered += uint64(w.now.statements)
				w.now.covered, s.late = true, true
			}
			s.walk = w
			return true
		}
		if compareSpans(w.now.Span, n.Span) > 0 || !w.next(s.sorted) {
			return false
		}
	}
	return false
}

// settle sorts the strays in.
func (s *spanSet) settle() {
	if len(s.strays) == 0 {
		return
	}
	slices.SortFunc(s.strays, func(a, b spanStatements) int { return compareSpans(a.Span, b.Span) })
	old, strays := *s, s.strays
	*s = spanSet{touched: s.touched, sorted: make([]byte, 0, len(s.sorted)+8*len(strays))}
	var joined *spanStatements // not pushed yet, for the next may be the same
	push := func(n spanStatements) {
		if joined != nil && n.Span == joined.Span {
			joined.statements = max(joined.statements, n.statements)
			joined.covered = joined.covered || n.covered
			return
		}
		if joined != nil {
			s.push(*joined)
		}
		joined = &n
	}
	for w := (spanWalk{}); w.next(old.sorted); {
		for len(strays) > 0 && compareSpans(strays[0].Span, w.now.Span) < 0 {
			push(strays[0])
			strays = strays[1:]
		}
		push(w.now)
	}
	for _, n := range strays {
		push(n)
	}
	s.push(*joined)
}

// all hands out the spans in order.
func (s *spanSet) all() iter.Seq[spanStatements] {
	s.settle()
	return func(yield func(spanStatements) bool) {
		for w := (spanWalk{}); w.next(s.sorted); {
			if !yield(w.now) {
				return
			}
		}
	}
}

// merge adds all of other.
func (s *spanSet) merge(other *spanSet) {
	if s.count == 0 && len(s.strays) == 0 {
		other.touched = other.touched || s.touched
		*s = *other
		return
	}
	s.touched = s.touched || other.touched
	for n := range other.all() {
		s.add(n)
	}
}

func (s *spanSet) statementTotal() total {
	s.settle()
	return s.sum
}

// appendSpan writes a span that follows last. The lowest bit of the last number
// says whether it is covered, so that it can be set in place.
func appendSpan(to []byte, last Span, n spanStatements) []byte {
	flags := uint64(n.statements) << 1
	if n.covered {
		flags |= 1
	}
	down, high := n.StartLine-last.StartLine, n.EndLine-n.StartLine
	if down|high|n.StartColumn|n.EndColumn < 0x80 && n.statements < 0x40 { // all are one byte: nearly always
		return append(to, byte(down), byte(high), byte(n.StartColumn), byte(n.EndColumn), byte(flags))
	}
	to = binary.AppendUvarint(to, uint64(down))
	to = binary.AppendUvarint(to, uint64(high))
	to = binary.AppendUvarint(to, uint64(n.StartColumn))
	to = binary.AppendUvarint(to, uint64(n.EndColumn))
	return binary.AppendUvarint(to, flags)
}

// spanWalk reads what appendSpan wrote.
type spanWalk struct {
	at    int // behind now
	flags int // where now's statements are written
	now   spanStatements
}

func (w *spanWalk) next(sorted []byte) bool {
	if w.at >= len(sorted) {
		return false
	}
	w.now.StartLine += uint32(w.number(sorted))
	w.now.EndLine = w.now.StartLine + uint32(w.number(sorted))
	w.now.StartColumn = uint32(w.number(sorted))
	w.now.EndColumn = uint32(w.number(sorted))
	w.flags = w.at
	flags := w.number(sorted)
	w.now.statements, w.now.covered = uint32(flags>>1), flags&1 != 0
	return true
}

func (w *spanWalk) number(sorted []byte) uint64 {
	if b := sorted[w.at]; b < 0x80 {
		w.at++
		return uint64(b)
	}
	v, n := binary.Uvarint(sorted[w.at:])
	w.at += n
	return v
}
