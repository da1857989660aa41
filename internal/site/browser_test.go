package site

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/plumbline-ci/plumbline/internal/browsertest"
)

// A reader looks for a metric and sees its chart.
// The browser fails the test for any script of a name, for anything that is loaded
// from elsewhere, and for what the policy refuses.
func TestSiteInBrowser(t *testing.T) {
	b := browsertest.Start(t)
	dir := t.TempDir()
	s := suite("org/a", "<b>&", 450, 60)
	if _, err := Write(dir, []Suite{s, suite("org/b", "bench", 3, 60)}); err != nil {
		t.Fatal(err)
	}
	base := serve(t, dir)
	for _, dark := range []bool{false, true} {
		look := map[bool]string{false: "light", true: "dark"}[dark]
		v := browsertest.View{Width: 1100, Height: 900, Dark: dark}
		index := b.Open(t, base+"index.html", v)
		if got := index.Texts("tbody th"); len(got) != 2 || got[0] != "<b>&" {
			t.Errorf("the index lists %q", got)
		}
		index.Picture("site index " + look)

		p := b.Open(t, base+s.folder()+"/index.html", v)
		p.Wait("document.querySelectorAll('details').length === 200")
		if got := p.Text("#found"); got != "450 of 450 metrics" {
			t.Errorf("the list says %q", got)
		}
		if got := p.Texts("tbody th"); len(got) == 0 || got[0] != "bench/Thing00000.seconds" {
			t.Errorf("the shifts are of %q", got)
		}
		p.Type("#search", "script")
		p.Wait("document.querySelectorAll('details').length === 1")
		if got := p.Text("details .name"); !strings.HasPrefix(got, "<script>alert(1)</script>\"'&") || strings.ContainsRune(got, '\u202e') {
			t.Errorf("the hostile metric is %q", got)
		}
		p.Click("summary")
		p.Wait("document.querySelector('details svg') !== null && document.querySelector('details img').naturalWidth > 0")
		p.Picture("site metric " + look)
		if !dark { // it looks at both themes
			index.Accessible()
			p.Accessible()
		}

		shifted := b.Open(t, base+s.folder()+"/index.html#"+slug("bench/Thing00000.seconds"), v)
		shifted.Wait("document.querySelectorAll('details[open] svg').length > 0")
		shifted.Picture("site shift " + look)
	}
}

// From its folder the site works too. The whole of a list can be read, and sorted
// by what moved.
func TestSiteListInBrowser(t *testing.T) {
	b := browsertest.Start(t)
	dir := t.TempDir()
	s := suite("", "", 450, 60)
	if _, err := Write(dir, []Suite{s}); err != nil {
		t.Fatal(err)
	}
	p := b.Open(t, "file://"+filepath.Join(dir, s.folder(), "index.html"), browsertest.View{Width: 400, Height: 800})
	p.Wait("document.querySelectorAll('details').length === 200")
	p.Click("#more")
	p.Click("#more")
	p.Wait("document.querySelectorAll('details').length === 450 && document.getElementById('more').hidden")
	for order, want := range map[string]string{"change": "bench/Thing00000.seconds", "newest": "bench/Thing00000.seconds", "value": "bench/Thing0044", "name": "<script>"} {
		p.Eval("(() => { const s = document.getElementById('sort'); s.value = '"+order+"'; s.dispatchEvent(new Event('change')); return true })()", new(bool))
		if got := p.Text("details .name"); !strings.HasPrefix(got, want) {
			t.Errorf("sorted by %s the first is %q, want %q", order, got, want)
		}
	}
	p.Picture("site narrow")
	p.Click("summary")
	p.Wait("document.querySelector('details svg') !== null && document.querySelector('details img').naturalWidth > 0")
	for _, said := range p.Problems() {
		if !strings.HasPrefix(said, "loads file://"+dir+"/") {
			t.Errorf("from its folder the page %s", said)
		}
	}
}

// serve is a server that has the site under a path of its own.
func serve(t *testing.T, dir string) string {
	t.Helper()
	s := httptest.NewServer(http.StripPrefix("/some/base", http.FileServer(http.Dir(dir))))
	t.Cleanup(s.Close)
	return s.URL + "/some/base/"
}
