package parse

import (
	"bytes"
	"strconv"
	"unicode"
	"unicode/utf8"
)

var benchmarkWord = []byte("Benchmark")

// benchLine is the result of one run of one benchmark. Its parts point into the
// text that it was read from.
type benchLine struct {
	name   []byte // with Benchmark and -N
	values []benchValue
}

type benchValue struct {
	v    float64
	unit []byte
}

// result reads a line such as "BenchmarkFib-8  100  325 ns/op  0 B/op".
func (b *benchLine) result(line []byte) bool {
	if !startsBenchmark(line) {
		return false
	}
	name, rest := field(line)
	b.name = name
	return b.plain(rest) || b.measured(rest)
}

// startsBenchmark reports whether a line begins with the name of a benchmark:
// for go test, Benchmarks is none.
func startsBenchmark(line []byte) bool {
	if !bytes.HasPrefix(line, benchmarkWord) {
		return false
	}
	r, _ := utf8.DecodeRune(line[len(benchmarkWord):])
	return !unicode.IsLower(r)
}

// plain reads what stands after the name as measured does, if it is as go test
// writes it: numbers in digits with spaces and tabs between. It reports false of
// anything else.
func (b *benchLine) plain(rest []byte) bool {
	b.values = b.values[:0]
	i := blanks(rest, 0)
	from := i
	for i < len(rest) && rest[i]-'0' <= 9 {
		i++
	}
	if i == from {
		return false
	}
	for i < len(rest) {
		number := blanks(rest, i)
		if number == i {
			return false
		}
		v, end := plainFloat(rest, number)
		unit := blanks(rest, end)
		if unit == end {
			return false
		}
		for i = unit; i < len(rest) && graphic(rest[i]); i++ {
		}
		if i == unit {
			return false
		}
		b.values = append(b.values, benchValue{v, rest[unit:i]})
	}
	return len(b.values) > 0
}

// blanks returns where the spaces and tabs from at on end.
func blanks(s []byte, at int) int {
	for at < len(s) && (s[at] == ' ' || s[at] == '\t') {
		at++
	}
	return at
}

// plainFloat reads the digits from at on, with a point among or behind them, and
// returns where they end: at, if there are none or too many to be read exactly.
func plainFloat(s []byte, at int) (v float64, end int) {
	var mantissa uint64
	i, point := at, -1
	for ; i < len(s); i++ {
		if c := s[i] - '0'; c <= 9 {
			mantissa = mantissa*10 + uint64(c)
		} else if s[i] == '.' && point < 0 {
			point = i
		} else {
			break
		}
	}
	n := i - at
	if point >= 0 {
		n--
	}
	switch {
	case n == 0, n >= len(exactPowers):
		return 0, at
	case point < 0:
		return float64(mantissa), i
	}
	return float64(mantissa) / exactPowers[i-1-point], i
}

// measured reads what stands after the name: the iterations, then values with
// their units. Where something else follows them, such as a message from
// another process, only the units that go test itself writes are believed.
func (b *benchLine) measured(rest []byte) bool {
	n, rest := field(rest)
	if !allDigits(n) {
		return false
	}
	b.values = b.values[:0]
	for {
		number, after := field(rest)
		if len(number) == 0 {
			break
		}
		unit, after := field(after)
		v, ok := parseFloat(number)
		if !ok || len(unit) == 0 {
			b.keepOwnUnits()
			break
		}
		b.values = append(b.values, benchValue{v, unit})
		rest = after
	}
	return len(b.values) > 0
}

func (b *benchLine) keepOwnUnits() {
	kept := b.values[:0]
	for _, v := range b.values {
		if goUnit(v.unit) != "" {
			kept = append(kept, v)
		}
	}
	b.values = kept
}

// trailing reads a result without its name from the end of a line, behind
// anything that was printed before it without an end of line. The parts are
// apart by tabs, as go test writes them.
func (b *benchLine) trailing(line []byte) bool {
	start := len(line)
	for {
		tab := bytes.LastIndexByte(line[:start], '\t')
		if tab < 0 || !oneValue(line[tab+1:start]) {
			break
		}
		start = tab
	}
	if start == len(line) {
		return false
	}
	n := start
	for n > 0 && line[n-1] >= '0' && line[n-1] <= '9' {
		n--
	}
	return n < start && b.measured(line[n:])
}

// oneValue reports whether there is a number and its unit, and nothing else. A
// count of iterations is no unit: "NaN  100" is text before one.
func oneValue(s []byte) bool {
	number, s := field(s)
	unit, s := field(s)
	_, ok := parseFloat(number)
	rest, _ := field(s)
	return ok && len(unit) > 0 && !allDigits(unit) && len(rest) == 0
}

// field cuts the first field off, as bytes.Fields sees it.
func field(s []byte) (first, rest []byte) {
	i := 0
	for i < len(s) && !graphic(s[i]) {
		n := spaceBytes(s[i:])
		if n == 0 {
			break
		}
		i += n
	}
	from := i
	for i < len(s) && (graphic(s[i]) || spaceBytes(s[i:]) == 0) {
		i++
	}
	return s[from:i], s[i:]
}

// graphic reports whether a byte is a character that is no space: nearly all are.
func graphic(c byte) bool { return c > ' ' && c < utf8.RuneSelf }

// spaceBytes is the length of the space that s begins with, or 0.
func spaceBytes(s []byte) int {
	switch c := s[0]; {
	case c == ' ', c >= '\t' && c <= '\r':
		return 1
	case c < utf8.RuneSelf:
		return 0
	}
	if r, n := utf8.DecodeRune(s); unicode.IsSpace(r) {
		return n
	}
	return 0
}

func allDigits(s []byte) bool {
	for _, c := range s {
		if c < '0' || c > '9' {
			return false
		}
	}
	return len(s) > 0
}

// goUnit is the quantity of a unit that go test itself writes, or empty.
func goUnit(unit []byte) string {
	switch string(unit) {
	case "ns/op":
		return "ns_per_op"
	case "B/op":
		return "bytes_per_op"
	case "allocs/op":
		return "allocs_per_op"
	case "MB/s":
		return "mb_per_s"
	}
	return ""
}

// configLine reads a line such as "pkg: net/http": a key in lower case, a colon
// and a value.
func configLine(line []byte) (key, value []byte, ok bool) {
	key, value, ok = bytes.Cut(line, []byte{':'})
	if !ok || len(key) == 0 || key[0] < 'a' || key[0] > 'z' || bytes.IndexByte(key, ' ') >= 0 {
		return nil, nil, false
	}
	if len(value) > 0 && value[0] != ' ' && value[0] != '\t' {
		return nil, nil, false
	}
	return key, bytes.TrimSpace(value), true
}

// procsSuffix returns where the -N of a benchmark's name begins, and N. Without
// one that is the end of the name, and 0.
func procsSuffix(name []byte) (at, procs int) {
	at = bytes.LastIndexByte(name, '-')
	if at <= 0 || len(name)-at > 5 || !allDigits(name[at+1:]) || name[at+1] == '0' {
		return len(name), 0
	}
	procs, _ = strconv.Atoi(string(name[at+1:]))
	if procs == 1 {
		return len(name), 0
	}
	return at, procs
}
