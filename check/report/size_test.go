package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/plumbline-ci/plumbline/check"
)

// However many metrics there are and whatever their names, Markdown fits into a
// comment, and every table and fold in it is whole.
func TestMarkdownFits(t *testing.T) {
	t.Parallel()
	sizes := map[string]check.Result{"1": many(1), "100": many(100), "10,000": many(10_000), "50,000": many(50_000)}
	for _, c := range []string{"x", "<", "é", "界", "@"} {
		r := many(1400)
		for i := range r.Metrics {
			m := &r.Metrics[i]
			m.Name = fmt.Sprint(i, strings.Repeat(c, 400))
			m.Reason, m.Limit, m.Unit = fmt.Sprint(i, strings.Repeat(c, 900)), strings.Repeat(c, 300), "x"
		}
		for range 100 {
			r.Notes = append(r.Notes, strings.Repeat(c, 900))
			r.Gated = append(r.Gated, strings.Repeat(c, 900))
		}
		r.Baseline.Branch, r.Head.Branch = strings.Repeat(c, 900), strings.Repeat(c, 900)
		sizes[c+"×400"] = r
		r.Verdict, r.Metrics = check.Regression, r.Metrics[1000:]
		sizes[c+"×400, gated by others"] = r
	}
	for name, r := range sizes {
		var b bytes.Buffer
		if err := Markdown(&b, NewPage(r, Links{Run: "https://a/" + strings.Repeat("x", 1000)})); err != nil {
			t.Fatal(err)
		}
		md := b.String()
		if len(md) > MaxMarkdownBytes {
			t.Errorf("%s: %d bytes, want at most %d", name, len(md), MaxMarkdownBytes)
		}
		checkWhole(t, name, md)
	}
}

// checkWhole reads Markdown line by line: folds open and close in turn, and each
// row of a table has as many cells as its head.
func checkWhole(t *testing.T, name, md string) {
	t.Helper()
	if !strings.HasSuffix(md, "\n") {
		t.Errorf("%s: the last line is cut", name)
	}
	open, cells := 0, 0
	for line := range strings.SplitSeq(md, "\n") {
		open += strings.Count(line, "<details>") - strings.Count(line, "</details>")
		if open < 0 || open > 1 {
			t.Fatalf("%s: folds are nested or closed twice at %q", name, line)
		}
		n := strings.Count(line, "|")
		switch {
		case n == 0:
			cells = 0
		case cells == 0:
			cells = n
		case n != cells || !strings.HasPrefix(line, "|") || !strings.HasSuffix(line, "|"):
			t.Fatalf("%s: a row of %d bars in a table of %d: %q", name, n, cells, line)
		}
	}
	if open != 0 {
		t.Errorf("%s: %d folds stay open", name, open)
	}
}

// What is not listed is counted, so that listed and counted are all there are.
func TestMarkdownCountsTheRest(t *testing.T) {
	t.Parallel()
	page := NewPage(many(10_000), Links{})
	var b bytes.Buffer
	if err := Markdown(&b, page); err != nil {
		t.Fatal(err)
	}
	md := b.String()
	_, section, _ := strings.Cut(md, "regressed: 834 metrics got worse")
	section, _, _ = strings.Cut(section, "**waived")
	listed := strings.Count(section, "\n| `bench/")
	var rest int
	_, tail, ok := strings.Cut(section, "\n\n")
	if _, more, found := strings.Cut(tail, "|\n\n"); ok && found {
		if _, err := fmt.Sscanf(more, "%d more are not listed here.", &rest); err != nil {
			t.Fatalf("%v in %q", err, more)
		}
	}
	if listed == 0 || listed+rest != 834 {
		t.Errorf("%d listed and %d counted, want 834 together", listed, rest)
	}
	if strings.Contains(md, "Case9999.") {
		t.Error("an unchanged metric is listed")
	}
}

// Tables stay within the terminal, as long as there is room for their columns.
func TestTextFits(t *testing.T) {
	t.Parallel()
	all := results()
	for _, name := range []string{"regression", "suspect", "pass", "new", "inconclusive", "missing", "large", "wide"} {
		for _, width := range []int{60, 80, 100, 120, 200} {
			var b bytes.Buffer
			if err := Text(&b, NewPage(all[name], Links{}), TextOptions{Width: width}); err != nil {
				t.Fatal(err)
			}
			for line := range strings.SplitSeq(b.String(), "\n") {
				if n := columns(line); n > width {
					t.Errorf("%s at %d: %d columns: %q", name, width, n, line)
				}
			}
		}
	}
}

// Colour changes no character of the text.
func TestColorIsOnlyColor(t *testing.T) {
	t.Parallel()
	var plain, colored bytes.Buffer
	page := NewPage(mixed(), Links{})
	if err := Text(&plain, page, TextOptions{Width: 120}); err != nil {
		t.Fatal(err)
	}
	if err := Text(&colored, page, TextOptions{Width: 120, Color: true}); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(plain.String(), "\x1b") {
		t.Error("text without colour has an escape sequence")
	}
	got := colored.String()
	for _, code := range []string{"0", "1", "2", "31", "32", "33", "1;31"} {
		got = strings.ReplaceAll(got, "\x1b["+code+"m", "")
	}
	if got != plain.String() || got == colored.String() {
		t.Errorf("without its colours it is\n%s\nwant\n%s", got, plain.String())
	}
}

// An error of the writer is the renderer's.
func TestWriteErrors(t *testing.T) {
	t.Parallel()
	page := NewPage(mixed(), Links{})
	forms := map[string]func(io.Writer) error{
		"Text":     func(w io.Writer) error { return Text(w, page, TextOptions{}) },
		"Markdown": func(w io.Writer) error { return Markdown(w, page) },
		"JSON":     func(w io.Writer) error { return JSON(w, page) },
	}
	for name, form := range forms {
		r, w := io.Pipe()
		r.Close()
		if err := form(w); err == nil {
			t.Errorf("%s into a closed pipe returns no error", name)
		}
	}
}

func benchmark(b *testing.B, form func(io.Writer, Page) error) {
	for _, n := range []int{10_000, 50_000} {
		r := many(n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := form(io.Discard, NewPage(r, Links{})); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkText(b *testing.B) {
	benchmark(b, func(w io.Writer, p Page) error { return Text(w, p, TextOptions{Width: 120}) })
}

func BenchmarkTextAll(b *testing.B) {
	benchmark(b, func(w io.Writer, p Page) error { return Text(w, p, TextOptions{Width: 120, All: true}) })
}

func BenchmarkMarkdown(b *testing.B) { benchmark(b, Markdown) }

func BenchmarkJSON(b *testing.B) { benchmark(b, JSON) }
