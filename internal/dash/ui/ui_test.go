package ui_test

import (
	"io"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/plumbline-ci/plumbline/internal/dash/ui"
)

// The policy allows nothing that is inside a page, so there is nothing: no script,
// no style, no handler, and no address of another origin.
func TestPagesKeepTheirPolicy(t *testing.T) {
	t.Parallel()
	inline := regexp.MustCompile(`(?i)<style|\sstyle=|\son\w+=|<script[^>]*>[^<]|<base|https?://`)
	markup := regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|DOMParser|setAttribute\("style|srcdoc`)
	seen := 0
	err := filepath.WalkDir("static", func(name string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		seen++
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		path := "/ui" + strings.TrimPrefix(filepath.ToSlash(name), "static")
		if strings.HasSuffix(name, ".html") {
			path = "/"
			if found := inline.FindAll(text, -1); found != nil {
				t.Errorf("%s has %q, which the policy forbids", name, found)
			}
		}
		if found := markup.FindAll(text, -1); found != nil {
			t.Errorf("%s has %q; text becomes nodes in dom.js", name, found)
		}
		w := httptest.NewRecorder()
		ui.Handler().ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		body, _ := io.ReadAll(w.Result().Body)
		if w.Code != 200 || string(body) != string(text) {
			t.Errorf("GET %s = %d with %d bytes, want 200 with the %d of %s", path, w.Code, len(body), len(text), name)
		}
		for key, want := range map[string]string{"Content-Security-Policy": ui.Policy, "X-Content-Type-Options": "nosniff"} {
			if got := w.Header().Get(key); got != want {
				t.Errorf("GET %s: %s = %q, want %q", path, key, got, want)
			}
		}
		return nil
	})
	if err != nil || seen < 10 {
		t.Errorf("saw %d files, %v; want all of the pages", seen, err)
	}
}

func TestNoOtherFiles(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/ui/", "/ui/pages/", "/ui/nothing.js", "/ui/../ui.go", "/ui/%2e%2e/ui.go", "/other"} {
		w := httptest.NewRecorder()
		ui.Handler().ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		if w.Code == 200 {
			t.Errorf("GET %s = 200 with %.80q, want no such page", path, w.Body)
		}
	}
}

// The user's page on serve has a row for every page that the navigation leads to.
func TestPagesAreDescribed(t *testing.T) {
	t.Parallel()
	index, err := os.ReadFile("static/index.html")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("../../../.github/docs/serve.md")
	if err != nil {
		t.Fatal(err)
	}
	all := regexp.MustCompile(`<li><a href="#/\w*">(\w+)</a>`).FindAllSubmatch(index, -1)
	for _, m := range all {
		if !strings.Contains(string(text), "\n| "+string(m[1])+" | ") {
			t.Errorf("serve.md has no row for the page %s", m[1])
		}
	}
	if len(all) < 8 {
		t.Errorf("the navigation has %d pages, want 8 or more", len(all))
	}
}
