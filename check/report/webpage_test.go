package report

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/collect"
)

// without cuts what lies from one text to another out of a page, and keeps these.
func without(t *testing.T, page []byte, from, to string) []byte {
	t.Helper()
	head, rest, ok := bytes.Cut(page, []byte(from))
	_, tail, closed := bytes.Cut(rest, []byte(to))
	if !ok || !closed {
		t.Fatalf("the page has no %s…%s", from, to)
	}
	return []byte(string(head) + from + to + string(tail))
}

// The page in words and data; its style and its scripts are seen by browsers.
func TestHTMLGolden(t *testing.T) {
	t.Parallel()
	head, b := stepped()
	head.Metrics[0].Samples = []float64{24, 25, 26}
	head.Commit, head.Branch = "4f3a9c1e5b7d9f1a3c5e7f9b1d3f5a7c9e1b3d5f", "a</script>\u202e<b>"
	five := check.Limit{Kind: check.Percent, Value: 5}
	all := check.ExplainAll([]collect.Run{head}, b, check.Thresholds{Limit: &five})
	links := Links{Run: "https://github.com/acme/shop/actions/runs/1", Commits: "https://github.com/acme/shop/commit/"}
	golden(t, "page.html", func(w io.Writer) error {
		var page bytes.Buffer
		if err := HTML(&page, NewPage(all.Result, links), all); err != nil {
			return err
		}
		text := without(t, page.Bytes(), "style-src '", "'")
		text = without(t, without(t, without(t, text, "script-src '", "'"), "<style>", "</style>"), "<script>", "</script>")
		_, err := w.Write(text)
		return err
	})
}

// Only the pages of a commit are ever linked to, and only on the web.
func TestHTMLLinks(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ commits, run, hash, want string }{
		{"https://github.com/o/r/commit/", "", "4f3a9c1e5b7d", `href="https://github.com/o/r/commit/4f3a9c1e5b7d"`},
		{"javascript:alert(1)//", "javascript:alert(1)", "4f3a9c1e5b7d", ""},
		{"https://github.com/o/r/commit/", "", "main", ""},
		{"https://github.com/o/r/commit/", "", "../../4f3a9c1", ""},
		{`https://e.org/"onclick="x/`, `https://e.org/"onclick="x`, "4f3a9c1e5b7d", ""},
	} {
		r := passed()
		r.Head.Commit = row.hash
		var page bytes.Buffer
		if err := HTML(&page, NewPage(r, Links{Run: row.run, Commits: row.commits}), check.Explained{Result: r}); err != nil {
			t.Fatal(err)
		}
		text := page.String()
		if row.want != "" && !strings.Contains(text, row.want) || row.want == "" && strings.Contains(text, "<a href") || strings.Contains(text, "javascript:") {
			t.Errorf("%+v: the page links elsewhere", row)
		}
	}
}
