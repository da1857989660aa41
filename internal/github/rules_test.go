package github_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// rules are the attacks on a program like this one and the tests that show what
// is done about each, by the folder of their package. Attack and rule are those
// of the design's platform facts, in their order; see also "What the gate protects
// against" in the README.
var rules = []struct {
	attack string
	tests  []string
}{
	{"baseline poisoning: a fork's run, another branch, workflow, event, a failed or a later run becomes the baseline", []string{
		"internal/github/artifact.TestTrust", "internal/github/artifact.TestRules", "internal/cli.TestActionQuarantines",
		"internal/cli.TestActionLeavesOutWhatCameLater", "internal/cli.TestReportJudgesAForksRun",
	}},
	{"the consumer on workflow_run believes what a fork's artifact says of itself", []string{
		"internal/cli.TestReportTakesNothingButFigures", "internal/cli.TestReportOfWhatCannotBeRead", "internal/cli.TestReportHasNothingToDo",
		"internal/github/rest.TestForkTokens", "internal/github/artifact.TestForeign",
	}},
	{"zip slip, links, special files", []string{
		"internal/github/artifact.TestUnpackRefuses", "internal/github/artifact.TestFindPassesBy", "internal/cli.TestReportOfWhatCannotBeRead",
	}},
	{"bombs of zip and JSON, and figures that are none", []string{
		"internal/github/artifact.TestUnpackRefuses", "internal/github/artifact.TestForeignRefuses", "internal/github/artifact.FuzzForeign",
		"internal/github/rest.TestDownload",
	}},
	{"Markdown and HTML in names, mentions, forged markers", []string{
		"check/report.FuzzMarkdown", "check/report.FuzzComment", "check/report.TestChart", "check/report.TestMerge", "check/report.FuzzReadComment",
		"internal/cli.TestStrangersComments", "internal/cli.TestOwnApp",
	}},
	{"workflow commands in what is logged", []string{
		"internal/github.TestLogDisarms", "internal/github.FuzzLog", "internal/github.TestAnnotations", "check/report.FuzzText",
		"internal/cli.TestActionDisarmsNames",
	}},
	{"further outputs, variables or paths by way of a value", []string{
		"internal/github.TestSetOutputsRefusesText", "internal/github.TestOutputsHaveNoDelimiter", "internal/github.TestSetupRefuses",
		"internal/cli.TestActionDisarmsNames",
	}},
	{"tokens and signed addresses in logs, errors, artifacts, and on their way to other hosts", []string{
		"internal/github/rest.TestNoTokenElsewhere", "internal/github/rest.TestDownload", "internal/github/rest.TestErrorsArePlain",
		"internal/github/artifact.TestTokenStaysAtHome", "internal/github/artifact.TestPlacesOfBlobs", "internal/cli.TestActionTellsNoSecrets",
	}},
	{"scripts that users write with outputs in them", []string{
		"internal/github.TestSetOutputsRefusesText", "internal/github.TestWorkflows", "internal/github.TestCompositeActions", "internal/github.TestInstallRefuses",
		"internal/cli.TestReadmeScripts",
	}},
	{"odd addresses in checks, statuses and comments", []string{
		"internal/github.TestRunURL", "check/report.TestLink",
	}},
	{"links and pipes in the checkout, and its configuration where the job may write", []string{
		"internal/github.TestLinksStayInside", "internal/github.TestPipeIsNoResult", "internal/cli.TestActionFollowsNoLinks",
		"internal/cli.TestActionTakesTheConfigurationOfTheBase", "internal/cli.TestActionWithoutTheConfigurationOfTheBase",
	}},
	{"a verdict that somebody makes up: told, and a check is only ever ours", []string{
		"internal/cli.TestReadmeTellsWhatTheGateIsNot", "internal/cli.TestActionChecks",
	}},
	{"actions, images and programs that change under their name", []string{
		"internal/github.TestWorkflows", "internal/github.TestInstallRefuses", "internal/github.TestRelease", "internal/github.TestReleaseRefuses",
	}},
	{"the requests and the time of the repository's other jobs", []string{
		"internal/github/rest.TestReserve", "internal/github/rest.TestTimeBudget", "internal/github/rest.TestRefusalsAreFinal",
		"internal/cli.TestActionAsksLittle", "internal/cli.TestActionTimeout",
	}},
}

// TestRulesHaveTests: each of them is there, in a file of its package.
func TestRulesHaveTests(t *testing.T) {
	t.Parallel()
	if len(rules) != 14 {
		t.Errorf("%d rules, want 14", len(rules))
	}
	known := map[string]map[string]bool{}
	for _, r := range rules {
		if len(r.tests) == 0 {
			t.Errorf("%s: no test", r.attack)
		}
		for _, name := range r.tests {
			folder, test, _ := strings.Cut(name, ".")
			if known[folder] == nil {
				known[folder] = testsOf(t, folder)
			}
			if !known[folder][test] {
				t.Errorf("%s: there is no test %s in %s", r.attack, test, folder)
			}
		}
	}
}

// testsOf are the tests and fuzz targets of a package.
func testsOf(t *testing.T, folder string) map[string]bool {
	t.Helper()
	names, err := filepath.Glob(filepath.Join("../..", filepath.FromSlash(folder), "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, name := range names {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil {
				found[f.Name.Name] = true
			}
		}
	}
	return found
}

// TestOutputsHaveNoDelimiter: go-githubactions ends every value with the same
// line, so that a value which has it goes on as commands of its own
// (https://github.com/sethvargo/go-githubactions/blob/v1.4.0/actions.go,
// multiLineFileDelim). We write outputs in the form of one line, and use none of
// its functions that write to files of commands.
func TestOutputsHaveNoDelimiter(t *testing.T) {
	t.Parallel()
	j := newJob(t)
	const inject = "a\n_GitHubActionsFileCommandDelimeter_\nverdict=pass"
	writeOutputs(t, j, inject)
	if got := read(t, j.output); got != "" {
		t.Errorf("a value with the delimiter wrote %q", got)
	}
	may := map[string]bool{"New": true, "WithGetenv": true, "Command": true}
	err := filepath.WalkDir("../..", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				if x, ok := s.X.(*ast.Ident); ok && x.Name == "githubactions" && !may[s.Sel.Name] {
					t.Errorf("%s uses githubactions.%s", name, s.Sel.Name)
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
