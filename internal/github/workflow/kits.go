package workflow

import (
	"fmt"
	"io/fs"
	"regexp"
	"strings"
	"unicode"
)

// Kit is how one kind of project runs its tests in a job.
type Kit struct {
	Job     string   // its key in the workflow, such as go
	Found   string   // the file that told the kind; empty: the user did
	Setup   []Step   // what comes before
	Test    []string // the lines of the command
	Results []string // globs of the files that it leaves
	// Wrapped commands leave no result file that is known to be there: plumbline
	// run measures them and reads what they print.
	Wrapped bool
}

// Step is a step of a job that uses an action or runs lines.
type Step struct {
	Uses string
	With [][2]string // as YAML has them
	Run  []string
}

// Command is the kit of a command that the user gave.
func Command(args []string) (Kit, error) {
	words := make([]string, len(args))
	for i, a := range args {
		if strings.ContainsFunc(a, unicode.IsControl) {
			return Kit{}, fmt.Errorf("the argument %q has a line break or another control character; put the command into a script", a)
		}
		words[i] = a
		if !harmless.MatchString(a) {
			words[i] = "'" + strings.ReplaceAll(a, "'", `'\''`) + "'"
		}
	}
	return Kit{Job: "test", Test: []string{"plumbline run -- " + strings.Join(words, " ")}, Wrapped: true}, nil
}

// harmless words mean themselves in a shell.
var harmless = regexp.MustCompile(`^[A-Za-z0-9_@%+=:,./-]+$`)

// kinds are tried in this order; each that a repository has gets a job.
var kinds = []struct {
	files []string
	kit   func(p project) Kit
}{
	{[]string{"go.mod"}, goKit},
	{[]string{"Cargo.toml"}, rustKit},
	{[]string{"package.json"}, nodeKit},
	{[]string{"pyproject.toml", "setup.py", "setup.cfg", "tox.ini", "pytest.ini"}, pythonKit},
	{[]string{"pom.xml"}, mavenKit},
	{[]string{"build.gradle", "build.gradle.kts"}, gradleKit},
}

// Detect returns the kits of the kinds of project that lie at the root of a tree.
func Detect(tree fs.FS) []Kit {
	var kits []Kit
	for _, kind := range kinds {
		for _, name := range kind.files {
			if p := (project{tree}); p.has(name) {
				k := kind.kit(p)
				k.Found = name
				kits = append(kits, k)
				break
			}
		}
	}
	return kits
}

// project is the root of a repository.
type project struct{ tree fs.FS }

func (p project) has(name string) bool {
	info, err := fs.Stat(p.tree, name)
	return err == nil && info.Mode().IsRegular()
}

// text is a file's, empty where it cannot be read.
func (p project) text(name string) string {
	data, err := fs.ReadFile(p.tree, name)
	if err != nil {
		return ""
	}
	return string(data)
}

// first is the first of the files that is there, or nothing.
func (p project) first(names ...string) string {
	for _, n := range names {
		if p.has(n) {
			return n
		}
	}
	return ""
}

func goKit(project) Kit {
	return Kit{
		Job:     "go",
		Setup:   []Step{{Uses: "actions/setup-go@v5", With: [][2]string{{"go-version-file", "go.mod"}}}},
		Test:    []string{"go test -json -coverprofile=coverage.out ./... > gotest.json"},
		Results: []string{"gotest.json", "coverage.out"},
	}
}

// junitProfile is a profile of nextest that writes JUnit XML.
var junitProfile = regexp.MustCompile(`(?m)^\s*\[profile\.([A-Za-z0-9_-]+)\.junit\]`)

// rustKit runs the tests by nextest where the project has it write JUnit XML,
// which cargo test cannot.
func rustKit(p project) Kit {
	if m := junitProfile.FindStringSubmatch(p.text(".config/nextest.toml")); m != nil {
		return Kit{
			Job:     "rust",
			Setup:   []Step{{Uses: "taiki-e/install-action@v2", With: [][2]string{{"tool", "nextest"}}}},
			Test:    []string{"cargo nextest run --profile " + m[1]},
			Results: []string{"target/nextest/" + m[1] + "/*.xml"},
		}
	}
	return Kit{
		Job:  "rust",
		Test: []string{"cargo test --no-run # what it takes to build is not measured with the tests", "plumbline run -- cargo test"}, Wrapped: true,
	}
}

