//go:build unix

package sqlite

import (
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/plumbline-ci/plumbline/baseline/store/storetest"
)

// A file that may only be read, alone or with its folder, is read; what would write
// is told with what to do, and nothing is made or changed beside it.
func TestReadOnly(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		file, folder os.FileMode
		log          bool // what was written last is in the log still
	}{
		"file":            {0o444, 0o777, false},
		"folder":          {0o666, 0o555, false},
		"file and folder": {0o444, 0o555, false},
		"with a log":      {0o444, 0o555, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := openTo(t)
			path := filepath.Join(dir, "runs.db")
			s := open(t, path)
			storetest.Fill(t, s, storetest.Run("a", 0, storetest.Value("m", 1)), storetest.Run("b", 1, storetest.Value("m", 2)))
			if !tt.log {
				if err := s.Close(); err != nil {
					t.Fatal(err)
				}
			}
			for _, f := range names(t, dir) {
				chmod(t, filepath.Join(dir, f), tt.file)
			}
			chmod(t, dir, tt.folder)
			defer chmod(t, dir, 0o777)
			before := content(t, dir)
			said := asNobody(t, path)
			if !strings.Contains(said, "list: b a\n") || !strings.Contains(said, "metric: 2\n") {
				t.Errorf("it is not read:\n%s", said)
			}
			for _, what := range []string{"put: write to store", "delete: delete from store"} {
				if !strings.Contains(said, what) || strings.Count(said, "the file and its folder must be writable for this user") != 2 {
					t.Errorf("it does not say %q, and what to do:\n%s", what, said)
				}
			}
			if now := content(t, dir); tt.folder == 0o555 && now != before {
				t.Errorf("the folder has changed: from %q to %q", before, now)
			}
		})
	}
}

// asNobody uses a file as a user who does not own it, where this one is root, whom no
// mode keeps from anything.
func asNobody(t *testing.T, path string) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	if os.Getuid() == 0 {
		copied := filepath.Join(filepath.Dir(filepath.Dir(path)), "self")
		text, err := os.ReadFile(self)
		if err == nil {
			err = os.WriteFile(copied, text, 0o755)
		}
		if err != nil {
			t.Fatal(err)
		}
		cmd = exec.Command(copied)
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	}
	cmd.Dir = "/"
	cmd.Env = append(os.Environ(), "PLUMBLINE_TEST_SQLITE_USE="+path)
	out, err := cmd.CombinedOutput()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return string(out)
}

// openTo is a folder that every user reaches.
func openTo(t *testing.T) string {
	t.Helper()
	top, err := os.MkdirTemp("", "sqlite")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(top) })
	chmod(t, top, 0o755)
	dir := filepath.Join(top, "store")
	if err := os.Mkdir(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	return dir
}

func chmod(t *testing.T, path string, mode os.FileMode) {
	t.Helper()
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

func names(t *testing.T, dir string) (all []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		all = append(all, e.Name())
	}
	slices.Sort(all)
	return all
}

// content is what is in a folder.
func content(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	for _, name := range names(t, dir) {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "%s %d %x ", name, len(text), crc32.ChecksumIEEE(text))
	}
	return b.String()
}
