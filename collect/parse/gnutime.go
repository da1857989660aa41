package parse

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// gnutime reads what GNU time prints of a command, with any text around it. The
// command is the benchmark's name. The time on the clock is ns_per_op, that of the
// CPU user_ns_per_op and system_ns_per_op, the most memory max_rss_bytes; several
// reports of one command are samples. A command that failed has no figures and
// makes suite_success 0.
var gnutime = Format{
	Name:    "gnu-time",
	Aliases: []string{"time", "time-v"},
	From:    "/usr/bin/time -v COMMAND, with -o FILE or from standard error",
	Makes:   []string{"bench/COMMAND.ns_per_op", "bench/COMMAND.user_ns_per_op", "bench/COMMAND.system_ns_per_op", "bench/COMMAND.max_rss_bytes"},
	Match:   matchGnutime, Parse: parseGnutime,
}

var timedCommand = []byte("\tCommand being timed: ")

func matchGnutime(h *Head) bool {
	return bytes.HasPrefix(h.Bytes, timedCommand) || bytes.Contains(h.Bytes, append([]byte{'\n'}, timedCommand...))
}

// timeReport is one report, in the units of time.
type timeReport struct {
	command  string
	signaled bool
	values   map[string]float64
}

func parseGnutime(r io.Reader, s *Sheet) error {
	t := timeReport{}
	found, failed := false, false
	last := 0
	lines := newLineReader(r)
	for {
		line, ok := lines.next()
		if !ok {
			break
		}
		last = lines.number
		done, err := t.line(string(bytes.TrimRight(line, " ")))
		switch {
		case err != nil:
			return Errorf(last, 0, "%w", err)
		case done && (t.signaled || t.values["Exit status"] != 0):
			failed = true
		case done:
			found = true
			t.put(s)
		}
		if done {
			t = timeReport{}
		}
	}
	switch err := lines.failure(); {
	case err != nil:
		return err
	case t.command != "":
		return &Error{Line: last, Err: ErrTorn}
	case !found && !failed:
		return errNoBenchmark
	}
	if failed {
		s.SuiteFailed()
	}
	return nil
}

// line reads a line of a report and reports whether it is the last.
func (t *timeReport) line(line string) (done bool, err error) {
	if command, ok := strings.CutPrefix(line, string(timedCommand)); ok {
		command = strings.TrimSuffix(strings.TrimPrefix(command, `"`), `"`)
		*t = timeReport{command: command, signaled: t.signaled, values: map[string]float64{}}
		return false, nil
	}
	t.signaled = t.signaled || strings.HasPrefix(line, "Command terminated by signal ")
	at := strings.LastIndex(line, ": ")
	if t.command == "" || at < 0 || line[0] != '\t' {
		return false, nil
	}
	key, value := line[1:at], line[at+2:]
	switch {
	case strings.HasPrefix(key, "Elapsed (wall clock) time"):
		key = "Elapsed"
		t.values[key], err = clock(value)
	case key == "User time (seconds)", key == "System time (seconds)", key == "Maximum resident set size (kbytes)", key == "Exit status":
		t.values[key], err = strconv.ParseFloat(value, 64)
		if err != nil {
			err = fmt.Errorf("%s is %q: want a number", key, value)
		}
	}
	return key == "Exit status", err
}

// clock reads "1:02:03" or "2:03.45" as seconds.
func clock(text string) (seconds float64, err error) {
	for part := range strings.SplitSeq(text, ":") {
		v, err := strconv.ParseFloat(part, 64)
		if err != nil {
			return 0, fmt.Errorf("elapsed time is %q: want h:mm:ss or m:ss", text)
		}
		seconds = seconds*60 + v
	}
	return seconds, nil
}

func (t *timeReport) put(s *Sheet) {
	seconds := measureOf("s")
	for key, q := range map[string]measure{
		"Elapsed": seconds, "User time (seconds)": secondsUser, "System time (seconds)": secondsSys,
		"Maximum resident set size (kbytes)": {maxRSS.name, maxRSS.unit, 1024, maxRSS.better},
	} {
		if v, ok := t.values[key]; ok {
			s.benchAs(t.command, q, v)
		}
	}
}
