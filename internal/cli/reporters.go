package cli

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/plumbline-ci/plumbline/collect"
	"github.com/plumbline-ci/plumbline/collect/parse"
	"github.com/plumbline-ci/plumbline/collect/probe"
)

// reporters are the reports that test tools under a command are asked for through
// their own variables. The nil reporters ask for none.
type reporters struct {
	inbox    *probe.Inbox
	env      []string // NAME=value
	line     *lineFilter
	prefix   string // of the tests' metrics
	coverage *ownCoverage
}

// The files that tools are told to write, or what their names begin with. What has
// another name GoogleTest wrote, after its program.
const (
	pytestReport = "pytest.xml"
	nodeReport   = "node-"
)

// askReporters prepares to ask the tools that the command may run. What the user
// has said to a tool stands: that tool is not asked.
func (a *app) askReporters(ctx context.Context, o *runOptions, args []string) (*reporters, error) {
	if o.noReporters {
		return nil, nil
	}
	inbox, err := probe.NewInbox()
	if err != nil {
		return nil, err
	}
	r := &reporters{inbox: inbox, prefix: o.prefix}
	said := surveyProject(o.dir, strings.Join(args, " "))
	add := func(name, value string) { r.env = append(r.env, name+"="+value) }
	if have := os.Getenv("PYTEST_ADDOPTS"); !said.junit && !strings.Contains(have, "junit") && !(o.noParse && !o.quiet) {
		// pytest says where its file is. That line is ours and is not shown.
		file := filepath.Join(inbox.Dir(), pytestReport)
		r.line = newLineFilter(" generated xml file: " + file)
		add("PYTEST_ADDOPTS", strings.TrimSpace(have+" --junit-xml="+shellQuote(file)))
	}
	if os.Getenv("GTEST_OUTPUT") == "" && !said.gtest {
		add("GTEST_OUTPUT", "xml:"+inbox.Dir()+string(filepath.Separator))
	}
	if have := os.Getenv("NODE_OPTIONS"); said.node && !said.nodeReporter && !strings.Contains(have, "--test-reporter") {
		if value, err := r.nodeOptions(ctx, o.dir, have); err == nil {
			add("NODE_OPTIONS", value)
		} else if a.settings.log.debug {
			a.say("node is not asked for a report: %v", err)
		}
	}
	if len(o.srcs) == 0 {
		r.coverage = findCoverage(o.dir)
	}
	return r, nil
}

//go:embed reporters.mjs
var nodeReporter []byte

// oldestNode is the first major version whose runner takes reporters from its
// variable and can write JUnit XML.
const oldestNode = 20

// nodeOptions makes the reporter and asks the node of the PATH whether it takes it:
// one that does not would not start at all.
func (r *reporters) nodeOptions(ctx context.Context, dir, have string) (string, error) {
	file := filepath.Join(filepath.Dir(r.inbox.Dir()), "reporter.mjs")
	if err := os.WriteFile(file, nodeReporter, 0o600); err != nil {
		return "", err
	}
	path := filepath.ToSlash(file)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // a drive
	}
	address := url.URL{Scheme: "file", Path: path}
	value := strings.TrimSpace(have + " --test-reporter=" + address.String() + " --test-reporter-destination=stdout")
	cmd := exec.CommandContext(ctx, "node", "--version")
	cmd.Dir, cmd.Env = dir, append(environIn(dir), "NODE_OPTIONS="+value)
	out, err := cmd.Output()
	if err != nil {
		return "", err
	}
	text, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimSpace(string(out)), "v"), ".")
	if major, err := strconv.Atoi(text); err != nil || major < oldestNode {
		return "", fmt.Errorf("its version is %q; want v%d or newer", strings.TrimSpace(string(out)), oldestNode)
	}
	return value, nil
}

// shellQuote quotes a path as a shell does, where it must.
func shellQuote(path string) string {
	if !strings.ContainsAny(path, " \t\n'\"\\$`*?[]#~=%&|;<>(){}!") {
		return path
	}
	return "'" + strings.ReplaceAll(path, "'", `'"'"'`) + "'"
}

// join completes the command with what the tools are asked by.
func (r *reporters) join(c *probe.Command) {
	if r == nil {
		return
	}
	c.Env = append(c.Env, r.env...)
	if r.line != nil {
		c.Filter = r.line.next
	}
}

func (r *reporters) remove() error {
	if r == nil {
		return nil
	}
	return r.inbox.Remove()
}

// toolNames are the tools that were asked, by their key.
var toolNames = map[string]string{"pytest": "pytest", "node": "node", "gtest": "GoogleTest"}

// reports reads what the tools wrote onto one sheet a tool. A report that cannot be
// trusted whole is no figure: its tool is left out, loudly.
func (r *reporters) reports(a *app) map[string]*parse.Sheet {
	files, lost := r.inbox.Files()
	sheets := map[string]*parse.Sheet{}
	broken := map[string]error{}
	for _, f := range files {
		tool := toolOf(r.inbox.Name(f))
		if tool == "gtest" && !ranTests(f) {
			continue
		}
		if sheets[tool] == nil {
			sheets[tool] = parse.NewSheet(r.prefix)
		}
		if err := readReport(f, r.inbox.Name(f), sheets[tool]); err != nil {
			broken[tool] = errors.Join(broken[tool], err)
		}
	}
	if lost > 0 {
		a.say("%d reports of tests were written at the same moment as others of the same name, and are gone: no report is counted; "+
			"let each program write its own and name them with --results", lost)
		return nil
	}
	for tool, err := range broken {
		a.say("the report of %s that run asked for is left out: %v", toolNames[tool], err)
		delete(sheets, tool)
	}
	return sheets
}

func toolOf(name string) string {
	switch {
	case name == pytestReport:
		return "pytest"
	case strings.HasPrefix(name, nodeReport) && isPID(name[len(nodeReport):]):
		return "node"
	}
	return "gtest"
}

func isPID(s string) bool {
	_, err := strconv.Atoi(strings.TrimSuffix(s, ".xml"))
	return err == nil
}

// collect adds to the sheet, which has what the user's own files say, what the
// command printed and what the tools reported. Where the user's files count tests
// under the same name, those count and the report is left out. So is TAP on the
// output where a report came, for it tells of the same tests.
func (r *reporters) collect(a *app, sheet, live *parse.Sheet, format string) {
	if r == nil {
		sheet.Merge(live)
		return
	}
	named, reports := sheet.Metrics(), r.reports(a)
	if format != "tap" || len(reports) == 0 {
		sheet.Merge(live)
	}
	for tool, s := range reports {
		if !sharesTests(named, s.Metrics()) {
			sheet.Merge(s)
		} else if a.settings.log.debug {
			a.say("the report of %s that run asked for is left out: the files that were named have tests", toolNames[tool])
		}
	}
	r.coverage.read(a, sheet)
}

// sharesTests reports whether both count tests under one name.
func sharesTests(a, b []collect.Metric) bool {
	for _, m := range b {
		if !strings.HasSuffix(m.Name, ".item_count") {
			continue
		}
		if slices.ContainsFunc(a, func(other collect.Metric) bool { return other.Name == m.Name }) {
			return true
		}
	}
	return false
}
