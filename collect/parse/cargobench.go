package parse

import (
	"bytes"
	"encoding/json"
	"io"
)

// cargobench reads what cargo bench prints, which is what the harnesses of the
// bench targets print, one after the other and with any text between. It knows
// those of libtest, Criterion, iai and Gungraun (which was iai-callgrind).
//
// libtest makes ns_per_op, and mb_per_s where the benchmark says its bytes.
// Criterion says the best estimate of the time of one iteration between two
// bounds; it counts as one value, and not at all where the file sample.json of
// the same benchmark is read too. With a throughput there is mb_per_s or
// items_per_s. What Criterion says about a change is no result.
//
// iai and Gungraun count instructions and what the caches did. The counts have
// the tool's names: instructions, l1_hits, estimated_cycles. Of "new|old" the new
// one counts, and N/A is none. A benchmark is called as in the line above its
// counts, "my::group::function id:arguments", also where Gungraun writes JSON
// (--output-format=json, or summary.json). Of several tools on one benchmark
// Callgrind's and DHAT's counts have plain names, those of others begin with the
// tool's: cachegrind_instructions, memcheck_errors.
var cargobench = Format{
	Name:    "cargo-bench",
	Aliases: []string{"libtest-bench", "criterion-text", "iai", "gungraun", "iai-callgrind", "callgrind-text"},
	From:    "cargo bench with libtest, Criterion, iai or Gungraun (iai-callgrind), the latter also with --output-format=json and as summary.json",
	Makes: []string{"bench/NAME.ns_per_op", "bench/NAME.mb_per_s", "bench/NAME.items_per_s", "bench/NAME.instructions",
		"bench/NAME.estimated_cycles", "bench/NAME.l1_hits", "bench/NAME.ram_hits", "bench/NAME.TOOL_COUNT"},
	Match: matchCargobench, Parse: parseCargobench,
}

// matchCargobench looks for a result of any of the harnesses. Before the first
// one a workspace can list thousands of tests that it ignores.
func matchCargobench(h *Head) bool {
	switch h.first() {
	case '<', '[', 0:
		return false
	case '{':
		o := h.json()
		return o.has("module_path", "profiles") || o.has("module_path", "benchmark_exe")
	}
	c := rustText{sheet: NewSheet("")}
	for head := h.Bytes; len(head) > 0; {
		line, rest, whole := bytes.Cut(head, []byte{'\n'})
		if !whole && len(h.Bytes) == HeadBytes {
			break
		}
		head = rest
		if c.line(bytes.TrimSuffix(line, []byte{'\r'}), true) != nil || c.seen > 0 {
			return true
		}
	}
	c.endBlock()
	return c.seen > 0 || c.json.summary() || len(h.Bytes) == HeadBytes && c.ignored > 100 && c.ignored == c.tests
}

func parseCargobench(r io.Reader, s *Sheet) error {
	c := rustText{sheet: s}
	lines := newLineReader(r)
	torn, last := false, 0
	for {
		line, ok := lines.next()
		if !ok {
			break
		}
		before := c.found
		last = lines.number
		err := c.line(line, !lines.long && !lines.torn)
		for lines.long && c.json.open() { // a summary in one line has any length
			err = c.gather(lines.more())
		}
		if err != nil {
			return Errorf(lines.number, 0, "%w", err)
		}
		torn = lines.torn && c.found == before && tornResult().Match(line)
	}
	torn = torn || c.json.summary()
	c.endBlock()
	switch err := lines.failure(); {
	case err != nil:
		return err
	case torn:
		return &Error{Line: last, Err: ErrTorn}
	case c.found == 0:
		return errNoBenchmark
	}
	if c.failed {
		s.SuiteFailed()
	}
	return nil
}

// tornResult is the beginning of a result that lacks its end.
var tornResult = lazily(`^test \S.* \.\.\. bench: |^\S.{22}.* time: +\[|^ +(time|thrpt): +\[|^  [A-Z][\w +-]*: +\d`)

// rustText follows the text of cargo bench line by line.
type rustText struct {
	sheet  *Sheet
	seen   int // results, also those without a figure
	found  int
	failed bool
	// tests are those that libtest lists, of which ignored were not run.
	tests, ignored int

	// header are the last lines that begin at the left, since an empty one: the
	// name of a benchmark can have several.
	header    []string
	criterion string // the benchmark whose time was last read
	block     countBlock
	json      jsonGather
}

