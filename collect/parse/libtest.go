package parse

import (
	"encoding/json"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
)

// libtest is the stream of JSON of Rust's test runner, which nextest writes too,
// with the benchmarks among it.
var libtest = Format{
	Name: "libtest", Aliases: []string{"libtest-json", "cargo-test-json"},
	From:  "cargo test -- -Z unstable-options --format json, cargo nextest run --message-format libtest-json",
	Makes: []string{"bench/NAME.ns_per_op", "bench/NAME.mb_per_s"},
	Match: func(h *Head) bool {
		return matchEvents(h, func(line []byte) bool {
			var e libtestEvent
			return json.Unmarshal(line, &e) == nil && e.known()
		})
	},
	Parse: parseLibtest,
}

type libtestEvent struct {
	Type, Event, Name string
	Seconds           *float64 `json:"exec_time"`
	Failed            *int
	TestCount         *int     `json:"test_count"`
	Median            *float64 // of a benchmark, in nanoseconds
	MiBPerSecond      *float64 `json:"mib_per_second"`
}

func (e *libtestEvent) known() bool {
	switch e.Type {
	case "suite":
		return e.Event == "started" && e.TestCount != nil || (e.Event == "ok" || e.Event == "failed") && e.Failed != nil
	case "test":
		switch e.Event {
		case "started", "ok", "failed", "ignored", "timeout":
			return e.Name != ""
		}
	case "bench":
		return e.Name != "" && e.Median != nil
	}
	return false
}

type libtestReader struct {
	sheet *Sheet
	tests int
	bench bool
	inRun bool // a suite has begun and not ended
	// open are the tests of the suite that began and have not ended.
	open map[string]bool
	// failed are the tests of nextest that may be tried again, whose names are
	// unique in a run.
	failed map[string]Case
}

func parseLibtest(r io.Reader, s *Sheet) error {
	l := libtestReader{sheet: s, open: map[string]bool{}, failed: map[string]Case{}}
	n, err := readEvents(r, func(line []byte) (bool, error) {
		var e libtestEvent
		if err := json.Unmarshal(line, &e); err != nil {
			return false, err
		}
		if e.known() {
			l.event(&e)
		}
		return e.known(), nil
	})
	if err != nil && !errors.Is(err, ErrTorn) {
		return err
	}
	if n == 0 {
		return errors.New(`no event of libtest in it: want the output of "cargo test -- --format json"`)
	}
	l.endSuite()
	for _, name := range slices.Sorted(maps.Keys(l.failed)) {
		s.Case(l.failed[name])
	}
	if l.tests > 0 || !l.bench {
		s.Tool("libtest")
	}
	return err
}

func (l *libtestReader) event(e *libtestEvent) {
	switch e.Type {
	case "suite":
		l.suite(e)
	case "test":
		l.test(e)
	case "bench":
		l.bench = true
		l.sheet.bench(e.Name, "ns/iter", *e.Median)
		if e.MiBPerSecond != nil {
			l.sheet.bench(e.Name, "MiB/s", *e.MiBPerSecond)
		}
	}
}

func (l *libtestReader) suite(e *libtestEvent) {
	if e.Event == "started" {
		l.endSuite()
		l.inRun = true
		return
	}
	l.inRun = false
	if e.Event == "failed" {
		l.sheet.SuiteFailed()
	}
	if e.Seconds != nil {
		l.sheet.Seconds(*e.Seconds)
	}
	l.endSuite()
}

// endSuite counts the tests without an end: they took the process with them.
func (l *libtestReader) endSuite() {
	if l.inRun {
		l.sheet.SuiteFailed()
	}
	for _, name := range slices.Sorted(maps.Keys(l.open)) {
		c := libtestCase(name)
		c.Outcome = Errored
		l.sheet.Case(c)
	}
	clear(l.open)
}

func (l *libtestReader) test(e *libtestEvent) {
	name, retry := e.Name, false
	nextest := strings.Contains(name, "$")
	if nextest {
		name, _, retry = strings.Cut(name, "#") // the number of the try
	}
	if e.Event == "timeout" {
		return // it runs for long, and its result is to come
	}
	if e.Event == "started" {
		l.open[name] = true
		return
	}
	l.tests++
	delete(l.open, name)
	c := libtestCase(name)
	if e.Seconds != nil {
		c.Seconds, c.Timed = *e.Seconds, true
	}
	_, before := l.failed[name]
	delete(l.failed, name)
	switch e.Event {
	case "ignored":
		c.Outcome = Skipped
	case "failed":
		c.Outcome = Failed
	default:
		c.Flaky = before || retry
	}
	if c.Outcome == Failed && nextest {
		l.failed[name] = c
		return
	}
	l.sheet.Case(c)
}

// libtestCase parts the test from its module. Nextest puts the binary in front:
// "shop::shop$cart::tests::adds".
func libtestCase(name string) Case {
	at := strings.LastIndex(name, "::")
	dollar := strings.IndexByte(name, '$')
	switch {
	case at > dollar:
		return Case{Suite: name[:at], Name: name[at+2:]}
	case dollar >= 0:
		return Case{Suite: name[:dollar], Name: name[dollar+1:]}
	}
	return Case{Name: name}
}
