package parse

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
)

// TestFiles reads a hundred files at once: the samples stand in the order of the
// files, and what cannot be read leaves nothing.
func TestFiles(t *testing.T) {
	lost := errors.New("lost")
	var sources []Source
	var want []float64
	for i := range 100 {
		text := fmt.Sprintf("BenchmarkA %d %d ns/op\n", i+1, i+1)
		switch {
		case i%10 == 3:
			text = "neither\n"
		case i%10 == 4:
			text += "BenchmarkB 1 2 ns" // torn: nothing of it counts
		default:
			want = append(want, float64(i+1))
		}
		sources = append(sources, Source{Name: fmt.Sprint(i), Open: func() (io.ReadCloser, error) {
			if i == 99 {
				return nil, lost
			}
			return io.NopCloser(strings.NewReader(text)), nil
		}})
	}
	want = want[:len(want)-1]
	sheet := NewSheet("")
	all := Files(sources, sheet)
	for i, r := range all {
		bad := i%10 == 3 || i%10 == 4 || i == 99
		if (r.Err != nil) != bad || i%10 != 3 && i != 99 && r.Format != "gobench" {
			t.Errorf("file %d: %+v", i, r)
		}
	}
	if !errors.Is(all[99].Err, lost) || !strings.HasPrefix(all[3].Err.Error(), "3: format is not recognised") {
		t.Errorf("errors are %v and %v", all[99].Err, all[3].Err)
	}
	ms := sheet.Metrics()
	if len(ms) != 1 || fmt.Sprint(ms[0].Samples) != fmt.Sprint(want) {
		t.Errorf("metrics are %v, want samples %v", ms, want)
	}
}

// TestUnrecognised names the format that a file comes nearest to and the place
// where it goes wrong.
func TestUnrecognised(t *testing.T) {
	for _, tt := range []struct{ name, file, want string }{
		{"a", "hello\n", `a: format is not recognised; it is text that begins with "hello". Want junit, `},
		{"a.xml", "<root><b/></root>", "a.xml: format is not recognised; it is XML whose root element is <root>. Want junit, "},
		{"a.json", `{"b": 1, "a": [2]}`, `a.json:1:16: format is not recognised; it comes nearest to metrics-json, for which this is wrong: "a" is an array: want a number. Want junit, `},
		{"a.json", `{"b": [1], "a": [2]}`, `a.json: format is not recognised; it is JSON, an object with "a", "b". Want junit, `},
		{"a.json", `[{"b": "1"}, 3]`, `a.json: format is not recognised; it is JSON, an array with "b". Want junit, `},
		{"out.gocover", "mode: sometimes\nx.go:1.2,3.4 1 1\n", `out.gocover:1: format is not recognised; it comes nearest to gocover, for which this is wrong: no mode before it`},
		{"junit.json", "{\n}", "junit.json: format is not recognised; it is JSON, an object. Want junit, "},
		{"xunit.xml", "\n<root/>", "xunit.xml: format is not recognised; it is XML whose root element is <root>. Want junit, "},
		{"a", "\x00\x01", "a: is a binary file: want junit, "},
	} {
		_, err := File(strings.NewReader(tt.file), tt.name, "", NewSheet(""))
		if err == nil || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%q gives %.200v, want %s", tt.file, err, tt.want)
		}
	}
}
