package workflow

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// Problem is something in a workflow that would keep the gate from speaking, or
// from being heard.
type Problem struct {
	What string // is so, with the file
	Do   string // to put it right
}

// Problems looks through the workflows that use plumbline. Branch is that of the
// baseline, and inputs are those that the action has.
func Problems(files []File, branch string, inputs []string) []Problem {
	var all []Problem
	for _, f := range files {
		if len(f.Uses) == 0 {
			continue
		}
		for _, u := range f.Uses {
			all = append(all, u.problems(f.Path, inputs)...)
		}
		all = append(all, f.problems(files, branch)...)
	}
	return all
}

// Checks are the workflows that judge what they measure.
func Checks(files []File) []File {
	return slices.DeleteFunc(slices.Clone(files), func(f File) bool {
		return !slices.ContainsFunc(f.Uses, func(u Use) bool { return u.Mode() == "check" || u.Mode() == "collect" })
	})
}

// Reports says whether a workflow publishes for pull requests whose token only
// reads, after runs of the workflow of that name.
func Reports(files []File, of string) bool {
	return slices.ContainsFunc(files, func(f File) bool {
		return slices.Contains(f.Of, of) && slices.ContainsFunc(f.Uses, func(u Use) bool { return u.Mode() == "report" })
	})
}

func (u Use) problems(file string, inputs []string) []Problem {
	var all []Problem
	at := fmt.Sprintf("%s, job %s", file, u.Job)
	for _, in := range keys(u.With) {
		if !slices.Contains(inputs, strings.ToLower(in)) {
			all = append(all, Problem{
				fmt.Sprintf("%s: the action has no input %q, so that it counts for nothing", at, in), "write one that action.yml has: " + strings.Join(inputs, ", "),
			})
		}
	}
	if u.Mode() == "setup" {
		return all
	}
	if u.Lax {
		all = append(all, Problem{at + ": with continue-on-error the gate fails nothing", "remove continue-on-error"})
	}
	if u.With["fail-on"] == "never" {
		all = append(all, Problem{at + ": with fail-on: never the step fails for nothing, and its check never does", "remove fail-on, or name what it is to fail on"})
	}
	if u.rights == nil {
		return append(all, Problem{at + ": without permissions the token has what the repository's settings give", "write " + granted()})
	}
	for _, p := range permissions {
		if has := u.rights[p[0]]; has != "write" && has != p[1] {
			all = append(all, Problem{
				fmt.Sprintf("%s: the token lacks %s: %s, which is for %s", at, p[0], p[1], p[2]), fmt.Sprintf("add %s: %s to permissions", p[0], p[1]),
			})
		}
	}
	return all
}

// granted is the key with all that is needed.
func granted() string {
	var all []string
	for _, p := range permissions {
		all = append(all, p[0]+": "+p[1])
	}
	return "permissions: {" + strings.Join(all, ", ") + "}"
}

func (f File) problems(files []File, branch string) []Problem {
	var all []Problem
	if f.measures() && !f.runsOn(branch) {
		all = append(all, Problem{
			fmt.Sprintf("%s does not run on pushes to %s, so that there is never a baseline", f.Path, branch),
			fmt.Sprintf("add to on: push: {branches: [%s]}", branchPattern(branch)),
		})
	}
	if slices.ContainsFunc(f.Uses, func(u Use) bool { return u.Mode() == "report" }) {
		if len(f.Of) == 0 {
			all = append(all, Problem{f.Path + ": mode report is for workflows on workflow_run alone", "write the workflow by plumbline init --forks"})
		}
		for _, name := range f.Of {
			if !slices.ContainsFunc(files, func(o File) bool { return o.Name == name }) {
				all = append(all, Problem{
					fmt.Sprintf("%s waits for the workflow %q, which no file in %s is called", f.Path, name, Folder), "give it the name of the workflow that measures",
				})
			}
		}
	}
	return all
}

func (f File) measures() bool { return len(Checks([]File{f})) > 0 }

// Pulls reports whether pull requests start the workflow, with their own rights.
func (f File) Pulls() bool {
	_, ok := f.on["pull_request"]
	return ok
}

// runsOn reports whether the workflow measures the branch by itself.
func (f File) runsOn(branch string) bool {
	for _, e := range []string{"schedule", "workflow_dispatch"} {
		if _, ok := f.on[e]; ok {
			return true
		}
	}
	push, ok := f.on["push"]
	if !ok {
		return false
	}
	filter, ok := push.(map[string]any)
	if !ok {
		return true
	}
	if slices.Contains(texts(filter["branches-ignore"]), branch) {
		return false
	}
	only, tags := texts(filter["branches"]), filter["tags"]
	if len(only) == 0 {
		return tags == nil // tags alone: no branch
	}
	return slices.ContainsFunc(only, func(p string) bool {
		// What + and ! mean in a filter, only GitHub knows: no complaint then.
		odd := strings.ContainsAny(strings.ReplaceAll(p, `\+`, ""), "+!")
		return odd || doublestar.MatchUnvalidated(p, branch)
	})
}
