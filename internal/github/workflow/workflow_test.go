package workflow

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/goccy/go-yaml"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// trees are repositories of each kind, as files and what stands in them. The
// workflows made for them are testdata/NAME.golden.yml, which .ci/run shows to
// actionlint.
var trees = map[string]map[string]string{
	"go":       {"go.mod": "module x"},
	"rust":     {"Cargo.toml": "[package]"},
	"nextest":  {"Cargo.toml": "[package]", ".config/nextest.toml": "[profile.ci]\nfail-fast = false\n[profile.ci.junit]\npath = \"junit.xml\"\n"},
	"npm":      {"package.json": "{}", "package-lock.json": "{}"},
	"vitest":   {"package.json": `{"devDependencies": {"vitest": "3"}}`, "pnpm-lock.yaml": "", ".nvmrc": "24"},
	"jest":     {"package.json": `{"devDependencies": {"jest": "30", "jest-junit": "16"}}`, "yarn.lock": ""},
	"nodetest": {"package.json": `{"scripts": {"test": "node --test"}}`},
	"python":   {"pyproject.toml": "[project]\nname = \"x\""},
	"pip":      {"tox.ini": "[tox]", "requirements.txt": "x"},
	"java":     {"pom.xml": "<project/>", "mvnw": "", "build.gradle.kts": ""},
	"two":      {"go.mod": "module x", "pyproject.toml": "[tool.ruff]"},
}

