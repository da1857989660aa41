//go:build unix

package github_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// A pipe in place of a result file would block whoever opens it.
func TestPipeIsNoResult(t *testing.T) {
	t.Parallel()
	j := newJob(t)
	if err := syscall.Mkfifo(filepath.Join(j.dir, "pipe.xml"), 0o600); err != nil {
		t.Fatal(err)
	}
	if files, err := j.Files("pipe.xml"); err == nil {
		t.Errorf("Files = %q, want an error", files)
	}
	if files, err := j.Files("*.xml"); err != nil || len(files) > 0 {
		t.Errorf("Files = %q, %v, want none", files, err)
	}
	if _, err := j.Open("pipe.xml"); err == nil {
		t.Error("Open of a pipe = nil, want an error")
	}
}

func TestGiveBack(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root can give files away")
	}
	const owner = 4711
	j := newJob(t)
	outside := filepath.Join(t.TempDir(), "outside")
	writeFile(t, outside, "x")
	writeFile(t, filepath.Join(j.dir, ".plumbline", "runs", "a.jsonl"), "x")
	link(t, outside, filepath.Join(j.dir, ".plumbline", "link"))
	if err := os.Chown(j.dir, owner, owner); err != nil {
		t.Skipf("this system gives no files away: %v", err)
	}
	if err := j.GiveBack(".plumbline", "not-there"); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]uint32{
		filepath.Join(j.dir, ".plumbline"):                    owner,
		filepath.Join(j.dir, ".plumbline", "runs"):            owner,
		filepath.Join(j.dir, ".plumbline", "runs", "a.jsonl"): owner,
		filepath.Join(j.dir, ".plumbline", "link"):            owner,
		filepath.Join(j.dir, "sub", "a.xml"):                  0,
		outside:                                               0,
	} {
		info, err := os.Lstat(name)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Sys().(*syscall.Stat_t).Uid; got != want {
			t.Errorf("owner of %s = %d, want %d", name, got, want)
		}
	}
	if err := j.GiveBack(filepath.Dir(j.dir)); err == nil {
		t.Error("GiveBack of a folder outside = nil, want an error")
	}
}
