package parse

import (
	"bytes"
	"errors"
	"io"
	"strings"
)

// callgrind reads what Valgrind's Callgrind and Cachegrind count of a whole
// command: their out files, what callgrind_annotate and cg_annotate print of
// these, and what the tools themselves print at the end. The command is the
// benchmark's name. Counts are called as in the events: Ir is instructions, D1mr
// is d1mr.
var callgrind = Format{
	Name:    "callgrind",
	Aliases: []string{"cachegrind"},
	From:    "valgrind --tool=callgrind or --tool=cachegrind: the out file, the output, or that of callgrind_annotate and cg_annotate",
	Makes:   []string{"bench/COMMAND.instructions", "bench/COMMAND.EVENT"},
	Match:   matchCallgrind, Parse: parseCallgrind,
}

var (
	callgrindOut = lazily(`(?m)\A(?:# callgrind format|version: \d+\r?\ncreator: |desc: |cmd: )(?s:.*)^events: \S`)
	annotated    = lazily(`(?m)^Events shown: +\S`)
	valgrindTool = lazily(`(?m)^==(\d+)== (Cachegrind|Callgrind), a `)
)

func matchCallgrind(h *Head) bool {
	return callgrindOut().Match(h.Bytes) || annotated().Match(h.Bytes) || valgrindTool().Match(h.Bytes)
}

// callgrindText follows any of the texts.
type callgrindText struct {
	sheet  *Sheet
	cmd    string
	events []string
	// summary are the sums that stand before or, of Cachegrind, behind the
	// figures; totals those behind each part of a Callgrind file.
	summary, totals []float64
	isOut, creator  bool
	found           bool
	processes       map[string]*callgrindProcess
}

// callgrindProcess is what one process of a log says of itself.
type callgrindProcess struct {
	tool, cmd string
	events    []string
}

func parseCallgrind(r io.Reader, s *Sheet) error {
	c := callgrindText{sheet: s, processes: map[string]*callgrindProcess{}}
	lines := newLineReader(r)
	for {
		line, ok := lines.next()
		if !ok {
			break
		}
		if err := c.line(line); err != nil {
			return Errorf(lines.number, 0, "%w", err)
		}
	}
	if err := lines.failure(); err != nil {
		return err
	}
	if c.isOut {
		return c.finish(lines.number - 1)
	}
	if !c.found {
		return errNoBenchmark
	}
	return nil
}

// finish takes the sums of an out file, which stand at its end.
func (c *callgrindText) finish(last int) error {
	sums := c.totals
	if !c.creator && sums == nil {
		sums = c.summary
	}
	if sums == nil {
		return Errorf(last, 0, `no "totals:" or "summary:" at the end: %w`, ErrTorn)
	}
	return c.put(c.cmd, c.events, sums)
}

func (c *callgrindText) put(name string, events []string, sums []float64) error {
	if name == "" {
		return errors.New(`no command: want a line "cmd:", "Command:" or "Profiled target:"`)
	}
	if len(sums) > len(events) || len(sums) == 0 {
		return errors.New("there are not as many sums as events")
	}
	for i, v := range sums {
		c.sheet.benchAs(name, countMeasure(jsonQuantity(events[i])), v)
	}
	c.found = true
	return nil
}

func (c *callgrindText) line(line []byte) error {
	if bytes.HasPrefix(line, []byte("==")) {
		return c.logLine(line)
	}
	if before, ok := bytes.CutSuffix(bytes.TrimRight(line, " "), []byte("PROGRAM TOTALS")); ok && !c.isOut {
		return c.put(c.cmd, c.events, sumsOf(before))
	}
	key, value, ok := bytes.Cut(line, []byte{':'})
	if !ok {
		return nil
	}
	switch text := strings.TrimSpace(string(value)); string(key) {
	case "creator":
		c.creator = true
	case "cmd":
		c.cmd, c.isOut = text, true
	case "Command":
		c.cmd = text
	case "Profiled target":
		c.cmd = profiledTarget().ReplaceAllString(text, "")
	case "events":
		c.events, c.isOut = strings.Fields(text), true
	case "Events shown":
		c.events = strings.Fields(text)
	case "summary":
		c.summary = sumsOf(value)
	case "totals":
		c.totals = added(c.totals, sumsOf(value))
	}
	return nil
}

var profiledTarget = lazily(` +\(PID \d+.*\)$`)

// added adds the sums of a further part.
func added(to, more []float64) []float64 {
	for i, v := range more {
		if i == len(to) {
			to = append(to, 0)
		}
		to[i] += v
	}
	return to
}

// sumsOf reads numbers such as "127,755 (100.0%)"; a point is 0.
func sumsOf(text []byte) (sums []float64) {
	for _, word := range bytes.Fields(text) {
		if v, ok := grouped(word); ok {
			sums = append(sums, v)
		} else if string(word) == "." {
			sums = append(sums, 0)
		}
	}
	return sums
}

var (
	logLine   = lazily(`^==(\d+)== (.*?)\s*$`)
	cacheLine = lazily(`^(I   refs|I1  misses|LLi misses|D   refs|D1  misses|LLd misses): +([\d,]+)(?: +\( *([\d,]+) rd +\+ +([\d,]+) wr\))?$`)
	// cacheEvents are the events of Cachegrind's lines, reads and writes apart.
	cacheEvents = map[string][]string{
		"I   refs": {"Ir"}, "I1  misses": {"I1mr"}, "LLi misses": {"ILmr"},
		"D   refs": {"Dr", "Dw"}, "D1  misses": {"D1mr", "D1mw"}, "LLd misses": {"DLmr", "DLmw"},
	}
)

// logLine reads a line of what the tools print, "==PID== Collected : 126635".
func (c *callgrindText) logLine(line []byte) error {
	m := logLine().FindSubmatch(line)
	if m == nil {
		return nil
	}
	pid, text := string(m[1]), string(m[2])
	if tool := valgrindTool().FindSubmatch(line); tool != nil {
		c.processes[pid] = &callgrindProcess{tool: string(tool[2])}
	}
	p := c.processes[pid]
	if p == nil {
		return nil
	}
	key, value, _ := strings.Cut(text, ":")
	switch strings.TrimSpace(key) {
	case "Command":
		p.cmd = strings.TrimSpace(value)
	case "Events":
		p.events = strings.Fields(value)
	case "Collected":
		return c.put(p.cmd, p.events, sumsOf([]byte(value)))
	}
	if count := cacheLine().FindStringSubmatch(text); count != nil && p.tool == "Cachegrind" {
		events, numbers := cacheEvents[count[1]], count[2:3]
		if len(events) == 2 {
			numbers = count[3:]
		}
		return c.put(p.cmd, events, sumsOf([]byte(strings.Join(numbers, " "))))
	}
	return nil
}