// corepack comes with Node.js up to 24.
const corepack = "npm install --global corepack && corepack enable && "

// nodeKit asks the test runner that the project depends on for JUnit XML.
func nodeKit(p project) Kit {
	k := Kit{Job: "node"}
	with := [][2]string{{"node-version", "lts/*"}}
	if v := p.first(".nvmrc", ".node-version"); v != "" {
		with = [][2]string{{"node-version-file", v}}
	}
	k.Setup = []Step{{Uses: "actions/setup-node@v4", With: with}}
	run, install := "npx", "npm install"
	switch {
	case p.has("pnpm-lock.yaml"):
		run, install = "pnpm exec", corepack+"pnpm install --frozen-lockfile"
	case p.has("yarn.lock"):
		run, install = "yarn", corepack+"yarn install"
	case p.has("package-lock.json"):
		install = "npm ci"
	}
	k.Setup = append(k.Setup, Step{Run: []string{install}})
	switch text := p.text("package.json"); {
	case strings.Contains(text, `"vitest"`):
		k.Test, k.Results = []string{run + " vitest run --reporter=default --reporter=junit --outputFile.junit=junit.xml"}, []string{"junit.xml"}
	case strings.Contains(text, `"jest-junit"`):
		k.Test = []string{run + " jest --reporters=default --reporters=jest-junit --coverage --coverageReporters=cobertura"}
		k.Results = []string{"junit.xml", "coverage/cobertura-coverage.xml"}
	case strings.Contains(text, "node --test"):
		k.Test, k.Results = []string{"node --test --test-reporter=junit --test-reporter-destination=junit.xml"}, []string{"junit.xml"}
	default:
		k.Test, k.Wrapped = []string{"plumbline run -- npm test"}, true
	}
	return k
}

func pythonKit(p project) Kit {
	var install []string
	if f := p.first("requirements.txt", "requirements-dev.txt"); f != "" {
		install = append(install, "-r", f)
	}
	// A pyproject.toml may hold no more than the settings of tools.
	if text := p.text("pyproject.toml"); p.has("setup.py") || strings.Contains(text, "[project]") || strings.Contains(text, "[build-system]") {
		install = append(install, ".")
	}
	return Kit{
		Job: "python",
		Setup: []Step{
			{Uses: "actions/setup-python@v5", With: [][2]string{{"python-version", "3.x"}}},
			{Run: []string{"python -m pip install " + strings.Join(append(install, "pytest", "pytest-cov"), " ")}},
		},
		Test:    []string{"python -m pytest --junitxml=pytest.xml --cov --cov-report=xml:coverage.xml"},
		Results: []string{"pytest.xml", "coverage.xml"},
	}
}

var java = Step{Uses: "actions/setup-java@v4", With: [][2]string{{"distribution", "temurin"}, {"java-version", "'21'"}}}

func mavenKit(p project) Kit {
	program := "mvn"
	if p.has("mvnw") {
		program = "./mvnw"
	}
	return Kit{
		Job: "maven", Setup: []Step{java}, Test: []string{program + " --batch-mode verify"},
		Results: []string{"**/target/surefire-reports/TEST-*.xml"},
	}
}

func gradleKit(p project) Kit {
	program := "gradle"
	if p.has("gradlew") {
		program = "./gradlew"
	}
	return Kit{
		Job: "gradle", Setup: []Step{java}, Test: []string{program + " test"},
		Results: []string{"**/build/test-results/**/TEST-*.xml"},
	}
}

// Kinds are the files by which Detect knows a project.
func Kinds() []string {
	var all []string
	for _, kind := range kinds {
		all = append(all, kind.files[0])
	}
	return all
}
