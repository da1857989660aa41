package parse

import "bytes"

// benchText follows the text of go test -bench line by line.
type benchText struct {
	all  *benchSet
	pkg  string
	read benchLine
	// onePackage says that pkg is known and does not change.
	onePackage bool
	// pending is a benchmark whose name was printed and whose result was not:
	// without -v the name comes first, and then what the benchmark prints.
	pending  []byte
	partial  []byte // of write: a line without its end
	header   bool   // go test said what it is going to measure
	failed   bool
	panicked bool // and no PASS came after it
}

// write takes text in pieces of any length. Of a line without an end it keeps
// the last lineBytes.
func (t *benchText) write(text []byte) {
	for {
		line, rest, whole := bytes.Cut(text, []byte{'\n'})
		if !whole {
			t.partial = append(t.partial, line...)
			if over := len(t.partial) - lineBytes; over > 0 {
				t.partial = append(t.partial[:0], t.partial[over:]...)
			}
			return
		}
		if len(t.partial) > 0 {
			t.partial = append(t.partial, line...)
			line = t.partial
		}
		t.line(bytes.TrimSuffix(line, []byte{'\r'}))
		t.partial = t.partial[:0]
		text = rest
	}
}

// line takes one line, without its end.
func (t *benchText) line(line []byte) {
	switch {
	case t.read.result(line):
		t.found()
	case len(line) == 0 || t.status(line) || t.config(line):
	case bytes.Contains(line, benchmarkWord):
		t.interrupted(line)
	case t.pending != nil && t.read.trailing(line):
		t.read.name = t.pending
		t.found()
	}
}

// longLine takes a line that does not fit in memory, by its first piece. A
// result can stand at its end.
func (t *benchText) longLine(first []byte, lines *lineReader) {
	const longestResult = 4 << 10
	t.line(first)
	end := bytes.Clone(first[len(first)-longestResult:])
	for lines.long {
		end = append(end, lines.more()...)
		end = append(end[:0], end[max(0, len(end)-longestResult):]...)
	}
	t.line(end)
}

func (t *benchText) found() {
	t.all.add(t.pkg, &t.read)
	t.pending = nil
}

// status reads the lines by which go test says how it went.
func (t *benchText) status(line []byte) bool {
	switch line[0] {
	case 'P', 'F', 'o', '-', 'p':
	default:
		return false
	}
	switch {
	case string(line) == "PASS":
		t.panicked = false
	case string(line) == "FAIL", bytes.HasPrefix(line, []byte("--- FAIL: ")):
		t.failed = true
	case bytes.HasPrefix(line, []byte("ok  \t")):
		t.panicked = false
		t.endPackage()
	case bytes.HasPrefix(line, []byte("FAIL\t")):
		t.failed = true
		t.endPackage()
	case bytes.HasPrefix(line, []byte("panic: ")):
		t.panicked = true
	default:
		return false
	}
	t.pending = nil
	return true
}

// endPackage forgets the package: if no header follows, it is not known whose
// benchmarks come next.
func (t *benchText) endPackage() {
	if !t.onePackage {
		t.pkg = ""
	}
}

// config reads the header's pkg, and lines such as "Unit ns/op better=lower" of
// the benchmark format.
func (t *benchText) config(line []byte) bool {
	if bytes.HasPrefix(line, []byte("Unit ")) {
		t.all.unitLine(line[len("Unit "):])
		return true
	}
	key, value, ok := configLine(line)
	if !ok {
		return false
	}
	switch string(key) {
	case "pkg":
		if !t.onePackage {
			t.pkg = string(value)
		}
	case "goos", "goarch":
	default:
		return t.pending == nil
	}
	t.header = true
	t.pending = nil
	return true
}

// interrupted reads a line in which something else stands before the name of a
// benchmark, or between it and its result.
func (t *benchText) interrupted(line []byte) {
	for len(line) > 0 {
		word, rest := field(line)
		at := bytes.Index(word, benchmarkWord)
		if at < 0 || !startsBenchmark(word[at:]) {
			line = rest
			continue
		}
		padded := bytes.TrimLeft(rest, " ")
		if len(padded) == 0 || padded[0] != '\t' {
			line = rest
			continue
		}
		t.read.name = word[at:]
		if t.read.measured(rest) || t.read.trailing(rest) {
			t.found()
			return
		}
		t.pending = bytes.Clone(word[at:])
		t.failed = t.failed || bytes.HasPrefix(padded, []byte("\t--- FAIL: "))
		line = rest
	}
}

// torn reports whether a last line without an end is a result that was cut off.
// If all is there but the end of the line, a unit that is not known may have
// been longer.
func (t *benchText) torn(line []byte) bool {
	whole := t.read.result(line)
	if !whole && !startsBenchmark(line) {
		whole = t.pending != nil && t.read.trailing(line)
		if !whole {
			return t.pending != nil
		}
	}
	if !whole {
		return true
	}
	for _, v := range t.read.values {
		if goUnit(v.unit) == "" && !t.all.knows(v.unit) {
			return true
		}
	}
	return false
}
