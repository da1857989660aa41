//go:build unix

package cli

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/plumbline-ci/plumbline/internal/github/githubtest"
)

// TestActionFollowsNoLinks: a checkout whose links lead out of the workspace gets
// nothing written or read there: not by the store, its files, the configuration
// or the results; and a pipe does not block the step.
func TestActionFollowsNoLinks(t *testing.T) {
	today := time.Now().UTC().Format(time.DateOnly) + ".jsonl"
	for name, row := range map[string]struct {
		plant func(f *forge, outside string) error // in the workspace, where the test is
		want  string
	}{
		"the store": {
			func(_ *forge, outside string) error { return os.Symlink(outside, ".plumbline") }, `the store: ".plumbline" leads out of the workspace`,
		},
		"a file of the store": {
			func(_ *forge, outside string) error {
				return errors.Join(os.Mkdir(".plumbline", 0o755), os.Symlink(filepath.Join(outside, "secret"), ".plumbline/"+today))
			}, `leads out of the workspace`,
		},
		"a new file of the store": {
			func(_ *forge, outside string) error {
				return errors.Join(os.Mkdir(".plumbline", 0o755), os.Symlink(filepath.Join(outside, "new"), ".plumbline/"+verdictFile))
			}, `leads out of the workspace`,
		},
		"a pipe in the store": {
			func(*forge, string) error {
				return errors.Join(os.Mkdir(".plumbline", 0o755), syscall.Mkfifo(".plumbline/"+today, 0o644))
			}, `is not a regular file`,
		},
		"a store that the configuration names": {
			func(*forge, string) error {
				return os.WriteFile(ConfigFile, []byte("baseline: {store: 'dir:../out'}\n"), 0o644)
			}, `the store: "../out" leads out of the workspace`,
		},
		"the configuration": {
			func(_ *forge, outside string) error { return os.Symlink(filepath.Join(outside, "secret"), ConfigFile) },
			`input config: ".plumbline.yml" leads out of the workspace`,
		},
		"a pipe as configuration": {
			func(*forge, string) error { return syscall.Mkfifo(ConfigFile, 0o644) }, `".plumbline.yml" is not a regular file`,
		},
		"a result file": {
			func(_ *forge, outside string) error {
				return errors.Join(os.Remove("junit.xml"), os.Symlink(filepath.Join(outside, "secret"), "junit.xml"))
			}, `"junit.xml": leads out of the workspace`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newForge(t)
			run := f.AddRun(f.repo, githubtest.Run{Status: "in_progress"})
			place := githubtest.Place{URL: f.url, Dir: t.TempDir(), Job: "unit", Inputs: map[string]string{"results": "junit.xml"}}
			env, err := f.Env(run, place)
			if err != nil {
				t.Fatal(err)
			}
			outside := t.TempDir()
			secret := filepath.Join(outside, "secret")
			t.Chdir(place.Workspace(run))
			err = errors.Join(os.WriteFile(secret, []byte("s3cret: [\n"), 0o644), os.WriteFile("junit.xml", []byte(results(1, false)["junit.xml"]), 0o644), row.plant(f, outside))
			if err != nil {
				t.Fatal(err)
			}
			got := f.command(env, "action")
			if got.status != exitUsage || !strings.Contains(got.stdout, "::error::") || !strings.Contains(got.stdout, row.want) || strings.Contains(got.stdout+got.stderr, "s3cret") {
				t.Errorf("status %d, want %d and %s\n%s%s", got.status, exitUsage, row.want, got.stdout, got.stderr)
			}
			left, err := os.ReadDir(outside)
			if err != nil || len(left) != 1 || f.text(secret) != "s3cret: [\n" {
				t.Errorf("outside of the workspace there is %v, %v, %q", left, err, f.text(secret))
			}
		})
	}
}
