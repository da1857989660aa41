package browsertest_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"github.com/plumbline-ci/plumbline/internal/browsertest"
)

const sound = `<!doctype html><html lang="en"><meta charset="utf-8"><title>sound</title>
<style>:root { color-scheme: light dark } :focus-visible { outline: 2px solid }</style>
<main><h1>Sound</h1><h2>Part</h2><label for="f">field</label> <input id="f"> <button>press</button>
<script>document.querySelector('button').addEventListener('click', e => { e.target.textContent = 'pressed by ' + document.querySelector('input').value })</script></main>`

func TestSoundPage(t *testing.T) {
	t.Parallel()
	p := browsertest.Start(t).Open(t, browsertest.Write(t, []byte(sound)), browsertest.View{Width: 400, Height: 300})
	p.Accessible()
	p.Type("#f", "me")
	p.Keys(kb.Tab + kb.Enter)
	if got := p.Text("button"); got != "pressed by me" {
		t.Errorf("the button says %q", got)
	}
	if all := p.Problems(); len(all) > 0 {
		t.Errorf("problems of a sound page: %q", all)
	}
}

// recorder is a test of which only the failures are of interest.
type recorder struct {
	testing.TB
	said []string
}

func (r *recorder) Helper()           {}
func (r *recorder) Error(args ...any) { r.said = append(r.said, fmt.Sprint(args...)) }
func (r *recorder) Errorf(text string, args ...any) {
	r.said = append(r.said, fmt.Sprintf(text, args...))
}

// What a check is there to find it finds.
func TestPoorPages(t *testing.T) {
	t.Parallel()
	b := browsertest.Start(t)
	for _, row := range []struct{ name, from, to, want string }{
		{"contrast", "<h2>", `<h2 style="color: #999; background: #fff">`, "a contrast of 2.85"},
		{"headings", "h2>", "h3>", "a heading of level 3 after one of 1"},
		{"name", "press<", "<", "a button has no name"},
		{"label", `for="f"`, `for="g"`, "for of an element that is not there"},
		{"role", "<h2>", `<h2 role="title">`, "a role that there is not"},
		{"focus", "2px solid", "none", "does not show the focus"},
		{"order", "<button>", `<button tabindex="1">`, "has a tabindex of its own order"},
		{"table", "<h2>", "<table><tr><td>1</table><h2>", "a table without headers"},
		{"language", ` lang="en"`, "", "the page says no language"},
		{"hidden", "<button>", `<button aria-hidden="true">`, "hidden from screen readers takes the focus"},
	} {
		r := &recorder{TB: t}
		b.Open(r, browsertest.Write(t, []byte(strings.ReplaceAll(sound, row.from, row.to))), browsertest.View{}).Accessible()
		if got := strings.Join(r.said, "\n"); !strings.Contains(got, row.want) {
			t.Errorf("%s: the check says %q, want %q", row.name, got, row.want)
		}
	}
}

// A page that loads, throws or complains is a problem; one of a server may load from
// its own.
func TestProblems(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", map[bool]string{true: "text/css", false: "text/html"}[r.URL.Path == "/style"])
		w.Header().Set("Content-Security-Policy", "default-src 'self'; img-src data:")
		if r.URL.Path == "/" {
			fmt.Fprintf(w, `<!doctype html><link rel="icon" href="data:,"><link rel="stylesheet" href="/style">`)
		}
	}))
	t.Cleanup(s.Close)
	b := browsertest.Start(t)
	p := b.Open(t, s.URL, browsertest.View{})
	p.Wait("document.readyState === 'complete'")
	if all := p.Problems(); len(all) > 0 {
		t.Errorf("problems of a page that loads from its own server: %q", all)
	}
	for _, row := range []struct{ text, want string }{
		{`<script>throw new Error('oh')</script>`, "throws"},
		{`<script>console.error('oh')</script>`, "says"},
		{`<img src="` + s.URL + `/style">`, "loads " + s.URL},
		{`<link rel="stylesheet" href="other.css">`, "loads file:"},
	} {
		p := b.Open(t, browsertest.Write(t, []byte(row.text)), browsertest.View{})
		if all := strings.Join(p.Problems(), "\n"); !strings.Contains(all, row.want) {
			t.Errorf("%s: problems %q, want %q", row.text, all, row.want)
		}
	}
}
