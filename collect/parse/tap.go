package parse

import (
	"bytes"
	"errors"
	"io"
	"strings"
)

// tap is the Test Anything Protocol, versions 12 to 14. Lines of other programs
// between its own do not matter.
//
// A test with subtests does not count beside them. A plan that is missing or is
// not kept fails the suite, as does "Bail out!".
var tap = Format{
	Name:  "tap",
	From:  "TAP 12 to 14: node --test --test-reporter=tap, prove -v, bats, tape, node-tap, pgTAP",
	Match: isTAP, Parse: parseTAP,
}

// isTAP looks for the line of the version, or else for a plan and a test.
func isTAP(h *Head) bool {
	if h.first() == '<' {
		return false
	}
	plan, point := false, false
	for line := range bytes.Lines(h.Bytes) {
		line = bytes.TrimRight(line, "\r\n")
		if tapVersion(line) {
			return true
		}
		n, planned := tapPlan(line)
		plan = plan || planned
		_, is := tapPoint(line)
		point = point || is || planned && n == 0
		if plan && point {
			return true
		}
	}
	return false
}

func tapVersion(line []byte) bool { return bytes.HasPrefix(line, []byte("TAP version 1")) }

// tapPlan reads "1..7", also with "# SKIP why" after it.
func tapPlan(line []byte) (n int, ok bool) {
	rest, ok := bytes.CutPrefix(line, []byte("1.."))
	if !ok {
		return 0, false
	}
	digits := 0
	for digits < len(rest) && digits < 10 && '0' <= rest[digits] && rest[digits] <= '9' {
		n = 10*n + int(rest[digits]-'0')
		digits++
	}
	after := bytes.TrimLeft(rest[digits:], " \t")
	return n, digits > 0 && (len(after) == 0 || after[0] == '#')
}

// tapPoint reads a line such as "not ok 3 - adds # TODO later" up to what
// follows the number.
func tapPoint(line []byte) (p tapTest, ok bool) {
	rest, not := bytes.CutPrefix(line, []byte("not ok"))
	if !not {
		if rest, ok = bytes.CutPrefix(line, []byte("ok")); !ok {
			return p, false
		}
	}
	if len(rest) > 0 && rest[0] != ' ' && rest[0] != '-' {
		return p, false
	}
	rest = bytes.TrimLeft(rest, " ")
	digits := 0
	for digits < len(rest) && '0' <= rest[digits] && rest[digits] <= '9' {
		digits++
	}
	if digits < len(rest) && rest[digits] != ' ' && rest[digits] != '-' {
		digits = 0 // the name begins with a digit
	}
	p.numbered = digits > 0
	rest = bytes.TrimLeft(rest[digits:], " ")
	if after, dash := bytes.CutPrefix(rest, []byte("-")); dash {
		p.numbered, rest = true, bytes.TrimLeft(after, " ")
	}
	p.text = rest
	if not {
		p.Outcome = Failed
	}
	return p, true
}

// tapTest is one test line. Numbered says that it has a number or a dash, so
// that it is no prose which begins with "ok".
type tapTest struct {
	Case
	text     []byte
	numbered bool
	group    bool
}

// directives takes the directives off the text: # SKIP, # TODO and the time that
// some tools put there. A number sign in a name is escaped, or no directive
// follows it.
func (p *tapTest) directives() {
	text := p.text
	for i := 0; i < len(text); i++ {
		if text[i] == '\\' {
			i++
			continue
		}
		if text[i] == '#' && p.directive(bytes.TrimLeft(text[i+1:], " ")) && len(p.text) > i {
			p.text = bytes.TrimRight(text[:i], " -")
		}
	}
	// bats --timing: "ok 1 adds in 12ms".
	if at := bytes.LastIndex(p.text, []byte(" in ")); at >= 0 && !p.Timed && p.millis(p.text[at+4:]) {
		p.text = p.text[:at]
	}
}

func (p *tapTest) directive(text []byte) bool {
	word := bytes.ToLower(text[:min(len(text), 4)])
	switch string(word) {
	case "skip":
		p.Outcome = Skipped
	case "todo":
		if p.Outcome == Failed {
			p.Outcome = Skipped
		}
	case "time":
		after, ok := bytes.CutPrefix(text, []byte("time="))
		return ok && p.millis(after)
	default:
		return false
	}
	return true
}

// millis reads a time such as "12.5ms".
func (p *tapTest) millis(text []byte) bool {
	number, ok := bytes.CutSuffix(bytes.TrimSpace(text), []byte("ms"))
	v, known := parseSeconds(number)
	if !ok || !known {
		return false
	}
	p.Seconds, p.Timed = v/1000, true
	return true
}

// tapReader is the state of one file.
type tapReader struct {
	sheet  *Sheet
	levels []tapLevel // by depth of subtests; the first is the file
	known  bool       // a version or a plan was there
	held   *tapTest   // the last test, whose YAML may follow
	heldAt int        // its depth
	yaml   []byte     // the indentation of the open YAML block
	inYAML bool
}

