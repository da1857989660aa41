package github_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/internal/github"
)

// action is action.yml, in the keys that GitHub knows for a container action.
type action struct {
	Name, Description, Author string
	Branding                  struct{ Icon, Color string }
	Inputs                    map[string]struct {
		Description string
		Default     *string
		Required    bool
	}
	Outputs map[string]struct{ Description string }
	Runs    struct{ Using, Image string }
}

func readAction(t *testing.T) action {
	t.Helper()
	data, err := os.ReadFile("../../action.yml")
	if err != nil {
		t.Fatal(err)
	}
	var a action
	if err := yaml.NewDecoder(bytes.NewReader(data), yaml.Strict()).Decode(&a); err != nil {
		t.Fatal(err)
	}
	return a
}

func TestActionFile(t *testing.T) {
	t.Parallel()
	a := readAction(t)
	for what, missing := range map[string]bool{
		"name": a.Name == "", "author": a.Author == "",
		"description":                      a.Description == "",
		"branding":                         !slices.Contains([]string{"blue", "green", "purple"}, a.Branding.Color) || a.Branding.Icon == "",
		"using: docker, image: Dockerfile": a.Runs.Using != "docker" || a.Runs.Image != "Dockerfile",
		"more than five inputs":            len(a.Inputs) <= 5,
		"more than five outputs":           len(a.Outputs) <= 5,
	} {
		if missing {
			t.Errorf("action.yml lacks %s", what)
		}
	}
	if _, err := os.Stat("../../Dockerfile"); err != nil {
		t.Errorf("the image of action.yml: %v", err)
	}
	for name, in := range a.Inputs {
		if in.Description == "" {
			t.Errorf("input %s has no description", name)
		}
	}
	for name, out := range a.Outputs {
		if out.Description == "" {
			t.Errorf("output %s has no description", name)
		}
	}
}

// Every input that is listed is read, and every one that is read is listed.
func TestActionInputs(t *testing.T) {
	t.Parallel()
	asked := map[string]bool{}
	env := func(name string) string {
		if in, ok := strings.CutPrefix(name, "INPUT_"); ok {
			asked[strings.ToLower(in)] = true
		}
		return getenv("GITHUB_WORKSPACE=" + t.TempDir())(name)
	}
	step, err := github.NewStep(env, &bytes.Buffer{})
	if err != nil {
		t.Fatal(err)
	}
	defer step.Close()
	a := readAction(t)
	for name := range a.Inputs {
		if !asked[name] {
			t.Errorf("input %s of action.yml is not read", name)
		}
	}
	for name := range asked {
		if _, ok := a.Inputs[name]; !ok {
			t.Errorf("input %s is read and not in action.yml", name)
		}
	}
}

func TestInputNames(t *testing.T) {
	t.Parallel()
	var listed []string
	for name := range readAction(t).Inputs {
		listed = append(listed, name)
	}
	slices.Sort(listed)
	if got := github.InputNames(); !slices.Equal(got, listed) {
		t.Errorf("InputNames = %q, want those of action.yml, %q", got, listed)
	}
}

// The defaults that action.yml shows are those that an empty input means, but for
// the check's name: an empty one means no check.
func TestActionDefaults(t *testing.T) {
	t.Parallel()
	var env []string
	for name, in := range readAction(t).Inputs {
		if in.Default != nil && !strings.Contains(*in.Default, "${{") && name != "check-name" { // GitHub fills these in
			env = append(env, fmt.Sprintf("INPUT_%s=%s", strings.ToUpper(name), *in.Default))
		}
	}
	if len(env) == 0 {
		t.Fatal("action.yml has no defaults")
	}
	if got, want := fmt.Sprintf("%+v", newJob(t, env...).Inputs), fmt.Sprintf("%+v", newJob(t).Inputs); got != want {
		t.Errorf("inputs with the defaults of action.yml = %s, want %s", got, want)
	}
}

func TestActionOutputs(t *testing.T) {
	t.Parallel()
	j := newJob(t)
	if err := j.SetOutputs(github.Outputs{Verdict: check.Pass, RunID: "a", Report: filepath.Join(j.dir, "x.json"), HTML: filepath.Join(j.dir, "x.html")}); err != nil {
		t.Fatal(err)
	}
	var written []string
	for _, m := range regexp.MustCompile(`(?m)^([a-z-]+)=`).FindAllStringSubmatch(read(t, j.output), -1) {
		written = append(written, m[1])
	}
	var listed []string
	for name := range readAction(t).Outputs {
		listed = append(listed, name)
	}
	slices.Sort(written)
	slices.Sort(listed)
	if !slices.Equal(written, listed) {
		t.Errorf("outputs written = %q, want those of action.yml, %q", written, listed)
	}
}
