package parse

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
)

// A benchLines is the text of a benchmark tool that prints each result on one
// line, with any text between.
type benchLines struct {
	// mark is a piece of each result, which is looked for before re.
	mark string
	// re finds a result.
	re func() *regexp.Regexp
	// put adds a result by the groups of re. It reports whether it is one.
	put func(s *Sheet, groups []string) bool
	// want is how a result looks, for the error where there is none.
	want string
}

func (b benchLines) match(h *Head) bool {
	return h.anyLine(b.mark, func(line string) bool {
		m := b.re().FindStringSubmatch(line)
		return m != nil && b.put(NewSheet(""), m)
	})
}

func (b benchLines) parse(r io.Reader, s *Sheet) error {
	found := false
	err := textLines(r, func(_ int, line string) error {
		if !strings.Contains(line, b.mark) {
			return nil
		}
		if m := b.re().FindStringSubmatch(line); m != nil && b.put(s, m) {
			found = true
		}
		return nil
	})
	if err == nil && !found {
		return noResult(b.want)
	}
	return err
}

// noResult is the error of a file without any benchmark.
func noResult(want string) error { return fmt.Errorf("no benchmark result in it: want %s", want) }

// textLines calls line for each line of a text with its number, without the
// codes by which terminals get colours. A line over 64 KiB is none that a
// benchmark tool writes, and is left out.
func textLines(r io.Reader, line func(n int, text string) error) error {
	lines := newLineReader(r)
	for {
		text, ok := lines.next()
		if !ok {
			return lines.failure()
		}
		if lines.long {
			continue
		}
		if err := line(lines.number, string(withoutCodes(text))); err != nil {
			return err
		}
	}
}

var terminalCodes = lazily(`\x1b\[[0-9;?]*[A-Za-z]`)

// withoutCodes takes colours and what else is for a terminal out of a line.
func withoutCodes(line []byte) []byte {
	if bytes.IndexByte(line, 0x1b) < 0 {
		return line
	}
	return terminalCodes().ReplaceAll(line, nil)
}

// anyLine reports whether the file is a text, of which a line with mark in it is
// one of a format.
func (h *Head) anyLine(mark string, is func(line string) bool) bool {
	if first := h.first(); first == '<' || first == '{' || !bytes.Contains(h.Bytes, []byte(mark)) {
		return false
	}
	for line := range h.lines() {
		if bytes.Contains(line, []byte(mark)) && is(string(withoutCodes(line))) {
			return true
		}
	}
	return false
}

// lines are the lines of the head, without the one that it cuts.
func (h *Head) lines() func(yield func(line []byte) bool) {
	return func(yield func([]byte) bool) {
		rest := h.Bytes
		for len(rest) > 0 {
			line, after, whole := bytes.Cut(rest, []byte{'\n'})
			if !whole && len(h.Bytes) >= HeadBytes {
				return
			}
			if !yield(bytes.TrimSuffix(line, []byte{'\r'})) {
				return
			}
			rest = after
		}
	}
}

// groupedNumber reads a number whose thousands may be apart: 1,234,567.8.
func groupedNumber(s string) (float64, bool) {
	v, err := strconv.ParseFloat(strings.ReplaceAll(s, ",", ""), 64)
	return v, err == nil && !notFinite(v)
}