// tapLevel is what is open at one depth.
type tapLevel struct {
	planned bool
	plan    int
	seen    int
	subtest string // that was announced and has not ended
}

// maxSubtests is how deep subtests may lie.
const maxSubtests = 100

func parseTAP(r io.Reader, s *Sheet) error {
	t := tapReader{sheet: s, levels: make([]tapLevel, 1)}
	lines := newLineReader(r)
	for {
		line, ok := lines.next()
		if !ok {
			break
		}
		t.line(line)
	}
	if err := lines.failure(); err != nil {
		return err
	}
	if !t.known {
		return errors.New(`has no line "TAP version 14" and no plan such as "1..7": want TAP`)
	}
	t.flush()
	t.endStream()
	s.Tool("tap")
	return nil
}

func (t *tapReader) line(line []byte) {
	text := bytes.TrimLeft(line, " ")
	indent := len(line) - len(text)
	if t.inYAML {
		t.yamlLine(indent, text)
		return
	}
	if t.held != nil && string(text) == "---" && indent > 4*t.heldAt {
		t.inYAML, t.yaml = true, append(t.yaml[:0], line[:indent]...)
		return
	}
	depth := indent / 4
	if len(text) == 0 || indent%4 != 0 || depth >= maxSubtests {
		return
	}
	switch n, planned := tapPlan(text); {
	case planned:
		t.planLine(depth, n)
	case depth == 0 && tapVersion(text):
		t.flush()
		if t.known {
			t.endStream()
		}
		t.known = true
	case bytes.HasPrefix(text, []byte("Bail out!")):
		t.sheet.SuiteFailed()
	case bytes.HasPrefix(text, []byte("# Subtest: ")):
		t.flush()
		t.level(depth).subtest = string(text[len("# Subtest: "):])
	default:
		if p, ok := tapPoint(text); ok && (depth == 0 || p.numbered) {
			t.point(depth, p)
		}
	}
}

// level returns the level of a depth, open or not.
func (t *tapReader) level(depth int) *tapLevel {
	for len(t.levels) <= depth {
		t.levels = append(t.levels, tapLevel{})
	}
	return &t.levels[depth]
}

// planLine notes a plan. Where a stream has two of them, several were written
// one after the other.
func (t *tapReader) planLine(depth, n int) {
	t.flush()
	l := t.level(depth)
	if depth == 0 {
		t.known = true
		if l.planned {
			t.endStream()
			l = t.level(0)
		}
	}
	l.planned, l.plan = true, n
}

func (t *tapReader) point(depth int, p tapTest) {
	t.flush()
	for i := depth + 1; i < len(t.levels); i++ {
		p.group = p.group || t.levels[i].seen > 0
	}
	t.level(depth)
	t.levels = t.levels[:depth+1]
	p.directives()
	if !t.sheet.TotalsOnly {
		p.Name = tapUnescape(string(p.text))
		p.Suite = t.parents(depth)
	}
	p.text = nil
	t.levels[depth].seen++
	t.levels[depth].subtest = ""
	t.held, t.heldAt = &p, depth
}

// parents are the names of the tests around a depth.
func (t *tapReader) parents(depth int) string {
	var names []string
	for _, l := range t.levels[:depth] {
		if l.subtest != "" {
			names = append(names, l.subtest)
		}
	}
	return strings.Join(names, " > ")
}

func tapUnescape(name string) string {
	if !strings.Contains(name, `\`) {
		return name
	}
	return strings.NewReplacer(`\#`, "#", `\\`, `\`).Replace(name)
}

// yamlLine reads what a tool says of the test before: node's own runner gives
// duration_ms, and type where a suite is meant.
func (t *tapReader) yamlLine(indent int, text []byte) {
	if indent != len(t.yaml) {
		return
	}
	if string(text) == "..." {
		t.inYAML = false
		t.flush()
		return
	}
	key, value, _ := bytes.Cut(text, []byte{':'})
	value = bytes.Trim(value, ` '"`)
	switch string(key) {
	case "duration_ms":
		if v, ok := parseSeconds(value); ok {
			t.held.Seconds, t.held.Timed = v/1000, true
		}
	case "type":
		t.held.group = t.held.group || string(value) == "suite"
	}
}

// flush counts the test that is held.
func (t *tapReader) flush() {
	p := t.held
	if p == nil {
		return
	}
	t.held = nil
	switch {
	case !p.group:
		t.sheet.Case(p.Case)
	case p.Outcome == Failed:
		t.sheet.SuiteFailed()
	}
}

// endStream checks what is open: the plan of the file, and subtests whose own
// test never came.
func (t *tapReader) endStream() {
	top := t.levels[0]
	if !top.planned || top.plan != top.seen {
		t.sheet.SuiteFailed()
	}
	for _, l := range t.levels[1:] {
		if l.seen > 0 {
			t.sheet.SuiteFailed()
		}
	}
	t.levels = make([]tapLevel, 1)
}
