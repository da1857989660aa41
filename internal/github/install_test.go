package github_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
)

// releases is a server of releases as GitHub is one: its newest leads to a
// version, and each file to another address.
type releases struct {
	t     *testing.T
	url   string
	files map[string]string // by VERSION/NAME
	moved string            // where the files are instead
}

func newReleases(t *testing.T) *releases {
	t.Helper()
	r := &releases{t: t, files: map[string]string{}}
	server := httptest.NewServer(r)
	t.Cleanup(server.Close)
	r.url = server.URL + "/o/r/releases"
	return r
}

func (r *releases) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	if q.Header.Get("Authorization") != "" {
		r.t.Errorf("%s was asked for with a token", q.URL)
	}
	name, download := strings.CutPrefix(q.URL.Path, "/o/r/releases/download/")
	_, known := r.files[name]
	switch text, there := r.files[strings.TrimPrefix(q.URL.Path, "/blob/")]; {
	case q.URL.Path == "/o/r/releases/latest" && len(r.files) > 0:
		http.Redirect(w, q, r.url+"/tag/v1.2.3", http.StatusFound)
	case download && known && r.moved != "":
		w.Header().Set("Location", r.moved)
		w.WriteHeader(http.StatusFound)
	case download && known:
		http.Redirect(w, q, "/blob/"+name, http.StatusFound)
	case there:
		fmt.Fprint(w, text)
	default:
		http.NotFound(w, q)
	}
}

// script is a program that says its version, or does not start.
func script(status int) string {
	return fmt.Sprintf("#!/bin/sh\necho \"plumbline $1\"\nexit %d\n", status)
}

func sum(text string) string {
	d := sha256.Sum256([]byte(text))
	return hex.EncodeToString(d[:])
}

// installed is what the step left behind.
type installed struct {
	status            int
	log, path, output string
	left              []string // in the runner's folder
}

// install runs the script of the setup action in that folder as a step would.
func (r *releases) install(folder string, env ...string) installed {
	r.t.Helper()
	dir := r.t.TempDir()
	temp, path, output := filepath.Join(dir, "temp"), filepath.Join(dir, "path"), filepath.Join(dir, "output")
	if err := os.Mkdir(temp, 0o755); err != nil {
		r.t.Fatal(err)
	}
	writeFile(r.t, path, "")
	writeFile(r.t, output, "")
	name, err := filepath.Abs(filepath.Join(folder, "install.sh"))
	if err != nil {
		r.t.Fatal(err)
	}
	cmd := exec.Command("bash", name)
	cmd.Dir = dir
	cmd.Env = append([]string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "GITHUB_TOKEN=ghs_secret", "RUNNER_OS=Linux", "RUNNER_ARCH=X64",
		"RUNNER_TEMP=" + temp, "GITHUB_PATH=" + path, "GITHUB_OUTPUT=" + output, "PLUMBLINE_RELEASES=" + r.url,
	}, env...)
	log, _ := cmd.CombinedOutput() // its status is asked for below
	got := installed{status: cmd.ProcessState.ExitCode(), log: string(log), path: read(r.t, path), output: read(r.t, output)}
	err = filepath.WalkDir(temp, func(name string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			got.left = append(got.left, name)
		}
		return err
	})
	if err != nil {
		r.t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "pwned")); err == nil {
		r.t.Errorf("%q ran a command", env)
	}
	return got
}

const setupFolder = "../../.github/actions/setup"

func needsBash(t *testing.T) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("bash of Windows may be that of another system; its runners have the right one")
	}
}

// TestInstall: a release's program for the runner is on the PATH after the step.
func TestInstall(t *testing.T) {
	t.Parallel()
	needsBash(t)
	r := newReleases(t)
	good := script(0)
	list := ""
	for _, name := range []string{"plumbline-linux-amd64", "plumbline-darwin-arm64", "plumbline-windows-amd64.exe"} {
		r.files["v1.2.3/"+name] = good
		list += sum(good) + "  " + name + "\n"
	}
	r.files["v1.2.3/checksums.txt"] = list
	r.files["v1.3.0-rc.1/plumbline-linux-amd64"] = good // without checksums
	for want, env := range map[string][]string{
		"v1.2.3 plumbline":     {"PLUMBLINE_VERSION=latest"},
		"v1.2.3  plumbline":    {"PLUMBLINE_VERSION=v1.2.3"},
		"v1.2.3   plumbline":   {"RUNNER_OS=macOS", "RUNNER_ARCH=ARM64"},
		"v1.2.3 plumbline.exe": {"RUNNER_OS=Windows"},
		"v1.3.0-rc.1 plumbline": {
			"PLUMBLINE_VERSION=v1.3.0-rc.1", "PLUMBLINE_SHA256=" + strings.ToUpper(sum(good)), "PLUMBLINE_RELEASES=" + r.url + "/",
		},
	} {
		got := r.install(setupFolder, env...)
		version, program := strings.Fields(want)[0], strings.Fields(want)[1]
		if got.status != 0 || len(got.left) != 1 || filepath.Base(got.left[0]) != program || got.path != filepath.Dir(got.left[0])+"\n" {
			t.Errorf("%q: %+v", env, got)
			continue
		}
		if got.output != "version="+version+"\npath="+got.left[0]+"\n" || !strings.Contains(got.log, "plumbline version") {
			t.Errorf("%q: %+v", env, got)
		}
		if info, err := os.Stat(got.left[0]); err != nil || info.Mode().Perm() != 0o755 || read(t, got.left[0]) != good {
			t.Errorf("%q: %v, %v", env, info, err)
		}
	}
}

