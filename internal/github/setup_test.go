package github_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSetup(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	home, list := filepath.Join(dir, "home"), filepath.Join(dir, "path")
	writeFile(t, filepath.Join(dir, "program"), "#!/bin/sh\n")
	writeFile(t, list, "")
	if err := os.Mkdir(home, 0o755); err != nil {
		t.Fatal(err)
	}
	j := newJob(t, "HOME="+home, "GITHUB_PATH="+list, "RUNNER_WORKSPACE="+filepath.Join(dir, "work", "r"))
	for range 2 { // a second setup in the job replaces the first
		if _, err := j.Setup(filepath.Join(dir, "program")); err != nil {
			t.Fatal(err)
		}
	}
	name := filepath.Join(home, ".plumbline", "bin", "plumbline")
	if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o755 || read(t, name) != "#!/bin/sh\n" {
		t.Errorf("%s: %v, %v", name, info, err)
	}
	// Outside of a container the step's paths are the host's.
	if got, want := read(t, list), strings.Repeat(filepath.Dir(name)+"\n", 2); got != want {
		t.Errorf("GITHUB_PATH has %q, want %q", got, want)
	}
}

func TestSetupRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	list := filepath.Join(dir, "path")
	writeFile(t, list, "")
	for name, env := range map[string][]string{
		"no home":             {"GITHUB_PATH=" + list},
		"a home that is gone": {"GITHUB_PATH=" + list, "HOME=" + filepath.Join(dir, "none")},
		"no list":             {"HOME=" + dir},
		"a broken path":       {"GITHUB_PATH=" + list, "HOME=" + dir + "\nx"},
	} {
		if _, err := newJob(t, env...).Setup(list); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	if got := read(t, list); got != "" {
		t.Errorf("GITHUB_PATH has %q, want nothing", got)
	}
}
