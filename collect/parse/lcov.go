package parse

import (
	"bytes"
	"io"
)

// lcov is the tracefile of lcov and geninfo, which many tools write. The sums at
// the end of a record (LF, LH, BRF ...) are not read: they say nothing that the
// lines do not, and two records of one source file cannot be added up.
var lcov = Format{
	Name:  "lcov",
	From:  "lcov tracefile: lcov, geninfo, Istanbul and Vitest (lcov), c8, cargo llvm-cov --lcov, coverage lcov, Dart, Bazel",
	Match: matchLcov, Parse: parseLcov,
}

// matchLcov wants a record in the first lines that are neither empty nor a
// comment.
func matchLcov(h *Head) bool {
	rest := h.Bytes
	for range 20 {
		var line []byte
		line, rest, _ = bytes.Cut(rest, newline)
		key, value, ok := bytes.Cut(bytes.TrimRight(line, "\r"), []byte{':'})
		switch {
		case ok && string(key) == "SF":
			return len(value) > 0
		case ok && (string(key) == "TN" || string(key) == "VER"), len(bytes.TrimSpace(line)) == 0, line[0] == '#':
		default:
			return false
		}
	}
	return false
}

type lcovReader struct {
	sheet *Sheet
	lines *lineReader
	line  []byte // the one that is read
	from  int    // the line of the open record's SF, 0 outside of one
	some  bool   // there was a record
	file  *fileCoverage
	arms  armList
	// begins are the lines at which the functions of the record begin, by name
	// or, since lcov 2, by index.
	begins map[string]int
}

func parseLcov(r io.Reader, s *Sheet) error {
	l := lcovReader{sheet: s, lines: newLineReader(r)}
	for {
		line, ok := l.lines.next()
		if !ok {
			break
		}
		if l.lines.long {
			return Errorf(l.lines.number, lineBytes, "line is longer than %d bytes: want KEY:VALUE", lineBytes)
		}
		l.line = bytes.TrimRight(line, "\r")
		if err := l.read(); err != nil {
			return err
		}
	}
	switch {
	case l.lines.failure() != nil:
		return l.lines.failure()
	case l.from > 0:
		return Errorf(l.from, 0, "the record of this source file has no end_of_record: the file was cut off")
	case !l.some:
		return Errorf(1, 0, "has no record: want SF:FILE ... end_of_record")
	}
	return nil
}

// read reads one line. The most frequent key comes first.
func (l *lcovReader) read() error {
	line := l.line
	if len(line) > 3 && line[0] == 'D' && line[1] == 'A' && line[2] == ':' && l.from > 0 {
		return l.data(line[3:])
	}
	key, value, ok := bytes.Cut(line, []byte{':'})
	switch {
	case len(bytes.TrimSpace(line)) == 0 || line[0] == '#':
		return nil
	case !ok && string(line) == "end_of_record" && l.from > 0:
		l.arms.put(l.file)
		l.from, l.file = 0, nil
		return nil
	case l.from == 0:
		return l.outside(key, value, ok)
	case !ok || len(key) > 4 || !upper(key):
		return l.bad("want KEY:VALUE or end_of_record")
	}
	return l.inside(key, value)
}

// outside reads a line between records, where what is no key is passed over:
// scripts that put reports together leave all kinds of marks there.
func (l *lcovReader) outside(key, value []byte, ok bool) error {
	switch {
	case ok && string(key) == "SF" && len(value) > 0:
		l.from, l.some = l.lines.number, true
		l.file = l.sheet.cover.file(CleanName(slashed(string(value))))
		clear(l.begins)
	case ok && (string(key) == "TN" || string(key) == "VER"):
	case !l.some:
		return l.bad("want TN:NAME or SF:FILE")
	case ok && (string(key) == "DA" || string(key) == "BRDA"):
		return l.bad("belongs to no source file: want SF:FILE before it")
	}
	return nil
}

func (l *lcovReader) inside(key, value []byte) error {
	switch string(key) {
	case "SF":
		return l.bad("begins a record inside the one of line %d: want end_of_record before it", l.from)
	case "BRDA":
		return l.branch(value)
	case "FN", "FNL":
		return l.function(value, string(key) == "FNL")
	case "FNDA":
		count, name, ok := bytes.Cut(value, []byte{','})
		return l.called(name, name, count, ok)
	case "FNA":
		index, rest, ok := bytes.Cut(value, []byte{','})
		count, _, named := bytes.Cut(rest, []byte{','})
		return l.called(index, nil, count, ok && named) // its names are aliases of one function
	}
	return nil
}

