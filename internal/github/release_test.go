package github_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// copied copies files of this repository into another folder.
func copied(t *testing.T, dir string, names ...string) {
	t.Helper()
	for _, name := range names {
		data, err := os.ReadFile(filepath.Join("../..", name))
		if err != nil {
			t.Fatal(err)
		}
		writeFile(t, filepath.Join(dir, name), string(data))
	}
}

// workshop is a small repository with the parts of this one that a release is
// made of.
func workshop(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	copied(t, dir, ".ci/release", ".gitignore", "action.yml", ".github/actions/setup/action.yml", ".github/actions/setup/install.sh")
	writeFile(t, filepath.Join(dir, "go.mod"), "module example.com/plumbline\n\ngo 1.26.0\n")
	writeFile(t, filepath.Join(dir, "main.go"), `package main

import "runtime/debug"

func main() {
	info, _ := debug.ReadBuildInfo()
	println("plumbline", info.Main.Version)
}
`)
	for _, args := range [][]string{{"init", "-q"}, {"add", "."}, {"-c", "user.name=a", "-c", "user.email=a@b.example", "commit", "-q", "-m", "all"}} {
		cmd := exec.Command("git", args...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %s: %v\n%s", args, err, out)
		}
	}
	return dir
}

// release runs a part of .ci/release in the repository.
func release(dir string, args ...string) (string, error) {
	cmd := exec.Command("bash", append([]string{".ci/release"}, args...)...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "TARGETS="+runtime.GOOS+"/"+runtime.GOARCH, "GOFLAGS=")
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// TestRelease makes a release as the workflow does, and installs it: the programs
// know their version, and the release's own commit trusts nothing but them.
func TestRelease(t *testing.T) {
	t.Parallel()
	needsBash(t)
	dir := workshop(t)
	if out, err := release(dir, "build", "v1.2.3", "dist"); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	digest := "sha256:" + strings.Repeat("ab", 32)
	if out, err := release(dir, "pin", "ghcr.io/o/r", "v1.2.3", "dist", digest); err != nil {
		t.Fatalf("pin: %v\n%s", err, out)
	}
	setup := filepath.Join(dir, ".github", "actions", "setup")
	for name, want := range map[string]string{
		filepath.Join(dir, "action.yml"):             "\n  using: docker\n  image: docker://ghcr.io/o/r@" + digest + "\n",
		filepath.Join(setup, "action.yml"):           "\n    default: v1.2.3\n",
		filepath.Join(setup, "checksums-v1.2.3.txt"): "  plumbline-" + runtime.GOOS + "-" + runtime.GOARCH + "\n",
	} {
		if got := read(t, name); !strings.Contains(got, want) {
			t.Errorf("%s has no %q:\n%s", name, want, got)
		}
	}
	files := http.StripPrefix("/o/r/releases/download/v1.2.3/", http.FileServer(http.Dir(filepath.Join(dir, "dist"))))
	server := httptest.NewServer(files)
	t.Cleanup(server.Close)
	r := &releases{t: t, url: server.URL + "/o/r/releases"}
	env := []string{
		"PLUMBLINE_VERSION=v1.2.3", "RUNNER_OS=" + map[string]string{"linux": "Linux", "darwin": "macOS"}[runtime.GOOS],
		"RUNNER_ARCH=" + map[string]string{"amd64": "X64", "arm64": "ARM64"}[runtime.GOARCH],
	}
	for _, folder := range []string{setupFolder, setup} {
		if got := r.install(folder, env...); got.status != 0 || !strings.Contains(got.log, "plumbline v1.2.3\n") {
			t.Errorf("installed by %s: %+v", folder, got)
		}
	}
	// Somebody replaces what was released, checksums and all.
	const bad = "#!/bin/sh\necho bad\n"
	name := "plumbline-" + runtime.GOOS + "-" + runtime.GOARCH
	writeFile(t, filepath.Join(dir, "dist", name), bad)
	writeFile(t, filepath.Join(dir, "dist", "checksums.txt"), sum(bad)+"  "+name+"\n")
	if got := r.install(setup, env...); got.status != 1 || !strings.Contains(got.log, "not what was released") || len(got.left) > 0 {
		t.Errorf("a release that was replaced: %+v", got)
	}
}

// TestReleaseRefuses: nothing is released that no commit has, or under no name.
func TestReleaseRefuses(t *testing.T) {
	t.Parallel()
	needsBash(t)
	dir := workshop(t)
	writeFile(t, filepath.Join(dir, "main.go"), "package main\n\nfunc main() {}\n")
	writeFile(t, filepath.Join(dir, "dist", "checksums.txt"), "")
	good := "sha256:" + strings.Repeat("0", 64)
	if out, err := release(dir, "pin", "n", "v1.0.0", "dist", good); err != nil {
		t.Fatalf("pin: %v\n%s", err, out)
	}
	for want, args := range map[string][]string{
		"has changes that no commit has":           {"build", "v1.2.3", "dist"},
		"is no version; want one such as v0.1.0":   {"build", "1.2.3", "dist"},
		"release build VERSION DIR":                {"build", "v1.2.3"},
		"release pin NAME":                         {"publish", "v1.2.3", "dist"},
		"is no digest of an image":                 {"pin", "n", "v1.2.3", "dist", "sha256:abc"},
		"action.yml does not have what is to be p": {"pin", "n", "v1.0.0", "dist", good}, // twice
	} {
		if out, err := release(dir, args...); err == nil || !strings.Contains(out, want) {
			t.Errorf("release %q: %v, %s\nwant %q", args, err, out, want)
		}
	}
}
