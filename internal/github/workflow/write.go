package workflow

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// The workflow files that plumbline writes, from the root of the repository.
const (
	Folder     = ".github/workflows"
	CheckFile  = Folder + "/plumbline.yml"
	ReportFile = Folder + "/plumbline-report.yml"
)

// CheckName is the name of the workflow in CheckFile.
const CheckName = "plumbline"

// action is the action as workflows name it.
const action = "plumbline-ci/plumbline@v0"

// permissions are what a job of the action needs, each with what for.
var permissions = [][3]string{
	{"contents", "read", "the code, its configuration, and where a pull request left its base branch"},
	{"actions", "read", "what earlier runs measured"},
	{"checks", "write", "the check of the commit"},
	{"pull-requests", "write", "the comment"},
}

// issues is what keeping an issue needs, where the user wants one.
var issues = [3]string{"issues", "write", "the issue about a regression on the default branch"}

// Check is the workflow that measures each change and compares it with earlier
// runs of a branch. With issue its token may keep one.
func Check(kits []Kit, branch string, issue bool) string {
	var b strings.Builder
	fmt.Fprintf(&b, `# Measures each change and compares it with earlier runs of the baseline branch.
# Written by plumbline init; the tests and what is read of them are yours to change.
name: %[2]s

on:
  push:
    branches: [%[1]s] # whose runs are the baseline
  pull_request:
  merge_group:

`, branchPattern(branch), CheckName)
	writePermissions(&b)
	if issue {
		writePermission(&b, issues)
	}
	b.WriteString("\njobs:\n")
	for i, k := range kits {
		if i > 0 {
			b.WriteString("\n")
		}
		writeJob(&b, k)
	}
	return b.String()
}

func writePermissions(b *strings.Builder) {
	b.WriteString("permissions:\n")
	for _, p := range permissions {
		writePermission(b, p)
	}
}

func writePermission(b *strings.Builder, p [3]string) {
	fmt.Fprintf(b, "  %s: %s # %s\n", p[0], p[1], p[2])
}

func writeJob(b *strings.Builder, k Kit) {
	fmt.Fprintf(b, "  %s:\n    runs-on: ubuntu-latest\n    timeout-minutes: 30\n    steps:\n", k.Job)
	writeStep(b, Step{Uses: "actions/checkout@v4", With: [][2]string{{"persist-credentials", "false"}}})
	for _, s := range k.Setup {
		writeStep(b, s)
	}
	if k.Wrapped {
		fmt.Fprintf(b, "      - name: put plumbline on the PATH\n        uses: %s\n        with:\n          mode: setup\n", action)
	}
	b.WriteString("      - name: test\n")
	writeRun(b, k.Test)
	fmt.Fprintf(b, "      - name: compare with earlier runs\n        if: ${{ !cancelled() }}\n        uses: %s\n", action)
	if len(k.Results) > 0 {
		b.WriteString("        with:\n          results: |\n")
		for _, r := range k.Results {
			fmt.Fprintf(b, "            %s\n", r)
		}
	}
}

func writeStep(b *strings.Builder, s Step) {
	if s.Uses == "" {
		b.WriteString("      - name: install\n")
		writeRun(b, s.Run)
		return
	}
	fmt.Fprintf(b, "      - uses: %s\n        with:\n", s.Uses)
	for _, w := range s.With {
		fmt.Fprintf(b, "          %s: %s\n", w[0], w[1])
	}
}

// writeRun writes a command as a block, in which nothing needs quotes.
func writeRun(b *strings.Builder, lines []string) {
	b.WriteString("        run: |\n")
	for _, l := range lines {
		fmt.Fprintf(b, "          %s\n", l)
	}
}

// Report is the workflow that publishes what a pull request's job could not,
// after runs of the workflows of these names.
func Report(of []string) string {
	names := make([]string, len(of))
	for i, n := range of {
		names[i] = scalar(n)
	}
	var b strings.Builder
	fmt.Fprintf(&b, `# Makes the check and the comment for pull requests of forks and of Dependabot,
# whose own jobs have a token that only reads. Written by plumbline init --forks.
# It takes effect once it is on the default branch. Nothing of the pull request
# runs here: do not check it out in this workflow, whose token writes.
name: plumbline report

on:
  workflow_run:
    workflows: [%s]
    types: [completed]

`, strings.Join(names, ", "))
	writePermissions(&b)
	fmt.Fprintf(&b, `
jobs:
  report:
    # The other pull requests report by themselves.
    if: >-
      github.event.workflow_run.event == 'pull_request' &&
      (github.event.workflow_run.head_repository.id != github.event.repository.id ||
      github.event.workflow_run.actor.login == 'dependabot[bot]')
    runs-on: ubuntu-latest
    timeout-minutes: 10
    steps:
      - uses: %s
        with:
          mode: report
`, action)
	return b.String()
}

// scalar writes a text in YAML, in a flow sequence too. Quotes are left out where
// nobody could take the text for anything else.
func scalar(s string) string {
	if plainText.MatchString(s) && !slices.Contains(words, strings.ToLower(s)) {
		return s
	}
	if strings.ContainsFunc(s, unicode.IsControl) {
		return strconv.Quote(s) // whose escapes YAML has too
	}
	return "'" + strings.ReplaceAll(s, "'", "''") + "'"
}

// plainText begins with a letter and so is no number; words are not text where it
// says so in some version of YAML.
var (
	plainText = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_./-]*$`)
	words     = []string{"true", "false", "null", "yes", "no", "on", "off", "y", "n"}
)

// branchPattern is the pattern that fits one branch: git allows + and ! in names,
// which are not plain in a filter.
func branchPattern(name string) string {
	name = strings.ReplaceAll(name, "+", `\+`)
	if strings.HasPrefix(name, "!") {
		name = `\` + name
	}
	return scalar(name)
}
