package parse

import (
	"bytes"
	"strings"
)

// criterionLine reads "NAME  time:   [2.02 ns 2.23 ns 2.44 ns]", whose name may
// stand on the line before, and a line with thrpt: after it. It reports whether
// the line is one of these; the lines of a change have other values.
func (c *rustText) criterionLine(line []byte) bool {
	before, after, ok := cutLast(line, []byte("time:"))
	thrpt := false
	if !ok {
		if before, after, ok = cutLast(line, []byte("thrpt:")); !ok {
			return false
		}
		thrpt = true
	}
	v, unit, ok := criterionBest(after)
	if !ok {
		return false
	}
	name := string(bytes.TrimSpace(before))
	if name == "" && thrpt {
		name = c.criterion
	}
	if name == "" && !thrpt && len(c.header) > 0 {
		name = strings.TrimSpace(c.header[len(c.header)-1])
	}
	if name == "" {
		return false
	}
	c.endBlock()
	c.criterion = name
	c.seen, c.found = c.seen+1, c.found+1
	c.sheet.benchEstimate(name, measureOf(unit), v)
	c.header = c.header[:0]
	return true
}

func cutLast(line, sep []byte) (before, after []byte, found bool) {
	i := bytes.LastIndex(line, sep)
	if i < 0 {
		return nil, nil, false
	}
	return line[:i], line[i+len(sep):], true
}

// criterionBest reads the middle one of "[LOW UNIT BEST UNIT HIGH UNIT]".
func criterionBest(b []byte) (v float64, unit string, ok bool) {
	b = bytes.TrimSpace(b)
	if len(b) < 2 || b[0] != '[' || b[len(b)-1] != ']' {
		return 0, "", false
	}
	words := bytes.Fields(b[1 : len(b)-1])
	if len(words) != 6 {
		return 0, "", false
	}
	v, ok = parseFloat(words[2])
	return v, string(words[3]), ok
}