// data reads LINE,COUNT or LINE,COUNT,CHECKSUM.
func (l *lcovReader) data(value []byte) error {
	number, rest := digits(value)
	if len(rest) == len(value) || len(rest) < 2 || rest[0] != ',' {
		return l.bad("want DA:LINE,COUNT")
	}
	covered, ok := lcovCount(rest[1:])
	if !ok {
		return l.bad("want DA:LINE,COUNT")
	}
	if number > maxLine {
		return l.bad("line %s is too large", value[:len(value)-len(rest)])
	}
	l.file.line(int(number), covered)
	return nil
}

// branch reads LINE,BLOCK,BRANCH,COUNT. Between the first and the last comma lcov
// 2 may write anything: its name of the branch is an expression.
func (l *lcovReader) branch(value []byte) error {
	number, rest := digits(value)
	last := bytes.LastIndexByte(value, ',')
	if len(rest) == len(value) || number > maxLine || last < len(value)-len(rest)+1 {
		return l.bad("want BRDA:LINE,BLOCK,BRANCH,COUNT")
	}
	taken, ok := lcovCount(value[last+1:])
	if !ok && string(value[last+1:]) != "-" {
		return l.bad("want BRDA:LINE,BLOCK,BRANCH,COUNT")
	}
	l.arms.add(uint32(number), taken)
	return nil
}

// function reads FN:LINE,NAME, FN:LINE,END,NAME or FNL:INDEX,LINE,END.
func (l *lcovReader) function(value []byte, indexed bool) error {
	name, ok := []byte(nil), true
	if indexed {
		if name, value, ok = bytes.Cut(value, []byte{','}); !ok {
			return l.bad("want FNL:INDEX,LINE")
		}
	}
	number, rest := digits(value)
	if len(rest) == len(value) || number > maxLine || !indexed && (len(rest) < 2 || rest[0] != ',') {
		return l.bad("want FN:LINE,NAME")
	}
	if !indexed {
		name = rest[1:]
		if _, after := digits(name); len(after) < len(name) && len(after) > 1 && after[0] == ',' {
			name = after[1:]
		}
	}
	if l.begins == nil {
		l.begins = map[string]int{}
	}
	cleaned := CleanName(string(name))
	l.begins[cleaned] = int(number)
	if !indexed {
		l.file.function(cleaned, int(number), false)
	}
	return nil
}

// called says how often a function was called that begins where key says.
func (l *lcovReader) called(key, name, count []byte, ok bool) error {
	covered, counted := lcovCount(count)
	if !ok || !counted {
		return l.bad("want FNDA:COUNT,NAME")
	}
	l.file.function(CleanName(string(name)), l.begins[CleanName(string(key))], covered)
	return nil
}

func (l *lcovReader) bad(format string, args ...any) error {
	if l.lines.torn {
		return &Error{Line: l.lines.number, Column: len(l.line) + 1, Err: ErrTorn}
	}
	return Errorf(l.lines.number, 0, "%.100q: "+format, append([]any{l.line}, args...)...)
}

// lcovCount reports whether a count is above zero. Counters overflow: a negative
// count was one, and a very large count may be written as 1e+20.
func lcovCount(b []byte) (positive, ok bool) {
	if len(b) == 1 && b[0] >= '0' && b[0] <= '9' {
		return b[0] != '0', true
	}
	b, _, _ = bytes.Cut(b, []byte{','}) // a checksum
	n, rest := digits(b)
	if len(rest) == 0 && len(b) > 0 {
		return n > 0, true
	}
	return anyHits(b)
}

// maxLine is the largest line number that counts as one.
const maxLine = 1<<31 - 1

// digits reads a number of up to 18 digits from the start of b; a longer one is
// given as the largest.
func digits(b []byte) (n uint64, rest []byte) {
	i := 0
	for i < len(b) && b[i] >= '0' && b[i] <= '9' {
		if n < 1e17 {
			n = 10*n + uint64(b[i]-'0')
		} else {
			n = 1e18
		}
		i++
	}
	return n, b[i:]
}

func upper(b []byte) bool {
	for _, c := range b {
		if c < 'A' || c > 'Z' {
			return false
		}
	}
	return len(b) > 0
}

// slashed writes the path of a source file with slashes and without the "./"
// that some tools begin it with.
func slashed(path string) string {
	b := []byte(path)
	for i, c := range b {
		if c == '\\' {
			b[i] = '/'
		}
	}
	for len(b) > 2 && b[0] == '.' && b[1] == '/' {
		b = b[2:]
	}
	return string(b)
}
