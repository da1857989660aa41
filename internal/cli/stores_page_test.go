package cli

import (
	"os"
	"strings"
	"testing"

	"github.com/plumbline-ci/plumbline/baseline/store"
)

// TestStoresPage: the page on stores has every form of an address, and its
// commands are those that the program knows.
func TestStoresPage(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../.github/docs/stores.md")
	if err != nil {
		t.Fatal(err)
	}
	page := string(text)
	for form := range strings.SplitSeq(store.Forms(), ", ") {
		if !strings.Contains(page, "`"+form+"`") {
			t.Errorf("the page does not have the address %s", form)
		}
	}
	_, rest, _ := strings.Cut(page, "take `--repo")
	lead, _, _ := strings.Cut(page, "take `--repo")
	lead = lead[strings.LastIndex(lead, "\n\n"):]
	root := newRoot(&app{Env: Env{Getenv: func(string) string { return "" }}})
	for _, c := range root.Commands() {
		named := strings.Contains(lead, "`"+c.Name()+"`")
		if has := c.Flags().Lookup("repo") != nil; has != named || rest == "" {
			t.Errorf("%s has --repo: %v; the page says so: %v", c.Name(), has, named)
		}
	}
}
