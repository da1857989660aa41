package report

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The goldens are made from the constructed results of results_test.go by
//
//	go test ./check/report -update
var update = flag.Bool("update", false, "rewrite the goldens")

// golden compares what write writes with a golden file.
func golden(t *testing.T, file string, write func(io.Writer) error) {
	t.Helper()
	var got bytes.Buffer
	if err := write(&got); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("testdata", file+".golden")
	if *update {
		if err := os.WriteFile(path, got.Bytes(), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want = bytes.ReplaceAll(want, []byte("\r\n"), []byte("\n")) // a checkout on Windows
	if !bytes.Equal(got.Bytes(), want) {
		t.Errorf("%s differs; got:\n%s", path, got.String())
	}
}

func TestGoldens(t *testing.T) {
	t.Parallel()
	links := Links{Run: "https://github.com/acme/shop/actions/runs/1", Docs: "https://github.com/plumbline-ci/plumbline"}
	for name, r := range results() {
		if name == "large" {
			continue // what matters about it is its size
		}
		page := NewPage(r, links)
		golden(t, name+".txt", func(w io.Writer) error { return Text(w, page, TextOptions{Width: 80}) })
		golden(t, name+".wide.txt", func(w io.Writer) error { return Text(w, page, TextOptions{Width: 120, All: true}) })
		golden(t, name+".md", func(w io.Writer) error { return Markdown(w, page) })
		golden(t, name+".json", func(w io.Writer) error { return JSON(w, page) })
	}
	page := NewPage(mixed(), links)
	golden(t, "color.txt", func(w io.Writer) error { return Text(w, page, TextOptions{Width: 100, Color: true}) })
}

// A page says first what came out, in words that a gate can stand on.
func TestHeadline(t *testing.T) {
	t.Parallel()
	want := map[string]string{
		"regression":   "regression: 2 of 46 metrics got worse than 42 runs of main allow, and 1 more that only warns",
		"suspect":      "suspect: 1 of 2 metrics looks worse than 42 runs of main allow; not confirmed",
		"pass":         "pass: none of 2 metrics got worse than 42 runs of main allow",
		"new":          "nothing judged: 12 metrics are new, there is no baseline yet",
		"empty":        "nothing judged: the run has no metrics",
		"inconclusive": "inconclusive: 2 of 2 metrics could not be judged against 3 runs of main, which gate.on-inconclusive fails",
		"warned":       "pass: 1 metric did not get worse than 42 earlier runs allow; 1 only warns, 1 is waived, 1 was not judged",
		"gates":        "regression: 1 of 3 metrics got worse than 42 runs of main allow",
		"missing":      "regression: 1 metric is missing and gate.on-missing is fail",
		"large":        "regression: 834 of 10,000 metrics got worse than 42 runs of main allow",
	}
	all := results()
	for result, line := range want {
		var text, md bytes.Buffer
		page := NewPage(all[result], Links{})
		if err := Text(&text, page, TextOptions{Width: 200}); err != nil {
			t.Fatal(err)
		}
		if got, _, _ := strings.Cut(text.String(), "\n"); got != line {
			t.Errorf("%s: text begins with %q, want %q", result, got, line)
		}
		if err := Markdown(&md, page); err != nil {
			t.Fatal(err)
		}
		got, _, _ := strings.Cut(md.String(), "\n")
		if got, want := strings.ReplaceAll(got, "`", ""), "### "+line; got != want {
			t.Errorf("%s: Markdown begins with %q, want %q", result, got, want)
		}
	}
}

// Where nothing was judged, no form may read as if all were well.
func TestNothingJudgedIsNoPass(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"new", "empty"} {
		page := NewPage(results()[name], Links{})
		var text, md bytes.Buffer
		if err := Text(&text, page, TextOptions{}); err != nil {
			t.Fatal(err)
		}
		if err := Markdown(&md, page); err != nil {
			t.Fatal(err)
		}
		for form, s := range map[string]string{"text": text.String(), "Markdown": md.String()} {
			if !strings.Contains(s, "nothing judged") || strings.Contains(s, "pass:") || strings.Contains(s, "none of") {
				t.Errorf("%s of %s reads like a pass:\n%s", form, name, s)
			}
		}
	}
}

// A baseline that could not be read is not told as one that nobody made yet.
func TestUnreadIsNotTheFirst(t *testing.T) {
	t.Parallel()
	r := results()["new"]
	r.Blind("the baseline could not be read: the network is down", "")
	page := NewPage(r, Links{})
	var text, md bytes.Buffer
	if err := Text(&text, page, TextOptions{Width: 200}); err != nil {
		t.Fatal(err)
	}
	if err := Markdown(&md, page); err != nil {
		t.Fatal(err)
	}
	for form, s := range map[string]string{"text": text.String(), "Markdown": strings.ReplaceAll(md.String(), "`", "")} {
		first, _, _ := strings.Cut(strings.TrimPrefix(s, "### "), "\n")
		if want := "inconclusive: the baseline could not be read: the network is down"; first != want || strings.Contains(s, "no baseline yet:") || strings.Contains(s, "none yet") {
			t.Errorf("%s begins with %q, want %q, and nothing of no baseline:\n%s", form, first, want, s)
		}
	}
}
