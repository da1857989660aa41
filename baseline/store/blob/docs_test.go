package blob

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"
)

// The page has the addresses, permissions and options that the program has.
func TestPage(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../../../.github/docs/object-storage.md")
	if err != nil {
		t.Fatal(err)
	}
	page := string(data)
	for _, scheme := range []string{"s3", "gs", "azblob"} {
		k := place{scheme: scheme}.kind()
		for _, option := range k.options {
			if !strings.Contains(page, "| `"+option) {
				t.Errorf("the page does not tell of option %s of %s", option, scheme)
			}
		}
		for verb, permission := range k.permissions {
			permission, _, _ = strings.Cut(permission, " ")
			row := regexp.MustCompile(`(?m)^\| ` + verb + ` \|.*` + "`" + regexp.QuoteMeta(permission) + "`")
			if !row.MatchString(page) {
				t.Errorf("the page does not have %s to %s", permission, verb)
			}
		}
		for _, name := range regexp.MustCompile(`[A-Z]+_[A-Z_]+[A-Z]`).FindAllString(k.credentials, -1) {
			if !strings.Contains(page, "`"+name+"`") {
				t.Errorf("the page does not tell of %s", name)
			}
		}
	}
	opened := 0
	for _, address := range regexp.MustCompile("(s3|gs|azblob)://[^\\s`\"]+").FindAllString(page, -1) {
		if _, err := Open(address, env(nil)); err != nil {
			t.Errorf("the page's address: %v", err)
		}
		opened++
	}
	if opened < 5 {
		t.Errorf("the page has %d addresses, want those of all kinds", opened)
	}
	_, policy, _ := strings.Cut(page, "```json\n")
	policy, _, _ = strings.Cut(policy, "```")
	var read struct {
		Statement []struct{ Effect, Resource string }
	}
	if err := json.Unmarshal([]byte(policy), &read); err != nil || len(read.Statement) != 2 {
		t.Errorf("the page's policy: %v", err)
	}
}