// TestInstallRefuses: what is not what was released never gets on the PATH, and
// nothing that the step is told is a command.
func TestInstallRefuses(t *testing.T) {
	t.Parallel()
	needsBash(t)
	good, zeros := script(0), strings.Repeat("0", 64)
	const name = "plumbline-linux-amd64"
	for want, c := range map[string]struct {
		files map[string]string
		moved string
		env   []string
	}{
		"has the SHA-256 " + sum(good) + ", want " + zeros:         {files: map[string]string{name: good, "checksums.txt": zeros + "  " + name + "\n"}},
		"has the SHA-256 " + sum(good) + ", want " + sum("pinned"): {files: map[string]string{name: good, "checksums.txt": sum(good) + "  " + name + "\n"}, env: []string{"PLUMBLINE_SHA256=" + sum("pinned")}},
		"has no " + name:           {files: map[string]string{"checksums.txt": zeros + "  " + name + "\n"}},
		"has no release v1.2.3":    {files: map[string]string{name: good}},
		"has no release v9.9.9":    {files: map[string]string{name: good}, env: []string{"PLUMBLINE_VERSION=v9.9.9"}},
		"leads to no release":      {env: []string{"PLUMBLINE_VERSION=latest"}},
		"do not have one line for": {files: map[string]string{name: good, "checksums.txt": sum(good) + "  x" + name + "\n"}},
		"do not have one line":     {files: map[string]string{name: good, "checksums.txt": strings.Repeat(sum(good)+"  "+name+"\n", 2)}},
		"have one line for " + name + "\n": {
			files: map[string]string{name: good, "checksums.txt": "<html>::set-output name=a::b\n"},
		},
		"does not start":     {files: map[string]string{name: script(1), "checksums.txt": sum(script(1)) + "  " + name + "\n"}},
		"cannot be reached":  {env: []string{"PLUMBLINE_VERSION=latest", "PLUMBLINE_RELEASES=http://127.0.0.1:1/"}},
		"release v1.2.3 ":    {files: map[string]string{name: good, "checksums.txt": "x"}, moved: "file:///etc/passwd"},
		"with checksums":     {files: map[string]string{name: good, "checksums.txt": "x"}, moved: "ftp://127.0.0.1/x"},
		"input version: v1 ": {env: []string{"PLUMBLINE_VERSION=v1"}},
		`input version: v1.2.3\;\ touch\ pwned is none; want latest`: {env: []string{"PLUMBLINE_VERSION=v1.2.3; touch pwned"}},
		`input version: v1.2.3\$\(touch\ pwned\)`:                    {env: []string{"PLUMBLINE_VERSION=v1.2.3$(touch pwned)"}},
		`input version: $'v1.2.3\n::set-output`:                      {env: []string{"PLUMBLINE_VERSION=v1.2.3\n::set-output name=a::b"}},
		"input version: ../../x":                                     {env: []string{"PLUMBLINE_VERSION=../../x"}},
		"input sha256: abc is none":                                  {env: []string{"PLUMBLINE_SHA256=abc"}},
		"input releases: http://mirror.example/x is no address":      {env: []string{"PLUMBLINE_RELEASES=http://mirror.example/x"}},
		"input releases: http://127.0.0.1:1@mirror":                  {env: []string{"PLUMBLINE_RELEASES=http://127.0.0.1:1@mirror.example/"}},
		"input releases: file:///etc":                                {env: []string{"PLUMBLINE_RELEASES=file:///etc"}},
		`input releases: https://a/\$\(touch\ pwned\)`:               {env: []string{"PLUMBLINE_RELEASES=https://a/$(touch pwned)"}},
		"RUNNER_OS is Plan9; there are programs for":                 {env: []string{"RUNNER_OS=Plan9"}},
		"RUNNER_ARCH is X86; there are programs for":                 {env: []string{"RUNNER_ARCH=X86"}},
		"RUNNER_TEMP or GITHUB_PATH is not there":                    {env: []string{"GITHUB_PATH="}},
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			r := newReleases(t)
			for name, text := range c.files {
				r.files["v1.2.3/"+name] = text
			}
			r.moved = c.moved
			got := r.install(setupFolder, append([]string{"PLUMBLINE_VERSION=v1.2.3"}, c.env...)...)
			if got.status != 1 || !strings.Contains(got.log, want) || got.path+got.output != "" || len(got.left) > 0 {
				t.Errorf("%+v\nwant %q", got, want)
			}
			if n := len(regexp.MustCompile(`(?m)^\s*::`).FindAllString(got.log, -1)); n != 1 || !strings.Contains(got.log, "::error::plumbline setup: ") {
				t.Errorf("%d commands in the log, want one error:\n%s", n, got.log)
			}
		})
	}
}
