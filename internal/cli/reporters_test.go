package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestLineFilter gives each text in pieces of every size: what is left of it must
// not depend on them, and nothing but dashes may be held.
func TestLineFilter(t *testing.T) {
	t.Parallel()
	const title = " generated xml file: /tmp/in/pytest.xml"
	for _, row := range []struct{ name, in, want string }{
		{"the line", "a\n---" + title + " ---\nb\n", "a\nb\n"},
		{"at the end", "a\n-" + title + " -", "a\n"},
		{"of a terminal", "a\r\n-" + title + " -\r\nb\r\n", "a\r\nb\r\n"},
		{"the first", "-" + title + "\n", ""},
		{"twice", "-" + title + "\n-" + title + "\nc\n", "c\n"},
		{"of another file", "- generated xml file: /tmp/out.xml -\n", "- generated xml file: /tmp/out.xml -\n"},
		{"not a line of its own", "b ---" + title + "\n", "b ---" + title + "\n"},
		{"no dash", title + "\n", title + "\n"},
		{"dashes", "---\n--- a\n---", "---\n--- a\n---"},
		{"a part of the title", "--- generated xml\n", "--- generated xml\n"},
		{"empty lines", "\n\n", "\n\n"},
		{"many dashes", strings.Repeat("-", 3*mostDashes) + title + "\n", strings.Repeat("-", 3*mostDashes) + title + "\n"},
		{"nothing", "", ""},
	} {
		for _, size := range []int{1, 2, 3, 7, 64, 1 << 20} {
			f := newLineFilter(title)
			var got strings.Builder
			for in := row.in; ; {
				n := min(size, len(in))
				got.Write(f.next([]byte(in[:n]), false))
				if in = in[n:]; in == "" {
					break
				}
			}
			got.Write(f.next(nil, true))
			if got.String() != row.want {
				t.Errorf("%s, in pieces of %d: %q, want %q", row.name, size, got.String(), row.want)
			}
		}
	}
	f := newLineFilter(title)
	if got := string(f.next([]byte("....F"), false)); got != "....F" {
		t.Errorf("a line that has not ended shows as %q, want all of it at once", got)
	}
	if got := string(f.next([]byte("..\n- item"), false)); got != "..\n- item" {
		t.Errorf("a line that cannot be the one shows as %q, want all of it at once", got)
	}
}

func TestSurveyProject(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, file, text, command string
		want                      toolWords
	}{
		{name: "nothing", command: "make test"},
		{name: "file of pytest", file: "pytest.ini", text: "[pytest]\naddopts = --junitxml=out.xml\n", want: toolWords{junit: true}},
		{name: "without the plugin", file: "sub/setup.cfg", text: "[tool:pytest]\naddopts = -p no:junitxml\n", want: toolWords{junit: true}},
		{name: "only its family", file: "pyproject.toml", text: "[tool.pytest.ini_options]\njunit_family = \"xunit2\"\n"},
		{name: "on the command line", command: "pytest --junit-xml=a.xml", want: toolWords{junit: true}},
		{name: "GoogleTest's own flag", command: "./unit --gtest_output=json:a.json", want: toolWords{gtest: true}},
		{name: "node in a script", file: "package.json", text: `{"scripts": {"test": "node --enable-source-maps --test"}}`, command: "npm test", want: toolWords{node: true}},
		{name: "node in a workspace", file: "packages/a/package.json", text: `{"scripts": {"test": "node --test test/"}}`, command: "npm test -ws", want: toolWords{node: true}},
		{name: "node in a Makefile", file: "Makefile", text: "test:\n\tnode --test\n", want: toolWords{node: true}},
		{name: "node with a reporter", file: "package.json", text: `{"scripts": {"test": "node --test --test-reporter=dot"}}`, want: toolWords{node: true, nodeReporter: true}},
		{name: "node's other options", command: "node --test-only a.js"},
		{name: "another's --test", command: "cargo build --test unit"},
		{name: "another project's", file: "node_modules/x/package.json", text: `{"scripts": {"test": "node --test"}}`},
		{name: "a binary", file: "pytest.ini", text: "\x00--junitxml"},
		{name: "not of pytest", file: "notes.txt", text: "pytest --junitxml=a.xml"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if row.file != "" {
				path := filepath.Join(dir, filepath.FromSlash(row.file))
				if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(row.text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if got := surveyProject(dir, row.command); got != row.want {
				t.Errorf("surveyProject = %+v, want %+v", got, row.want)
			}
		})
	}
}

// A folder above may have the file that pytest reads.
func TestSurveyProjectAbove(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	dir := filepath.Join(root, "a", "b")
	if err := os.MkdirAll(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "tox.ini"), []byte("[pytest]\naddopts = --junitxml=x.xml\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := surveyProject(dir, ""); !got.junit {
		t.Errorf("surveyProject = %+v, want junit", got)
	}
}

func TestShellQuote(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"/tmp/a.xml":  "/tmp/a.xml",
		"/tmp/a b":    "'/tmp/a b'",
		`C:\Temp\a`:   `'C:\Temp\a'`,
		"/tmp/it's/a": `'/tmp/it'"'"'s/a'`,
	} {
		if got := shellQuote(in); got != want {
			t.Errorf("shellQuote(%q) = %s, want %s", in, got, want)
		}
	}
}
