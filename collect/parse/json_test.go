package parse

import (
	"fmt"
	"strings"
	"testing"
)

// readPoints reads {"points": [{"x": 1}, ...]} and skips all else.
func readPoints(file string) (xs []float64, err error) {
	j := newJSONReader(strings.NewReader(file))
	err = j.object(func(key string) error {
		if key != "points" {
			return nil
		}
		return j.array(func() error {
			var p struct {
				X float64 `json:"x"`
			}
			err := j.read(&p)
			xs = append(xs, p.X)
			return err
		})
	})
	err = j.done(err)
	return xs, err
}

func TestJSONReader(t *testing.T) {
	for _, tt := range []struct{ file, want string }{
		{`{"a": {"b": [1, {}]}, "points": [{"x": 1}, {"x": 2, "y": []}], "c": null}`, "[1 2] <nil>"},
		{`{"points": null}` + "\n", "[] <nil>"},
		{"{\n\"points\":\n [{\"x\": \"1\"}]}", "[0] line 3:13: \"x\" is string: want a number"},
		{"{\n \"points\": 3}", "[] line 2:13: want an array, found a number"},
		{"{\"points\": [\n{\"x\": 1},\n\n{\"x\": 2", "[1 0] line 4:8: the file ends within a value: it was cut off"},
		{"{\"points\":\n[{'x': 1}]}", "[0] line 2:3: is no JSON"},
		{"{} {}", "[] line 1:5: want the end of the file after the first value"},
		{`{"points": [{"x": 1e999}]}`, "[0] line 1:25: \"x\" is number 1e999: want a number"},
	} {
		xs, err := readPoints(tt.file)
		got := strings.ReplaceAll(fmt.Sprint(xs, " ", err), "\n<nil>", "")
		if !strings.HasPrefix(got, tt.want) {
			t.Errorf("%q gives %s, want %s", tt.file, got, tt.want)
		}
	}
}

// TestJSONReaderHostile bounds the memory of one value; what is skipped has no
// bound but that of its tokens.
func TestJSONReaderHostile(t *testing.T) {
	const mib = 1 << 20
	kib := strings.Repeat("x", 1024)
	for name, tt := range map[string]struct {
		head, body, tail, err string
		times                 int
	}{
		"string of 1 GiB":   {`{"points": [{"x": "`, kib, `"}]}`, "a value is longer than 8 MiB", mib},
		"skipped 64 MiB":    {`{"a": [0`, `, "` + kib + `"`, `], "points": []}`, "<nil>", mib / 16 / slowdown},
		"a million deep":    {`{"a": `, "[", "", "cut off", 1_000_000},
		"spaces of 100 MiB": {`{"a":`, strings.Repeat(" ", 1024), "1}", "a value is longer than 8 MiB", 100 << 10},
	} {
		j := newJSONReader(repeat(tt.head, tt.body, tt.times, tt.tail))
		err := j.object(func(key string) error {
			if key == "points" {
				var all []struct{ X string }
				return j.read(&all)
			}
			return nil
		})
		if !strings.Contains(fmt.Sprint(err), tt.err) {
			t.Errorf("%s: %v, want %s", name, err, tt.err)
		}
	}
}

func TestHeadJSON(t *testing.T) {
	h := &Head{Bytes: []byte(`{"version": "1.2", "n": 3, "ok": true, "results": [{"times": [0.1, 0.2], "x": null}, {"other": 1}], "cut": {"a": "b`)}
	o := h.json()
	if !o.has("version", "n", "results[].times", "results[].times[]", "results[].x", "cut") || o.has("results[].other") || o.has("cut.a") {
		t.Errorf("outline has %v", o.kinds)
	}
	if o.text["version"] != "1.2" || !o.is("n", 0) || !o.is("ok", 't') || !o.is("results", '[') || !o.is("results[].x", 'n') || !o.is("", '{') {
		t.Errorf("outline has %v, text %v", o.kinds, o.text)
	}
	for _, other := range []string{"", "text", "3", `"s"`, "<a/>", "ok 1"} {
		if o := (&Head{Bytes: []byte(other)}).json(); len(o.kinds) != 0 {
			t.Errorf("%q has the outline %v", other, o.kinds)
		}
	}
}