// headerLines is how many lines of a name are kept.
const headerLines = 16

// line takes one line without its end, or the beginning of a long one, which is
// not whole.
func (c *rustText) line(line []byte, whole bool) error {
	line = plainLine(line)
	trimmed := bytes.TrimLeft(line, " \t")
	if !c.json.open() && (len(trimmed) == 0 || trimmed[0] != '{') {
		c.text(line)
		return nil
	}
	text := bytes.Clone(trimmed)
	if whole {
		text = append(text, '\n')
	}
	return c.gather(text)
}

// gather takes text of a JSON object, which ends with it or goes on.
func (c *rustText) gather(text []byte) error {
	began := c.json.open()
	taken, ok := c.json.add(text)
	if !ok { // it was no object: its lines are text, but one of them may be an object
		for _, line := range taken {
			if len(line) == 0 || line[0] != '{' || !json.Valid(line) {
				c.text(line)
			} else if err := c.summary(line); err != nil {
				return err
			}
		}
		if began && text[0] == '{' {
			return c.gather(text)
		}
		c.text(bytes.TrimRight(text, "\n"))
		return nil
	}
	if value := c.json.value(); value != nil {
		return c.summary(value)
	}
	return nil
}

func (c *rustText) text(line []byte) {
	switch {
	case len(bytes.TrimSpace(line)) == 0:
		c.endBlock()
		c.header = c.header[:0]
	case bytes.HasPrefix(line, []byte("test ")) && c.libtest(line):
	case c.criterionLine(line):
	case line[0] == ' ' || line[0] == '\t':
		c.count(line)
	case line[0] == '|': // Gungraun draws a grid if it is asked to
		c.count(append([]byte("  "), line[min(2, len(line)):]...))
	default:
		c.endBlock()
		c.failed = c.failed || rustFailed().Match(line)
		if len(c.header) == headerLines {
			c.header = append(c.header[:0], c.header[1:]...)
		}
		c.header = append(c.header, string(line[:min(len(line), 4*MaxNameBytes)]))
	}
}

var rustFailed = lazily(`^(error: (bench failed|test failed|could not compile|process didn't exit successfully)|test result: FAILED)`)

// libtest reads "test NAME ... bench: 1,234 ns/iter (+/- 56) = 7 MB/s".
func (c *rustText) libtest(line []byte) bool {
	c.endBlock()
	name, result, ok := bytes.Cut(line[len("test "):], []byte(" ... "))
	name = bytes.TrimRight(name, " ")
	if !ok || len(name) == 0 {
		return false
	}
	if status, _ := field(result); string(status) != "bench:" {
		c.tests++
		if string(status) == "ignored" {
			c.ignored++
		}
		return string(status) == "ok" || string(status) == "ignored" || string(status) == "FAILED"
	}
	v, rest, ok := numberUnit(result[len("bench:"):])
	sign, rest := field(rest)
	bound, rest := field(rest)
	if !ok || !bytes.HasSuffix(v.unit, []byte("/iter")) || string(sign) != "(+/-" || !bytes.HasSuffix(bound, []byte{')'}) {
		return false
	}
	c.seen, c.found = c.seen+1, c.found+1
	c.sheet.bench(string(name), string(v.unit), v.v)
	if equals, rest := field(rest); string(equals) == "=" {
		if rate, _, ok := numberUnit(rest); ok {
			c.sheet.bench(string(name), string(rate.unit), rate.v)
		}
	}
	return true
}

// numberUnit reads "1,234 ns/iter" from the front.
func numberUnit(b []byte) (v benchValue, rest []byte, ok bool) {
	number, rest := field(b)
	v.unit, rest = field(rest)
	v.v, ok = grouped(number)
	return v, rest, ok && len(v.unit) > 0
}

// grouped reads a number whose thousands are apart by commas.
func grouped(b []byte) (float64, bool) {
	if bytes.IndexByte(b, ',') < 0 {
		return parseFloat(b)
	}
	return parseFloat(bytes.ReplaceAll(b, []byte{','}, nil))
}

// plainLine takes colours out of a line, and what was written over.
func plainLine(line []byte) []byte {
	if i := bytes.LastIndexByte(line, '\r'); i >= 0 {
		line = line[i+1:]
	}
	return withoutCodes(line)
}
