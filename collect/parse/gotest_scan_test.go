package parse

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzTestEvent compares the scanner with encoding/json. What encoding/json
// takes, the scanner takes alike; what is cut off, it refuses. It does not look
// into strings and numbers that it has no use for.
func FuzzTestEvent(f *testing.F) {
	for _, line := range []string{
		`{}`, `{"Action":"pass","Package":"p","Test":"T/a\"b\\","Elapsed":1.5}`,
		` { "Action" : null , "Elapsed":1e-3,"Output":"\u00e9\ud83d\ude00\ud800 \n\t\/" } `,
		`{"Extra":[{"Action":["fail"]},{"a":"}]"}],"Action":"run","Action":"skip"}`,
		`{"Action":5}`, `{"Elapsed":"1"}`, `{"Action":"a",}`, `{"Action" "a"}`, `{"\u0041ction":"run"}`,
		`[1]`, `{"a":tru}`, `{"a":-0.1E+5}`, `{"Elapsed":1e999}`, "{\"Test\":\"\xff\"}", `{"Action":"run"}{}`,
	} {
		f.Add([]byte(line))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		var e testEvent
		ok := e.scan(line)
		got := fmt.Sprintf("%q", []string{jsonText(e.action), jsonText(e.pkg), jsonText(e.test), jsonText(e.output)})
		want, valid, typed := eventStd(line)
		switch {
		case valid && typed && !ok:
			t.Fatalf("scan refuses %q", line)
		case valid && !typed && ok:
			t.Fatalf("scan takes %q, which has values of the wrong kind", line)
		case valid && ok && (got != want.texts || e.elapsed != want.elapsed || e.timed != want.timed):
			t.Fatalf("scan(%q) = %s, %v, %v, want %+v", line, got, e.elapsed, e.timed, want)
		}
		if valid && ok {
			end := len(strings.TrimRight(string(line), " \t\r\n"))
			for n := range end {
				if e.scan(line[:n]) {
					t.Fatalf("scan takes %q, which is cut off", line[:n])
				}
			}
		}
	})
}

// jsonText decodes as parseGotest does, and then does what encoding/json does
// with each byte that is no UTF-8. For names CleanName sees to it.
func jsonText(raw []byte) string { return string([]rune(string(appendText(nil, raw)))) }

type stdEvent struct {
	texts   string
	elapsed float64
	timed   bool
}

// eventStd reads an event with encoding/json: its keys exactly, and not in any
// case.
func eventStd(line []byte) (e stdEvent, valid, typed bool) {
	var object map[string]json.RawMessage
	if err := json.Unmarshal(line, &object); err != nil || object == nil {
		return e, json.Valid(line), false
	}
	var texts [4]string
	for i, key := range []string{"Action", "Package", "Test", "Output"} {
		if raw, ok := object[key]; ok && json.Unmarshal(raw, &texts[i]) != nil {
			return e, true, false
		}
	}
	var elapsed *float64
	if raw, ok := object["Elapsed"]; ok && json.Unmarshal(raw, &elapsed) != nil {
		return e, true, false
	}
	if elapsed != nil {
		e.elapsed, e.timed = *elapsed, true
	}
	e.texts = fmt.Sprintf("%q", texts[:])
	return e, true, true
}

func FuzzParseFloat(f *testing.F) {
	for _, s := range []string{"0", "1.5", ".5", "5.", "", ".", "-", "1e5", "-3.25", "+Inf", "NaN", "123456789012345", "1234567890123456", "0.1234567890123456", "1.2.3", "9007199254740993", "0x1p-2", "1_0"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, ok := parseFloat([]byte(s))
		want, err := strconv.ParseFloat(s, 64)
		if ok != (err == nil) || ok && math.Float64bits(got) != math.Float64bits(want) && !math.IsNaN(want) {
			t.Errorf("parseFloat(%q) = %v, %v, want %v, %v", s, got, ok, want, err)
		}
		if v, end := plainFloat([]byte(s), 0); end > 0 && end == len(s) && (err != nil || v != want) {
			t.Errorf("plainFloat(%q) = %v, want %v, %v", s, v, want, err)
		}
	})
}

// FuzzShrink cuts a long line, in pieces of any length: the keys are the same,
// and a text is the same or the start of it.
func FuzzShrink(f *testing.F) {
	f.Add(`\"\\`, keptText-1, 3)
	f.Add(`\u00e9\ud83d\ude00`, keptText+5, 7)
	f.Add("é\\", 2*keptText, 512)
	f.Add("", 1, 1)
	f.Fuzz(func(t *testing.T, odd string, length, piece int) {
		text, err := json.Marshal(strings.Repeat("a", max(0, length)%(3*keptText)) + odd + strings.Repeat("\"b\\", 9000))
		if err != nil {
			return // no text
		}
		line := fmt.Sprintf(`{"Output":%s,"Action":"output","Test":"\"T\""}`, text)
		var s shrink
		for rest := []byte(line); len(rest) > 0; {
			n := min(len(rest), 1+max(0, piece)%2000)
			s.add(rest[:n])
			rest = rest[n:]
		}
		var whole, cut testEvent
		if !whole.scan([]byte(line)) || !cut.scan(s.out) {
			t.Fatalf("scan refuses the line or %.200q", s.out)
		}
		got, want := string(appendText(nil, cut.output)), string(appendText(nil, whole.output))
		for len(got) > 0 && !utf8.ValidString(got) {
			got = got[:len(got)-1]
		}
		if string(cut.action) != "output" || string(cut.test) != `\"T\"` || !strings.HasPrefix(want, got) || len(s.out) > 4*keptText {
			t.Errorf("action %q, test %q, %d bytes, output %.50q", cut.action, cut.test, len(s.out), got)
		}
	})
}
