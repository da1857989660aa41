package parse

import (
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
)

// dart is the stream of events of Dart's test runner. What is hidden, such as
// the loading of a file that went well, is no test.
var dart = Format{
	Name: "dart", Aliases: []string{"dart-json", "flutter", "flutter-json"},
	From: "dart test --reporter json, flutter test --machine",
	Match: func(h *Head) bool {
		return matchEvents(h, func(line []byte) bool {
			var e dartEvent
			return json.Unmarshal(line, &e) == nil && e.known()
		})
	},
	Parse: parseDart,
}

// dartEvent is one line. Time is in milliseconds since the runner began.
type dartEvent struct {
	Type            string
	Time            *float64
	ProtocolVersion string
	Suite           *struct {
		ID   int
		Path string
	}
	Test *struct {
		ID      int
		Name    string
		SuiteID int
	}
	TestID          *int
	Message, Result string
	Skipped, Hidden bool
	Success         *bool
}

// known tells the runner's own events from the JSON of other programs.
func (e *dartEvent) known() bool {
	switch e.Type {
	case "start":
		return e.ProtocolVersion != ""
	case "testStart":
		return e.Test != nil
	case "testDone":
		return e.TestID != nil && e.Result != ""
	}
	return false
}

type dartReader struct {
	sheet  *Sheet
	suites map[int]string
	open   map[int]*dartTest
	done   bool
}

// dartTest is a test that began and has not ended.
type dartTest struct {
	Case
	began   float64
	retried bool
}

func parseDart(r io.Reader, s *Sheet) error {
	d := dartReader{sheet: s, suites: map[int]string{}, open: map[int]*dartTest{}}
	n, err := readEvents(r, func(line []byte) (bool, error) {
		var e dartEvent
		if err := json.Unmarshal(line, &e); err != nil {
			return false, err
		}
		d.event(&e)
		return e.known(), nil
	})
	if err != nil && !errors.Is(err, ErrTorn) {
		return err
	}
	if n == 0 {
		return errors.New(`no event of Dart's test runner in it: want the output of "dart test --reporter json"`)
	}
	d.finish()
	s.Tool("dart")
	return err
}

func (d *dartReader) event(e *dartEvent) {
	switch {
	case e.Type == "suite" && e.Suite != nil:
		d.suites[e.Suite.ID] = dartPath(e.Suite.Path)
	case e.Type == "testStart" && e.Test != nil:
		t := &dartTest{}
		if !d.sheet.TotalsOnly {
			t.Suite, t.Name = d.suites[e.Test.SuiteID], e.Test.Name
		}
		if e.Time != nil {
			t.began = *e.Time
		}
		d.open[e.Test.ID] = t
	case e.Type == "print" && e.TestID != nil && strings.HasPrefix(e.Message, "Retry: "):
		if t := d.open[*e.TestID]; t != nil {
			t.retried = true
		}
	case e.Type == "testDone" && e.TestID != nil:
		d.testDone(e)
	case e.Type == "done":
		d.done = true
		if e.Success == nil || !*e.Success {
			d.sheet.SuiteFailed()
		}
	}
}

func (d *dartReader) testDone(e *dartEvent) {
	t := d.open[*e.TestID]
	if t == nil {
		t = &dartTest{}
	} else if e.Time != nil {
		t.Seconds, t.Timed = (*e.Time-t.began)/1000, true
	}
	delete(d.open, *e.TestID)
	if e.Hidden {
		return
	}
	switch {
	case e.Result == "failure":
		t.Outcome = Failed
	case e.Result == "error":
		t.Outcome = Errored
	case e.Skipped:
		t.Outcome = Skipped
	default:
		t.Flaky = t.retried
	}
	d.sheet.Case(t.Case)
}

// finish counts what was running when the stream broke off.
func (d *dartReader) finish() {
	if d.done {
		return
	}
	d.sheet.SuiteFailed()
	var ids []int
	for id, t := range d.open {
		if !strings.HasPrefix(t.Name, "loading ") {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	for _, id := range ids {
		d.open[id].Outcome = Errored
		d.sheet.Case(d.open[id].Case)
	}
}

// dartPath leaves out the folders above the package, which differ from machine
// to machine.
func dartPath(path string) string {
	path = strings.ReplaceAll(path, `\`, "/")
	for _, folder := range []string{"/test/", "/integration_test/"} {
		if at := strings.Index(path, folder); at >= 0 {
			return path[at+1:]
		}
	}
	return path
}
