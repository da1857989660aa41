package parse

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"testing/iotest"
	"time"
)

// streamed is a struct with all that jsonFill does itself, and what it leaves.
type streamed struct {
	Name, Title string
	Full        string `json:"fullName"`
	Seconds     *float64
	Value       float64
	Count       int
	Flag        bool
	List        []string `json:"ancestorTitles"`
	Numbers     []float64
	Inner       struct{ Duration *float64 }
	Many        []streamed
	Any         []any
	Map         map[string]*float64
	Raw         json.RawMessage
	When        time.Time
}

// jsonTokens is what a json.Decoder and a jsonStream have in common.
type jsonTokens interface {
	Token() (json.Token, error)
	More() bool
	Decode(to any) error
	InputOffset() int64
}

// toldBy does what the steps say and tells what comes of it.
func toldBy(d jsonTokens, steps []byte) (all []string) {
	for i := range 100 {
		var got any
		var err error
		step := byte(0)
		if len(steps) > 0 {
			step = steps[i%len(steps)]
		}
		switch step % 6 {
		case 0, 1:
			got, err = d.Token()
		case 2:
			got = new(streamed)
			err = d.Decode(got)
		case 3:
			err = d.Decode(&got)
		case 4:
			var raw json.RawMessage
			err = d.Decode(&raw)
			got = string(raw)
		case 5:
			got = d.More()
		}
		if err != nil {
			if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
				err = io.EOF
			}
			kind := (*json.UnmarshalTypeError)(nil)
			if all = append(all, err.Error()); !errors.As(err, &kind) {
				return all
			}
			continue
		}
		text, err := json.Marshal(got)
		all = append(all, fmt.Sprint(d.InputOffset(), reflect.TypeOf(got), string(text), err))
	}
	return all
}

// FuzzJSONStream holds the stream against encoding/json: the same tokens, values,
// offsets and errors, in whatever pieces the text comes.
func FuzzJSONStream(f *testing.F) {
	for _, text := range []string{
		`{"name": "a\n", "NAME": "ü", "fullname": "x", "seconds": 1.5, "value": -1e3, "count": 12, "flag": true}`,
		`{"ancestorTitles": ["a", "\u00e9", "\ud800", null], "numbers": [1, 2.25, 0.1], "inner": {"duration": 1}, "inner": {}}`,
		`{"many": [{"name": "a", "many": []}, {}], "any": [1, "a", {"b": [null]}], "map": {"a": 1, "b": null}, "raw": [ 1 ], "when": "2026-01-02T03:04:05Z"}`,
		`{"name": 1}`, `{"value": "x"}`, `{"value": 1e999}`, `{"count": 1.5}`, `{"list": {}}`, `{"seconds": null, "seconds": 1, "seconds": null}`,
		`[1, 2, {"a": [true, false, null]}, "x"]`, `[1,]`, `{"a":1,}`, `{,}`, `[1 2]`, `{"a" 1}`, `{a: 1}`, `{'a': 1}`, `01`, `-`, `1.`, `1e`, `tru`, `nul`, `"a`, "\"\x01\"", `"\x"`, `"\u12g4"`,
		"{} {}", "  [ ] ", "", " ", "{\"\u212aey\": 1, \"na\\u006de\": \"b\"}", "{\"name\": \"\xff\"}", `[[[[[[[]]]]]]]`, `]`, `}`, `,`, `{"many": null, "any": null, "inner": null}`,
		`{"ancestorTitles": ["a"], "ancestorTitles": ["b", "c"]}`, `{"many": {}, "name": "x"}`, `{"when": 1}`,
	} {
		for _, steps := range []string{"", "\x02", "\x03", "\x04", "\x00\x05", "\x00\x00\x02", "\x00\x00\x02\x05"} {
			f.Add([]byte(text), []byte(steps))
		}
	}
	files, err := filepath.Glob("testdata/*/*.in")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		if text, err := os.ReadFile(file); err == nil && len(text) < 10_000 && len(text) > 0 && (text[0] == '{' || text[0] == '[') {
			f.Add(text, []byte{0})
			f.Add(text, []byte{2})
		}
	}
	f.Fuzz(func(t *testing.T, text, steps []byte) {
		want := toldBy(json.NewDecoder(bytes.NewReader(text)), steps)
		for name, r := range map[string]io.Reader{"whole": bytes.NewReader(text), "bytes": iotest.OneByteReader(bytes.NewReader(text)), "with the end": iotest.DataErrReader(bytes.NewReader(text))} {
			if got := toldBy(newJSONStream(r), steps); !reflect.DeepEqual(got, want) {
				t.Fatalf("%s: %q by %v gives\n%q, want\n%q", name, text, steps, got, want)
			}
		}
	})
}
