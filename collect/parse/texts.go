package parse

import "strings"

// texts holds many short texts in few pieces of memory.
type texts struct {
	pieces []string
	last   strings.Builder // whose text so far is the last piece
}

// textPlace is where a text stands: no pointer, for the garbage collector would
// follow a million.
type textPlace struct {
	piece      uint32
	from, size uint16
}

// The size of the first piece and of the largest. Each has twice that of the one
// before.
const (
	leastTexts   = 1 << 10
	largestTexts = 32 << 10
)

// put keeps a text of at most 32 KiB.
func (t *texts) put(text []byte) textPlace {
	if len(t.pieces) == 0 || t.last.Cap()-t.last.Len() < len(text) {
		size := min(max(leastTexts, 2*t.last.Cap()), largestTexts)
		t.last.Reset()
		t.last.Grow(size)
		t.pieces = append(t.pieces, "")
	}
	from, last := t.last.Len(), len(t.pieces)-1
	t.last.Write(text)
	t.pieces[last] = t.last.String()
	return textPlace{uint32(last), uint16(from), uint16(len(text))}
}

// at is the text at a place.
func (t *texts) at(p textPlace) string {
	return t.pieces[p.piece][p.from : uint32(p.from)+uint32(p.size)]
}
