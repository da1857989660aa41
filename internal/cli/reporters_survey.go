package cli

import (
	"bytes"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// toolWords are what the user has said to test tools, on the command line and in
// the files of the project.
type toolWords struct {
	junit        bool // pytest writes, or cannot write, JUnit XML by the project's own word
	gtest        bool
	node         bool // Node's test runner is run
	nodeReporter bool // with a reporter of the user's
}

// The files that speak to pytest, and those that call programs.
var (
	pytestFiles = []string{"pytest.ini", ".pytest.ini", "pyproject.toml", "tox.ini", "setup.cfg", "pytest.toml", ".pytest.toml"}
	scriptFiles = []string{"package.json", "Makefile", "makefile", "GNUmakefile", "justfile", "Taskfile.yml", "Taskfile.yaml"}
	runsNode    = regexp.MustCompile(`\bnode(\.exe)?["']?\s([^\n]*\s)?--test(\s|["'\\,;&|)]|$)`)
)

// Folders that hold other people's projects, and how much of this one is looked at.
var foreignFolders = []string{"node_modules", "vendor", "venv", "site-packages", "target", "__pycache__"}

const (
	surveyDepth   = 4
	surveyEntries = 20_000
	surveyBytes   = 256 << 10 // of one file
)

// surveyProject looks at the command line and at the project around the folder,
// which is this one where it is empty. What cannot be read says nothing.
func surveyProject(dir, command string) toolWords {
	var w toolWords
	w.hear(command, true, true)
	w.gtest = strings.Contains(command, "gtest_output")
	if dir == "" {
		dir = "."
	}
	if abs, err := filepath.Abs(dir); err == nil {
		dir = abs
	}
	for up := filepath.Dir(dir); ; up = filepath.Dir(up) {
		for _, name := range pytestFiles {
			w.read(filepath.Join(up, name), true, false)
		}
		if up == filepath.Dir(up) {
			break
		}
	}
	left := surveyEntries
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if left--; left < 0 {
			return fs.SkipAll
		}
		switch {
		case err != nil:
			return nil
		case d.IsDir():
			if path != dir && (strings.HasPrefix(d.Name(), ".") || slices.Contains(foreignFolders, d.Name()) || depth(dir, path) > surveyDepth) {
				return fs.SkipDir
			}
		case d.Type().IsRegular():
			w.read(path, slices.Contains(pytestFiles, d.Name()), slices.Contains(scriptFiles, d.Name()) || filepath.Ext(path) == ".sh")
		}
		return nil
	})
	return w
}

func depth(dir, path string) int {
	rel, err := filepath.Rel(dir, path)
	if err != nil {
		return 0
	}
	return strings.Count(rel, string(filepath.Separator)) + 1
}

// read hears a file that speaks to pytest, or that calls programs.
func (w *toolWords) read(path string, pytest, script bool) {
	if !pytest && !script {
		return
	}
	f, err := os.Open(path)
	if err != nil {
		return
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, surveyBytes))
	if err != nil || bytes.IndexByte(text, 0) >= 0 {
		return
	}
	w.hear(string(text), pytest, script)
}

func (w *toolWords) hear(text string, pytest, script bool) {
	if pytest && (strings.Contains(text, "--junit") || strings.Contains(text, "no:junitxml")) {
		w.junit = true
	}
	if script {
		w.node = w.node || runsNode.MatchString(text)
		w.nodeReporter = w.nodeReporter || strings.Contains(text, "--test-reporter")
	}
}