func mapFS(files map[string]string) fstest.MapFS {
	tree := fstest.MapFS{}
	for name, text := range files {
		tree[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return tree
}

// actionInputs are the inputs of action.yml.
func actionInputs(t *testing.T) []string {
	t.Helper()
	var action struct{ Inputs map[string]any }
	data, err := os.ReadFile("../../../action.yml")
	if err == nil {
		err = yaml.Unmarshal(data, &action)
	}
	if err != nil || len(action.Inputs) < 5 {
		t.Fatalf("action.yml has the inputs %v, %v", action.Inputs, err)
	}
	return keys(action.Inputs)
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name+".golden.yml")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != strings.ReplaceAll(string(want), "\r\n", "\n") {
		t.Errorf("%s: got\n%s", name, got)
	}
}

// TestWritten: every workflow that is written is one that is read without a
// complaint, by inputs that the action has.
func TestWritten(t *testing.T) {
	t.Parallel()
	texts := map[string]string{"report": Report([]string{"plumbline", "CI: it's ours"})}
	for name, files := range trees {
		kits := Detect(mapFS(files))
		if len(kits) == 0 {
			t.Errorf("%s: no kind of project is seen", name)
		}
		texts[name] = Check(kits, "main", false)
	}
	k, err := Command([]string{"make", "test", "FLAGS=-a -b", "it's"})
	if err != nil {
		t.Fatal(err)
	}
	texts["command"] = Check([]Kit{k}, "release/2.0+x", false)
	for name, text := range texts {
		golden(t, name, text)
		tree := mapFS(map[string]string{CheckFile: text})
		if name == "report" {
			tree = mapFS(map[string]string{
				CheckFile: texts["go"], Folder + "/ci.yaml": "name: \"CI: it's ours\"\non: push\n", ReportFile: text,
			})
		}
		files, errs := Read(tree)
		if len(errs) > 0 || len(files) == 0 {
			t.Errorf("%s: Read = %v, %v", name, files, errs)
		}
		branch := "main"
		if name == "command" {
			branch = "release/2.0+x"
		}
		for _, p := range Problems(files, branch, actionInputs(t)) {
			t.Errorf("%s: %s", name, p.What)
		}
	}
}

func TestDetect(t *testing.T) {
	t.Parallel()
	var jobs []string
	for _, k := range Detect(mapFS(map[string]string{"go.mod": "", "Cargo.toml": "", "package.json": "", "setup.py": "", "pom.xml": "", "build.gradle": ""})) {
		jobs = append(jobs, k.Job+" "+k.Found)
	}
	if got, want := strings.Join(jobs, ", "), "go go.mod, rust Cargo.toml, node package.json, python setup.py, maven pom.xml, gradle build.gradle"; got != want {
		t.Errorf("jobs %s, want %s", got, want)
	}
	if kits := Detect(fstest.MapFS{"go.mod/x": {}, "Makefile": {}}); len(kits) != 0 {
		t.Errorf("Detect = %v, want nothing", kits)
	}
	if k, err := Command([]string{"a\nb"}); err == nil {
		t.Errorf("a line break in a command is taken: %v", k)
	}
}

// TestScalar: what is written is read as the same text.
func TestScalar(t *testing.T) {
	t.Parallel()
	for _, s := range []string{
		"main", "2.0", "1e3", "on", "No", "true", "null", "a: b", "#1", "it's", `"`, "a,b", "[x]", "{x}", "*x", "&x", "!x", "- x", "x ", "", "~", "ü", "a\nb", "a\x7fb", "0x1f", "-", ".5",
	} {
		var got struct{ X []any }
		if err := yaml.Unmarshal([]byte("x: ["+scalar(s)+"]\n"), &got); err != nil || len(got.X) != 1 || got.X[0] != s {
			t.Errorf("scalar(%q) = %s, which is read as %#v, %v", s, scalar(s), got.X, err)
		}
	}
}

func TestRead(t *testing.T) {
	t.Parallel()
	files, errs := Read(mapFS(map[string]string{
		Folder + "/a.yml":      "on: [push, pull_request]\njobs: {x: {steps: [{uses: me/plumbline@v1}, {run: x}, {uses: me/plumbline-x@v1}, {uses: ./}]}}\n",
		Folder + "/b.yaml":     "name: b\non: {workflow_run: {workflows: a.yml}}\n",
		Folder + "/c.yml":      "jobs: [",
		Folder + "/d.yml":      "- no workflow\n",
		Folder + "/README.md":  "no workflow",
		Folder + "/sub/e.yml":  "name: below\n",
		Folder + "/f.yml":      "",
		"action.yml":           "name: something\n",
		Folder + "/empty.yaml": "# nothing\n",
	}))
	var got []string
	for _, f := range files {
		got = append(got, f.Name)
	}
	if want := []string{Folder + "/a.yml", "b", Folder + "/empty.yaml", Folder + "/f.yml"}; !slices.Equal(got, want) {
		t.Errorf("workflows %q, want %q", got, want)
	}
	if len(errs) != 2 || !strings.HasPrefix(errs[0].Error(), Folder+"/c.yml: ") {
		t.Errorf("errors %v, want two that name their files", errs)
	}
	if a := files[0]; len(a.Uses) != 1 || a.Uses[0].Job != "x" || a.Uses[0].Mode() != "check" || !a.runsOn("main") || !slices.Equal(files[1].Of, []string{"a.yml"}) {
		t.Errorf("a.yml = %+v, b.yaml = %+v", a, files[1])
	}
	if files, _ := Read(mapFS(map[string]string{"action.yml": "name: plumbline\n", Folder + "/a.yml": "jobs: {x: {steps: [{uses: ./}]}}"})); len(files) != 1 || len(files[0].Uses) != 1 {
		t.Errorf("the action's own repository: %+v", files)
	}
}

// TestProblems: each of these keeps the gate from speaking, and is told.
func TestProblems(t *testing.T) {
	t.Parallel()
	const granted = "permissions: {contents: read, actions: read, checks: write, pull-requests: write}\n"
	use := func(on, more string) string {
		return "on: " + on + "\n" + granted + "jobs: {x: {steps: [{uses: a/plumbline@v1" + more + "}]}}\n"
	}
	for name, row := range map[string]struct{ text, want string }{
		"nothing":              {use("push", ""), ""},
		"its branch":           {use("{push: {branches: [main]}}", ""), ""},
		"a pattern":            {use("{push: {branches: ['m*']}}", ""), ""},
		"an odd pattern":       {use("{push: {branches: ['!x']}}", ""), ""},
		"a schedule":           {use("{schedule: [{cron: 1 1 1 1 1}], pull_request: }", ""), ""},
		"write-all":            {strings.Replace(use("push", ""), granted, "permissions: write-all\n", 1), ""},
		"no push":              {use("pull_request", ""), "does not run on pushes to main"},
		"another branch":       {use("{push: {branches: ['release/**']}}", ""), "does not run on pushes to main"},
		"all but it":           {use("{push: {branches-ignore: [main]}}", ""), "does not run on pushes to main"},
		"tags alone":           {use("{push: {tags: ['v*']}}", ""), "does not run on pushes to main"},
		"a typing error":       {use("push", ", with: {fail_on: never}"), `has no input "fail_on"`},
		"never":                {use("push", ", with: {fail-on: never}"), "fail-on: never"},
		"continue-on-error":    {use("push", ", continue-on-error: true"), "continue-on-error"},
		"no permissions":       {strings.Replace(use("push", ""), granted, "", 1), "without permissions"},
		"read-all":             {strings.Replace(use("push", ""), granted, "permissions: read-all\n", 1), "lacks checks: write"},
		"nothing granted":      {strings.Replace(use("push", ""), granted, "permissions: {}\n", 1), "lacks contents: read"},
		"of the job":           {strings.Replace(use("push", ""), "x: {", "x: {permissions: {contents: read}, ", 1), "lacks actions: read"},
		"setup needs nothing":  {"on: push\njobs: {x: {steps: [{uses: a/plumbline@v1, with: {mode: setup}}]}}\n", ""},
		"a report on nothing":  {use("push", ", with: {mode: report}"), "for workflows on workflow_run alone"},
		"a report on no one's": {use("{workflow_run: {workflows: [CI]}}", ", with: {mode: report}"), `waits for the workflow "CI"`},
	} {
		files, errs := Read(mapFS(map[string]string{CheckFile: row.text}))
		var told []string
		for _, p := range Problems(files, "main", actionInputs(t)) {
			told = append(told, p.What)
			if p.Do == "" {
				t.Errorf("%s: nothing to do about %q", name, p.What)
			}
		}
		all := strings.Join(told, "\n")
		if len(errs) > 0 || !strings.Contains(all, row.want) || row.want == "" && all != "" {
			t.Errorf("%s: %q, %v, want %q", name, told, errs, row.want)
		}
	}
}

func TestReports(t *testing.T) {
	t.Parallel()
	files, _ := Read(mapFS(map[string]string{CheckFile: trees["go"]["x"] + "name: plumbline\n", ReportFile: Report([]string{"plumbline"})}))
	if !Reports(files, "plumbline") || Reports(files, "CI") {
		t.Errorf("Reports = %v, %v, want true for plumbline alone", Reports(files, "plumbline"), Reports(files, "CI"))
	}
}

// FuzzRead: whatever a workflow file holds, reading it ends.
func FuzzRead(f *testing.F) {
	f.Add("name: x\non: push\njobs: {x: {steps: [{uses: a/plumbline@v1, with: {a: [1]}}]}}")
	f.Add(Report([]string{"plumbline"}))
	f.Fuzz(func(t *testing.T, text string) {
		files, errs := Read(fstest.MapFS{CheckFile: {Data: []byte(text)}})
		if len(files)+len(errs) != 1 {
			t.Errorf("%d files, %d errors, want one of either", len(files), len(errs))
		}
		Problems(files, "main", nil)
	})
}
