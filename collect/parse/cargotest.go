package parse

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"
)

// cargoTest is the text of Rust's test runner. The figures are those of its last
// lines, for what a test prints can tear the line of its result; the names are of
// the lines that are whole.
var cargoTest = Format{
	Name: "cargo-test", Aliases: []string{"libtest-text"},
	From:  "cargo test, without options",
	Match: matchCargoTest, Parse: parseCargoTest,
}

var (
	cargoStatus  = lazily(`^test (\S.*?) \.\.\. (ok|FAILED|ignored)(?:, .*)?(?: <(\d+(?:\.\d+)?)s>)?$`)
	cargoRunning = lazily(`^running \d+ tests?$`)
	cargoResult  = lazily(`^test result: (ok|FAILED)\. (\d{1,9}) passed; (\d{1,9}) failed; (\d{1,9}) ignored; (\d{1,9}) measured;(?:.* finished in (\d+(?:\.\d+)?)s)?`)
	cargoBroken  = lazily(`^error: (could not compile|test failed|process didn't exit successfully)`)
)

// matchCargoTest looks for a test that was run: cargo bench lists tests that it
// ignores, and binaries without any.
func matchCargoTest(h *Head) bool {
	if bytes.IndexByte([]byte("<{["), h.first()) >= 0 || matchCargobench(h) {
		return false
	}
	running := false
	for line := range bytes.Lines(h.Bytes) {
		line = bytes.TrimRight(line, "\r\n")
		running = running || cargoRunning().Match(line)
		if m := cargoResult().FindSubmatch(line); m != nil && (atoi(m[2]) > 0 || atoi(m[3]) > 0) {
			return true
		}
		if m := cargoStatus().FindSubmatch(line); m != nil && running && string(m[2]) != "ignored" {
			return true
		}
	}
	return false
}

// cargoReader is the state of one file.
type cargoReader struct {
	sheet   *Sheet
	running bool // a binary began and has not said its result
	known   bool
	seen    [outcomes]int // of the binary, by the lines of its tests
	tests   int           // that were run, in all
	benches int           // that libtest measured
	bench   rustText      // to tell what is a run of benchmarks
}

func parseCargoTest(r io.Reader, s *Sheet) error {
	c := cargoReader{sheet: s, bench: rustText{sheet: NewSheet("")}}
	lines := newLineReader(r)
	for {
		line, ok := lines.next()
		if !ok {
			break
		}
		c.line(line)
		if err := c.bench.line(line, !lines.long); err != nil {
			return Errorf(lines.number, 0, "%w", err)
		}
	}
	c.bench.endBlock()
	switch err := lines.failure(); {
	case err != nil:
		return err
	case !c.known:
		return errors.New(`no result of a test in it: want the output of "cargo test"`)
	case c.benches > 0 || c.bench.seen > 0 && c.tests == 0:
		return errors.New(`has benchmarks: want the output of "cargo test"`)
	}
	c.endRun()
	s.Tool("cargo test")
	return nil
}

func (c *cargoReader) line(line []byte) {
	switch {
	case bytes.HasPrefix(line, []byte("test ")):
		if m := cargoStatus().FindSubmatch(line); m != nil && c.running {
			c.status(m)
		} else if m := cargoResult().FindSubmatch(line); m != nil {
			c.result(m)
		}
	case cargoRunning().Match(line):
		c.endRun()
		c.running = true
	case cargoBroken().Match(line):
		c.sheet.SuiteFailed()
	}
}

func (c *cargoReader) status(m [][]byte) {
	name := strings.TrimSuffix(string(m[1]), " - should panic")
	one := Case{Name: name}
	if !strings.Contains(name, " (line ") { // else it is an example of the documentation
		one = libtestCase(name)
	}
	one.Outcome = map[string]Outcome{"ok": Passed, "FAILED": Failed, "ignored": Skipped}[string(m[2])]
	if len(m[3]) > 0 {
		one.Seconds, one.Timed = parseSeconds(m[3])
	}
	c.known = true
	c.seen[one.Outcome]++
	if one.Outcome != Skipped {
		c.tests++
	}
	c.sheet.Case(one)
}

// result adds the tests whose lines were torn.
func (c *cargoReader) result(m [][]byte) {
	c.known, c.running = true, false
	for i, o := range []Outcome{Passed, Failed, Skipped} {
		n := atoi(m[2+i])
		if torn := n - c.seen[o]; torn > 0 {
			c.sheet.Cases(torn, o)
		}
		if o != Skipped {
			c.tests += n
		}
	}
	c.benches += atoi(m[5])
	if string(m[1]) == "FAILED" {
		c.sheet.SuiteFailed()
	}
	if len(m[6]) > 0 {
		if v, ok := parseSeconds(m[6]); ok {
			c.sheet.Seconds(v)
		}
	}
	c.seen = [outcomes]int{}
}

// atoi reads a count of at most nine digits.
func atoi(digits []byte) int {
	n, _ := strconv.Atoi(string(digits))
	return n
}

// endRun fails the suite where a binary ended without its result: a signal has
// killed it.
func (c *cargoReader) endRun() {
	if c.running {
		c.sheet.SuiteFailed()
	}
	c.running, c.seen = false, [outcomes]int{}
}
