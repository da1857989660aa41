package html_test

import (
	"bytes"
	"flag"
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/renderer/html"

	"github.com/plumbline-ci/plumbline/check/report"
	"github.com/plumbline-ci/plumbline/internal/browsertest"
)

// The README's pictures are made by
//
//	go test ./check/report/html -run TestPictures -update
var update = flag.Bool("update", false, "take the README's pictures anew")

// asGitHub is a page with a comment in the form that GitHub gives it, roughly.
const asGitHub = `<!doctype html><html lang="en"><meta charset="utf-8"><title>comment</title><style>
body{margin:0;padding:16px;background:#fff;color:#1f2328;font:14px/1.5 "DejaVu Sans",sans-serif}
article{border:1px solid #d1d9e0;border-radius:6px;padding:16px}
h3{margin:0 0 16px;font-size:1.25em}p{margin:0 0 16px}
table{border-collapse:collapse;margin:0 0 16px;display:block;width:max-content;max-width:100%;overflow:auto}th,td{border:1px solid #d1d9e0;padding:6px 10px;white-space:nowrap}
code{background:#818b981f;border-radius:6px;padding:.2em .4em;font:85% "DejaVu Sans Mono",monospace}
a{color:#0969da}summary{margin:0 0 8px}pre{display:none}</style><article>`

// short are names that leave room for the figures.
var short = func() (names [80]string) {
	for i := range names {
		names[i] = fmt.Sprintf("bench/shop.Case%d.ns_per_op", i)
	}
	return names
}()

// comment is the comment of a pull request about the page that TestPage shows.
func comment(t *testing.T) []byte {
	t.Helper()
	part := report.NewPart(report.Stamp{Suite: "unit", Workflow: "ci.yml", Run: 1, Number: 1, Attempt: 1}, paged(len(short), short[:]...).page)
	var b bytes.Buffer
	b.WriteString(asGitHub)
	markdown := goldmark.New(goldmark.WithExtensions(extension.GFM), goldmark.WithRendererOptions(html.WithUnsafe()))
	if err := markdown.Convert([]byte(report.Comment([]report.Part{part}, report.MaxMarkdownBytes)), &b); err != nil {
		t.Fatal(err)
	}
	b.WriteString("</article></html>")
	return b.Bytes()
}

// The pictures show what the program writes today: the words of both are held here,
// and the files are pictures that a README can carry.
func TestPictures(t *testing.T) {
	t.Parallel()
	browser := browsertest.Start(t)
	for name, page := range map[string][]byte{"page": written(t, len(short), short[:]...), "comment": comment(t)} {
		p := browser.Open(t, browsertest.Write(t, page), browsertest.View{Width: 1000, Height: map[string]int{"page": 960, "comment": 480}[name]})
		if got := p.Text("body"); !strings.Contains(got, "of 82 metrics got worse than 50 runs of main allow") {
			t.Errorf("the %s does not say what got worse: %q", name, got)
		}
		path := filepath.Join("..", "..", "..", ".github", "images", name+".png")
		if *update {
			if err := os.WriteFile(path, p.Shot(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		size, err := png.DecodeConfig(bytes.NewReader(text))
		if err != nil || size.Width != 1000 || len(text) > 150_000 {
			t.Errorf("%s: %d by %d, %d bytes, %v; want 1000 across in at most 150,000 bytes", path, size.Width, size.Height, len(text), err)
		}
	}
}
