package parse

import (
	"bytes"
	"strings"

	"github.com/plumbline-ci/plumbline/collect"
)

// A countBlock is what iai or Gungraun print below the name of a benchmark.
type countBlock struct {
	name string
	rows []countRow
	tool string // of the section, in lower case; empty before the first
	// section is where the rows of the section begin: a total takes the place of
	// the parts before it.
	section int
	// closed says that what follows compares with another benchmark.
	closed bool
}

type countRow struct {
	quantity string
	v        float64
	measured bool
}

var (
	countRowLine = lazily(`^ {2,}([A-Za-z][A-Za-z0-9 +-]*): +(\d+(?:\.\d+)?|N/A)?(\|(?:\d\S*|N/A))?(?: +[(|].*)?$`)
	countSection = lazily(`^ +={3,} ([A-Za-z]+) =+ *$`)
	countTotal   = lazily(`^ +## Total`)
	rustPath     = lazily(`^\w+(::\w+)+( |$)`)
)

// count reads a line that begins with spaces: one count, or what stands between
// them.
func (c *rustText) count(line []byte) {
	b := &c.block
	if m := countSection().FindSubmatch(line); m != nil {
		c.openBlock(true)
		b.tool, b.section = strings.ToLower(string(m[1])), len(b.rows)
		return
	}
	if bytes.HasPrefix(line, []byte("  Comparison with ")) {
		b.closed = true
		return
	}
	if countTotal().Match(line) {
		b.rows = b.rows[:b.section]
		return
	}
	m := countRowLine().FindSubmatch(line)
	if m == nil || b.closed {
		return
	}
	quantity := textQuantity(string(m[1]))
	compared := len(m[3]) > 0 // NEW|OLD is Gungraun's
	if !compared && !plainCounts[quantity] || quantity == "baselines" {
		return
	}
	if c.openBlock(compared); b.name == "" {
		return
	}
	v, ok := parseFloat(m[2])
	b.rows = append(b.rows, countRow{toolQuantity(b.tool, quantity), v, ok})
}

// openBlock finds the name of the benchmark whose counts begin. Gungraun's can
// have several lines, for arguments can; the first of them has the path of the
// function.
func (c *rustText) openBlock(compared bool) {
	if c.block.name != "" || len(c.header) == 0 {
		return
	}
	from := len(c.header) - 1
	for i := from; compared && i >= 0; i-- {
		if rustPath().MatchString(c.header[i]) {
			from = i
			break
		}
	}
	c.block.name = strings.Join(c.header[from:], " ")
	c.header = c.header[:0]
}

// endBlock puts the counts of a benchmark on the sheet.
func (c *rustText) endBlock() {
	b := &c.block
	for _, row := range b.rows {
		c.seen++
		if row.measured {
			c.found++
			c.sheet.benchAs(b.name, countMeasure(row.quantity), row.v)
		}
	}
	*b = countBlock{rows: b.rows[:0]}
}

// plainCounts are those of iai and of the first versions of iai-callgrind, which
// have no mark of their own.
var plainCounts = map[string]bool{
	"instructions": true, "l1_accesses": true, "l2_accesses": true, "ram_accesses": true, "estimated_cycles": true,
	"l1_hits": true, "l2_hits": true, "ll_hits": true, "ram_hits": true, "total_read_write": true,
}

// textQuantity makes a quantity of words: "Total read+write" is
// total_read_write, AcCost1 is ac_cost1.
func textQuantity(words string) string {
	if !strings.Contains(words, " ") {
		return jsonQuantity(words) // a kind that has no other name
	}
	return strings.Join(strings.FieldsFunc(strings.ToLower(words), func(r rune) bool {
		return r == ' ' || r == '+' || r == '-'
	}), "_")
}

// toolQuantity is the quantity of a count by one of Valgrind's tools. Callgrind's
// and DHAT's have names of their own; the others' are told apart.
func toolQuantity(tool, quantity string) string {
	switch tool {
	case "", "callgrind", "dhat":
		return quantity
	}
	return tool + "_" + quantity
}

// countMeasure is what a count measures. Fewer are better, but for hits: one that
// is no longer a hit may have become a miss, or may not happen at all.
func countMeasure(quantity string) measure {
	q := measure{name: plainQuantity(quantity), factor: 1, better: collect.Lower}
	switch {
	case strings.HasSuffix(quantity, "_hit_rate"):
		q.unit, q.better = "%", collect.Higher
	case strings.HasSuffix(quantity, "_rate"):
		q.unit = "%"
	case strings.HasSuffix(quantity, "_bytes"):
		q.unit = "B"
	case strings.HasSuffix(quantity, "ram_hits"), strings.HasSuffix(quantity, "ram_accesses"):
	case strings.HasSuffix(quantity, "_hits"), strings.HasSuffix(quantity, "_accesses"), strings.Contains(quantity, "suppressed_"):
		q.better = collect.None
	}
	return q
}
