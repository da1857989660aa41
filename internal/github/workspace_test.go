package github_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/plumbline-ci/plumbline/internal/github"
)

// names are paths as seen from the workspace, with slashes.
func (j job) names(files []string) []string {
	var all []string
	for _, f := range files {
		all = append(all, filepath.ToSlash(strings.TrimPrefix(f, j.dir+string(filepath.Separator))))
	}
	return all
}

func TestFiles(t *testing.T) {
	t.Parallel()
	j := newJob(t)
	for _, f := range []string{"r/b.xml", "r/deep/er/c.xml", "r/[x].xml", "r/note.txt", "r/dir.xml/inner.txt"} {
		writeFile(t, filepath.Join(j.dir, filepath.FromSlash(f)), "x")
	}
	for glob, want := range map[string][]string{
		"r/*.xml":                       {"r/[x].xml", "r/b.xml"},
		"**/*.xml":                      {"r/[x].xml", "r/b.xml", "r/deep/er/c.xml", "sub/a.xml"},
		"r/[x].xml":                     {"r/[x].xml"},
		"./r/b.xml":                     {"r/b.xml"},
		"{r,sub}/?.xml":                 {"r/b.xml", "sub/a.xml"},
		filepath.Join(j.dir, "r/b.xml"): {"r/b.xml"},
		"none/*.xml":                    nil,
	} {
		files, err := j.Files(glob)
		if got := j.names(files); err != nil || !slices.Equal(got, want) {
			t.Errorf("Files(%q) = %q, %v, want %q", glob, got, err, want)
		}
	}
	for glob, want := range map[string]string{
		"r":                 "is a folder",
		"none.xml":          "none.xml",
		"../workspace2/*":   "leads out of the workspace",
		"r/../../x.xml":     "leads out of the workspace",
		"r/[":               "is no glob",
		filepath.Dir(j.dir): "leads out of the workspace",
	} {
		if files, err := j.Files(glob); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Files(%q) = %q, %v, want an error with %q", glob, files, err, want)
		}
	}
}

func TestFilesFromWorkingDirectory(t *testing.T) {
	t.Parallel()
	j := newJob(t, "INPUT_WORKING-DIRECTORY=sub/")
	writeFile(t, filepath.Join(j.dir, "top.xml"), "x")
	for glob, want := range map[string]string{"*.xml": "sub/a.xml", "../*.xml": "top.xml"} {
		files, err := j.Files(glob)
		if got := j.names(files); err != nil || !slices.Equal(got, []string{want}) {
			t.Errorf("Files(%q) = %q, %v, want %q", glob, got, err, want)
		}
	}
	if j.Dir != filepath.Join(j.dir, "sub") {
		t.Errorf("Dir = %q, want the folder sub", j.Dir)
	}
}

func TestLinksStayInside(t *testing.T) {
	t.Parallel()
	j := newJob(t)
	secret := filepath.Join(filepath.Dir(j.dir), "secret.xml")
	writeFile(t, secret, "<secret/>")
	link(t, secret, filepath.Join(j.dir, "absolute.xml"))
	link(t, filepath.Join("..", "secret.xml"), filepath.Join(j.dir, "relative.xml"))
	link(t, filepath.Dir(j.dir), filepath.Join(j.dir, "folder"))
	link(t, filepath.Join("sub", "a.xml"), filepath.Join(j.dir, "inside.xml"))
	link(t, ".", filepath.Join(j.dir, "loop"))
	files, err := j.Files("**/*.xml")
	if got, want := j.names(files), []string{"inside.xml", "sub/a.xml"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("Files = %q, %v, want %q", got, err, want)
	}
	for _, name := range []string{"absolute.xml", "relative.xml", "folder/secret.xml"} {
		if _, err := j.Files(name); !errors.Is(err, github.ErrOutside) {
			t.Errorf("Files(%q) = %v, want ErrOutside", name, err)
		}
		if f, err := j.Open(name); err == nil {
			t.Errorf("Open(%q) = %v, want an error", name, f.Name())
		}
	}
	f, err := j.Open("inside.xml")
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
}

func link(t *testing.T, to, name string) {
	t.Helper()
	if err := os.Symlink(to, name); err != nil {
		t.Skipf("this system makes no links here: %v", err)
	}
}

func TestCommonFiles(t *testing.T) {
	t.Parallel()
	j := newJob(t)
	for _, f := range []string{
		"junit.xml", "build/test-results/test/TEST-a.xml", "cover/coverage.xml", "coverage.out", "pom.xml",
		"node_modules/x/junit.xml", "parser/testdata/junit.xml", ".git/junit.xml", "src/main.go",
	} {
		writeFile(t, filepath.Join(j.dir, filepath.FromSlash(f)), "x")
	}
	files, err := j.CommonFiles()
	want := []string{"build/test-results/test/TEST-a.xml", "cover/coverage.xml", "coverage.out", "junit.xml"}
	if got := j.names(files); err != nil || !slices.Equal(got, want) {
		t.Errorf("CommonFiles = %q, %v, want %q", got, err, want)
	}
}
