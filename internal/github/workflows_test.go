package github_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// flowStep is a step of a workflow or of a composite action.
type flowStep struct {
	ID, Name, If, Shell, Run, Uses string
	WorkingDirectory               string `yaml:"working-directory"`
	ContinueOnError                bool   `yaml:"continue-on-error"`
	Env, With                      map[string]string
}

// workflow is what is asked of one here.
type workflow struct {
	Permissions map[string]string
	Jobs        map[string]struct {
		Permissions map[string]string
		Steps       []flowStep
	}
}

// composite is an action of steps, in the keys that GitHub knows for one.
type composite struct {
	Name, Description, Author string
	Branding                  struct{ Icon, Color string }
	Inputs                    map[string]struct {
		Description string
		Default     *string
		Required    bool
	}
	Outputs map[string]struct{ Description, Value string }
	Runs    struct {
		Using string
		Steps []flowStep
	}
}

func globbed(t *testing.T, pattern string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.FromSlash(pattern))
	if err != nil || len(names) == 0 {
		t.Fatalf("no %s: %v", pattern, err)
	}
	return names
}

var (
	pinned   = regexp.MustCompile(`^[\w.-]+/[\w./-]+@[0-9a-f]{40}$`)
	ofInput  = regexp.MustCompile(`inputs\.([\w-]+)`)
	ofOutput = regexp.MustCompile(`^\$\{\{ steps\.(\w+)\.outputs\.(\w+) \}\}$`)
	dollar   = regexp.MustCompile(`\$\{?[A-Z_]+`)
)

// checkStep: no expression is a part of a script, where its text would be
// commands, and every action is the one that was looked at.
func checkStep(t *testing.T, where string, s flowStep) {
	t.Helper()
	if strings.Contains(s.Run, "${{") {
		t.Errorf("%s: an expression in a script; give it by env:\n%s", where, s.Run)
	}
	if s.Uses != "" && !strings.HasPrefix(s.Uses, "./") && !pinned.MatchString(s.Uses) {
		t.Errorf("%s: %s is not pinned by the full SHA of a commit", where, s.Uses)
	}
}

// TestWorkflows: the workflows of this repository may no more than they need to,
// and run nothing that can change under them. What they say to GitHub is
// actionlint's to judge (.ci/run).
func TestWorkflows(t *testing.T) {
	t.Parallel()
	may := map[string]map[string]string{
		"ci.yml plumbline":    {"contents": "read", "actions": "read", "checks": "write", "pull-requests": "write"},
		"release.yml build":   {"contents": "read"},
		"release.yml image":   {"contents": "read", "packages": "write"},
		"release.yml publish": {"contents": "write"},
	}
	for _, name := range globbed(t, "../../.github/workflows/*.yml") {
		var w workflow
		if err := yaml.Unmarshal([]byte(read(t, name)), &w); err != nil || len(w.Jobs) == 0 {
			t.Fatalf("%s: %v", name, err)
		}
		name = filepath.Base(name)
		if w.Permissions == nil || slices.Contains(levels(w.Permissions), "write") {
			t.Errorf("%s: the permissions of all jobs are %v, want some that write nothing", name, w.Permissions)
		}
		for job, j := range w.Jobs {
			for scope, level := range j.Permissions {
				if want := may[name+" "+job][scope]; level != want && level != "none" {
					t.Errorf("%s: job %s has %s: %s, want %q", name, job, scope, level, want)
				}
			}
			for _, s := range j.Steps {
				checkStep(t, name+": job "+job, s)
				if strings.HasPrefix(s.Uses, "actions/checkout@") && s.With["persist-credentials"] != "false" {
					t.Errorf("%s: the checkout of job %s leaves its token in .git/config", name, job)
				}
			}
		}
	}
}

func levels(permissions map[string]string) (all []string) {
	for _, level := range permissions {
		all = append(all, level)
	}
	return all
}

// TestCompositeActions: they parse, use every input and none that they do not
// have, and hand inputs to scripts by the environment alone, in quotes.
func TestCompositeActions(t *testing.T) {
	t.Parallel()
	for _, name := range globbed(t, "../../.github/actions/*/action.yml") {
		text := read(t, name)
		var a composite
		if err := yaml.NewDecoder(bytes.NewReader([]byte(text)), yaml.Strict()).Decode(&a); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if a.Runs.Using != "composite" || a.Name == "" || a.Description == "" || len(a.Runs.Steps) == 0 {
			t.Errorf("%s: no composite action: %+v", name, a)
		}
		used, ids := map[string]bool{}, map[string]bool{}
		for _, m := range ofInput.FindAllStringSubmatch(text, -1) {
			if _, ok := a.Inputs[m[1]]; !ok {
				t.Errorf("%s uses the input %s, which it does not have", name, m[1])
			}
			used[m[1]] = true
		}
		for in, about := range a.Inputs {
			if !used[in] || about.Description == "" {
				t.Errorf("%s: the input %s is not used or not described", name, in)
			}
		}
		for _, s := range a.Runs.Steps {
			ids[s.ID] = true
			checkStep(t, name, s)
			if s.Run == "" {
				continue
			}
			if s.Shell != "bash" {
				t.Errorf("%s: a script for %q, want bash, which all runners have", name, s.Shell)
			}
			for _, at := range dollar.FindAllStringIndex(s.Run, -1) {
				if strings.Count(s.Run[:at[0]], `"`)%2 == 0 {
					t.Errorf("%s: a variable stands outside of quotes: %s", name, s.Run)
				}
			}
			for _, m := range regexp.MustCompile(`[\w-]+\.sh\b`).FindAllString(s.Run, -1) {
				if info, err := os.Stat(filepath.Join(filepath.Dir(name), m)); err != nil || info.Mode().Perm()&0o100 == 0 {
					t.Errorf("%s runs %s: %v, %v", name, m, info, err)
				}
			}
		}
		for out, about := range a.Outputs {
			if m := ofOutput.FindStringSubmatch(about.Value); m == nil || !ids[m[1]] || about.Description == "" {
				t.Errorf("%s: the output %s is %q, want one of a step", name, out, about.Value)
			}
		}
	}
}
