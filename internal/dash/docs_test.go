package dash

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The page on the API has each of its resources, and none that there is not.
func TestPageOfAPI(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../.github/docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	var got, want []string
	for _, m := range regexp.MustCompile("(?m)^\\| `([A-Z]+ /[^`]*)`").FindAllStringSubmatch(string(text), -1) {
		got = append(got, m[1])
	}
	paths, _ := newDescribed(t).at("paths")
	for path, item := range paths.(map[string]any) {
		for method := range item.(map[string]any) {
			if path != "/api/v1/openapi.json" {
				want = append(want, strings.ToUpper(method)+" "+path)
			}
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("the page has %q, want %q", got, want)
	}
}
