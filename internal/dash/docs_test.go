package dash

import (
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The commands of the page on the API do what it says of them.
func TestCommandsOfAPI(t *testing.T) {
	t.Parallel()
	for _, program := range []string{"curl", "sh"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("needs %s, which is not installed", program)
		}
	}
	text, err := os.ReadFile("../../.github/docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	header := regexp.MustCompile("With a token, `([^`]*)`").FindStringSubmatch(string(text))
	if header == nil {
		t.Fatal("the page does not say what goes with a token")
	}
	server, dir := httptest.NewServer(writer(t, Options{}, history()...).h), t.TempDir()
	defer server.Close()
	for name, what := range map[string]string{"token": token + "\n", "runs.jsonl": record("a", 1) + "\n" + record("b", 2) + "\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(what), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	says := []string{`"name":"test.total_seconds"`, `"run_id":"main-39"`, `{"run_id":"a","status":"stored"},{"run_id":"b","status":"stored"}`}
	commands := regexp.MustCompile(`(?m)^    (curl (?:.*\\\n)*.*)$`).FindAllStringSubmatch(string(text), -1)
	if len(commands) != len(says) {
		t.Fatalf("the page has %d commands, want %d", len(commands), len(says))
	}
	for i, m := range commands {
		command := strings.ReplaceAll(m[1], "http://127.0.0.1:8080", server.URL) + " --silent --show-error --fail-with-body --noproxy '*'"
		if !strings.Contains(command, header[1]) {
			command += " " + header[1]
		}
		cmd := exec.Command("sh", "-c", command)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), says[i]) {
			t.Errorf("%s: %v, %.300s; want %s", m[1], err, out, says[i])
		}
	}
}

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
