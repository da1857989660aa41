package cli

import (
	"bytes"
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
)

const module = "github.com/plumbline-ci/plumbline"

// layer is a row of the table of packages.
type layer struct {
	pkg     string
	may     string // packages of this module that it may import
	outside string // modules that it may import
	// A pure package touches no file, network, process, environment or clock.
	// World names the files that are excepted.
	pure  bool
	world string
}

// layers is the architecture: data goes from record over baseline and compare
// to report, each stage imports only those before it, and only cli joins them.
var layers = []layer{
	{pkg: "collect", outside: "github.com/gofrs/flock", pure: true, world: "append.go default.go recorder.go flush.go timer.go overview.go status.go events.go profile.go family.go handler.go handlers.go"},
	{pkg: "collect/parse", may: "collect", outside: "golang.org/x/text golang.org/x/perf", pure: true},
	{
		pkg: "collect/probe", may: "collect",
		outside: "github.com/shirou/gopsutil/v3 github.com/creack/pty golang.org/x/sys golang.org/x/term",
	},
	{
		pkg: "collect/size", may: "collect",
		outside: "github.com/google/go-containerregistry github.com/andybalholm/brotli github.com/klauspost/compress",
	},
	{
		pkg: "collect/listen", may: "collect collect/parse",
		outside: "go.opentelemetry.io/proto/slim/otlp google.golang.org/protobuf github.com/prometheus/common github.com/prometheus/client_model",
	},
	{pkg: "collect/export", may: "collect", outside: "github.com/prometheus/common github.com/prometheus/client_model"},
	{pkg: "collect/export/pushgateway", may: "collect collect/export", outside: "github.com/prometheus/common github.com/prometheus/client_model"},
	{pkg: "collect/export/statsd", may: "collect collect/export", outside: "github.com/smira/go-statsd"},
	{pkg: "collect/export/amqp", may: "collect collect/export", outside: "github.com/rabbitmq/amqp091-go"},
	{pkg: "collect/export/otlp", may: "collect collect/export", outside: "go.opentelemetry.io/proto/slim/otlp google.golang.org/protobuf github.com/hashicorp/go-retryablehttp"},
	{pkg: "baseline", may: "collect", pure: true},
	{pkg: "baseline/store", may: "baseline collect baseline/store/blob baseline/store/git baseline/store/postgres baseline/store/sqlite"},
	{pkg: "baseline/store/git", may: "baseline collect"},
	{
		pkg: "baseline/store/blob", may: "baseline collect",
		outside: "github.com/minio/minio-go/v7 github.com/Azure/azure-sdk-for-go/sdk golang.org/x/oauth2 github.com/klauspost/compress",
	},
	{pkg: "baseline/store/tables", may: "baseline collect", outside: "github.com/klauspost/compress"},
	{pkg: "baseline/store/postgres", may: "baseline/store/tables", outside: "github.com/jackc/pgx/v5/pgconn github.com/jackc/puddle/v2"},
	{pkg: "baseline/store/sqlite", may: "baseline/store/tables", outside: "modernc.org/sqlite"},
	{pkg: "baseline/store/storetest", may: "baseline collect", outside: "github.com/google/go-cmp"},
	{pkg: "check", may: "baseline collect", outside: "github.com/montanaflynn/stats", pure: true},
	{pkg: "check/report/html", pure: true},
	{pkg: "check/report", may: "check check/report/html collect", outside: "github.com/mattn/go-runewidth github.com/fatih/color", pure: true},
	{pkg: "check/report/picture", may: "check/report check collect", outside: "github.com/mattn/go-runewidth golang.org/x/image", pure: true},
	{pkg: "internal/config", may: "check baseline collect", outside: "github.com/goccy/go-yaml", pure: true},
	{pkg: "internal/notice", may: "check/report check collect", outside: "github.com/hashicorp/go-retryablehttp github.com/emersion/go-smtp github.com/emersion/go-sasl github.com/gofrs/flock"},
	{
		pkg: "internal/github", may: "internal/github/rest internal/github/artifact baseline/store check/report check collect",
		outside: "github.com/sethvargo/go-githubactions github.com/bmatcuk/doublestar/v4",
	},
	{pkg: "internal/site", may: "baseline check check/report check/report/html check/report/picture collect"},
	{pkg: "internal/github/workflow", outside: "github.com/goccy/go-yaml github.com/bmatcuk/doublestar/v4"},
	{pkg: "internal/github/artifact", may: "internal/github/rest collect"},
	{pkg: "internal/github/rest", outside: "github.com/google/go-github/v60 github.com/hashicorp/go-retryablehttp"},
	{pkg: "internal/github/githubtest"},
	{pkg: "internal/dash", may: "internal/dash/ui baseline check check/report collect collect/export"},
	{pkg: "internal/watch/live", may: "collect collect/export"},
	{pkg: "internal/watch", may: "collect check/report", outside: "github.com/gdamore/tcell/v3 golang.org/x/sys"},
	{
		pkg:     "internal/cli",
		may:     "collect collect/listen collect/parse collect/probe collect/size collect/export collect/export/amqp collect/export/otlp collect/export/pushgateway collect/export/statsd baseline baseline/store check check/report check/report/picture internal/config internal/github internal/github/artifact internal/github/workflow internal/dash internal/watch internal/watch/live internal/notice internal/site",
		outside: "github.com/spf13/cobra github.com/spf13/pflag github.com/google/uuid github.com/bmatcuk/doublestar/v4 github.com/mattn/go-shellwords golang.org/x/term",
	},
	{pkg: "internal/method/tools", outside: "github.com/aclements/go-moremath", pure: true},
	{pkg: "internal/method", may: "collect baseline check internal/method/tools"},
	{pkg: "internal/servicetest"},
	{pkg: "internal/dash/ui", may: "check/report/html"},
	{pkg: "internal/browsertest", outside: "github.com/chromedp/chromedp github.com/chromedp/cdproto"},
	{pkg: ".", may: "internal/cli"},
}

// What a pure package does not import, and what it does not ask the clock.
var (
	impure     = []string{"os", "net", "syscall", "io/ioutil", "log", "plugin", "runtime/debug"}
	clockFuncs = []string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker"}
)

// The budgets that hold without exception.
const (
	maxFileLines     = 450
	maxFunctionLines = 70
	maxParameters    = 5
	longFunction     = 35 // that many lines at most nine times in ten
)

func TestLayers(t *testing.T) {
	t.Parallel()
	problems, seen := survey(os.DirFS("../.."))
	for _, p := range problems {
		t.Error(p)
	}
	if seen.files < 50 || seen.functions < 200 {
		t.Errorf("the survey saw %d files and %d functions; it looks in the wrong place", seen.files, seen.functions)
	}
	if seen.long*10 > seen.functions {
		t.Errorf("%d of %d functions have more than %d lines, want one in ten at most", seen.long, seen.functions, longFunction)
	}
}

// counts are what a survey saw outside of tests.
type counts struct{ files, functions, long int }

// survey holds all Go files of a tree against the table and the budgets. Files
// of every system are read, whatever this one is.
func survey(tree fs.FS) (problems []string, seen counts) {
	docs, packages := map[string]bool{}, map[string]bool{}
	err := fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata"):
			return fs.SkipDir
		case d.IsDir() || path.Ext(name) != ".go":
			return nil
		}
		dir := path.Dir(name)
		packages[dir] = true
		docs[dir] = docs[dir] || path.Base(name) == "doc.go"
		text, err := fs.ReadFile(tree, name)
		if err != nil {
			return err
		}
		found, err := surveyFile(name, text, &seen)
		problems = append(problems, found...)
		return err
	})
	if err != nil {
		problems = append(problems, err.Error())
	}
	for dir := range packages {
		if !docs[dir] && dir != "." {
			problems = append(problems, dir+" has no doc.go")
		}
	}
	slices.Sort(problems)
	return problems, seen
}

func surveyFile(name string, text []byte, seen *counts) ([]string, error) {
	var problems []string
	if n := strings.Count(string(text), "\n"); n > maxFileLines {
		problems = append(problems, fmt.Sprintf("%s has %d lines, want at most %d", name, n, maxFileLines))
	}
	if strings.HasSuffix(name, "_test.go") {
		return problems, nil // tests import what they need
	}
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, name, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	seen.files++
	s := sourceFile{name: name, set: set, file: file, seen: seen}
	problems = append(problems, s.imports()...)
	problems = append(problems, s.calls()...)
	for _, d := range file.Decls {
		problems = append(problems, s.declaration(d)...)
	}
	return problems, nil
}

// sourceFile is one parsed file.
type sourceFile struct {
	name string
	set  *token.FileSet
	file *ast.File
	seen *counts
}

func (s sourceFile) layer() (layer, bool) {
	dir := path.Dir(s.name)
	i := slices.IndexFunc(layers, func(l layer) bool { return l.pkg == dir })
	if i < 0 {
		return layer{}, false
	}
	return layers[i], true
}

func (s sourceFile) imports() (problems []string) {
	row, ok := s.layer()
	if !ok {
		return []string{fmt.Sprintf("%s: package %q has no row in the table", s.name, path.Dir(s.name))}
	}
	for _, i := range s.file.Imports {
		p, _ := strconv.Unquote(i.Path.Value)
		first, _, _ := strings.Cut(p, "/")
		switch in, ours := strings.CutPrefix(p, module+"/"); {
		case ours && !slices.Contains(strings.Fields(row.may), in):
			problems = append(problems, fmt.Sprintf("%s imports %s: the row %q allows %s", s.name, in, row.pkg, cmp.Or(row.may, "none of ours")))
		case ours:
		case strings.Contains(first, ".") && !row.allows(p):
			problems = append(problems, fmt.Sprintf("%s imports %s: the row %q allows %s from outside", s.name, p, row.pkg, cmp.Or(row.outside, "nothing")))
		case row.pureFile(s.name) && (slices.Contains(impure, p) || slices.Contains(impure, first)):
			problems = append(problems, fmt.Sprintf("%s imports %s: the row %q is pure", s.name, p, row.pkg))
		}
	}
	return problems
}

func (l layer) allows(p string) bool {
	return slices.ContainsFunc(strings.Fields(l.outside), func(m string) bool { return p == m || strings.HasPrefix(p, m+"/") })
}

func (l layer) pureFile(name string) bool {
	return l.pure && !slices.Contains(strings.Fields(l.world), path.Base(name))
}

// calls finds the clock in pure packages, and what ends the process outside of
// main.
func (s sourceFile) calls() (problems []string) {
	row, _ := s.layer()
	ast.Inspect(s.file, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		x, ok := sel.X.(*ast.Ident)
		if !ok {
			return true
		}
		at := s.set.Position(sel.Pos())
		switch p := s.importOf(x.Name); {
		case p == "time" && row.pureFile(s.name) && slices.Contains(clockFuncs, sel.Sel.Name):
			problems = append(problems, fmt.Sprintf("%s:%d uses time.%s: the row %q is pure, the clock is an argument", s.name, at.Line, sel.Sel.Name, row.pkg))
		case p == "os" && sel.Sel.Name == "Exit" && s.file.Name.Name != "main",
			p == "log" && strings.HasPrefix(sel.Sel.Name, "Fatal"):
			problems = append(problems, fmt.Sprintf("%s:%d uses %s.%s: only main ends the process", s.name, at.Line, p, sel.Sel.Name))
		}
		return true
	})
	return problems
}

// importOf is the package that a name in front of a dot stands for.
func (s sourceFile) importOf(name string) string {
	for _, i := range s.file.Imports {
		p, _ := strconv.Unquote(i.Path.Value)
		if i.Name != nil && i.Name.Name == name || i.Name == nil && path.Base(p) == name {
			return p
		}
	}
	return ""
}

func (s sourceFile) declaration(d ast.Decl) []string {
	switch d := d.(type) {
	case *ast.FuncDecl:
		return s.function(d)
	case *ast.GenDecl:
		return s.names(d)
	}
	return nil
}

func (s sourceFile) function(d *ast.FuncDecl) (problems []string) {
	lines := s.set.Position(d.End()).Line - s.set.Position(d.Pos()).Line + 1
	s.seen.functions++
	if lines > longFunction {
		s.seen.long++
	}
	where := fmt.Sprintf("%s: function %s", s.name, d.Name.Name)
	if lines > maxFunctionLines {
		problems = append(problems, fmt.Sprintf("%s has %d lines, want at most %d", where, lines, maxFunctionLines))
	}
	if n := d.Type.Params.NumFields(); n > maxParameters {
		problems = append(problems, fmt.Sprintf("%s has %d parameters, want at most %d", where, n, maxParameters))
	}
	if d.Recv == nil && d.Name.Name == "init" {
		problems = append(problems, where+" has no place to be read; want a row in a list")
	}
	if d.Name.IsExported() && exportedReceiver(d) && !wellKnown(d) && !strings.HasPrefix(d.Doc.Text(), d.Name.Name+" ") {
		problems = append(problems, where+" has no comment that opens with its name")
	}
	return problems
}

// wellKnown methods mean the same on every type.
func wellKnown(d *ast.FuncDecl) bool {
	return d.Recv != nil && slices.Contains([]string{"Error", "Unwrap", "String"}, d.Name.Name)
}

func exportedReceiver(d *ast.FuncDecl) bool {
	if d.Recv == nil || len(d.Recv.List) == 0 {
		return true
	}
	t := d.Recv.List[0].Type
	if p, ok := t.(*ast.StarExpr); ok {
		t = p.X
	}
	if g, ok := t.(*ast.IndexExpr); ok {
		t = g.X
	}
	id, ok := t.(*ast.Ident)
	return ok && id.IsExported()
}

// names finds exported types, constants and variables without a comment. One
// comment does for a group of values.
func (s sourceFile) names(d *ast.GenDecl) (problems []string) {
	for _, spec := range d.Specs {
		var names []*ast.Ident
		var doc string
		switch spec := spec.(type) {
		case *ast.TypeSpec:
			names, doc = []*ast.Ident{spec.Name}, spec.Doc.Text()
		case *ast.ValueSpec:
			names, doc = spec.Names, spec.Doc.Text()+spec.Comment.Text()
		}
		for _, n := range names {
			if n.IsExported() && doc+d.Doc.Text() == "" {
				problems = append(problems, fmt.Sprintf("%s: %s has no comment", s.name, n.Name))
			}
		}
	}
	return problems
}

// The survey finds what it is there to find.
func TestLayersCanFail(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ file, text, want string }{
		{"collect/parse/x.go", `import "` + module + `/internal/cli"`, `collect/parse/x.go imports internal/cli: the row "collect/parse" allows collect`},
		{"collect/x.go", `import "` + module + `/check"`, `collect/x.go imports check: the row "collect" allows none of ours`},
		{"check/x.go", `import "github.com/spf13/cobra"`, `check/x.go imports github.com/spf13/cobra: the row "check" allows github.com/montanaflynn/stats from outside`},
		{"check/x_windows.go", `import "os/exec"`, `check/x_windows.go imports os/exec: the row "check" is pure`},
		{"internal/config/x.go", `import "net/http"`, `internal/config/x.go imports net/http: the row "internal/config" is pure`},
		{"baseline/x.go", "import clock \"time\"\nvar t = clock.Now()", `baseline/x.go:3 uses time.Now: the row "baseline" is pure, the clock is an argument`},
		{"internal/cli/x.go", `import "github.com/google/go-github/v60/github"`, "imports github.com/google/go-github/v60/github"},
		{"internal/util/x.go", "", `package "internal/util" has no row in the table`},
		{"internal/cli/x.go", "import \"os\"\nfunc f() { os.Exit(1) }", "internal/cli/x.go:3 uses os.Exit: only main ends the process"},
		{"check/x.go", "func F() {}", "function F has no comment that opens with its name"},
		{"check/x.go", "// G does.\nfunc F() {}", "function F has no comment that opens with its name"},
		{"check/x.go", "type T int", "check/x.go: T has no comment"},
		{"check/x.go", "var V int", "check/x.go: V has no comment"},
		{"check/x.go", "func f(a, b, c, d, e, g int) {}", "function f has 6 parameters, want at most 5"},
		{"check/x.go", "func init() {}", "function init has no place to be read"},
		{"check/x.go", "func f() {" + strings.Repeat("\n", 80) + "}", "function f has 81 lines, want at most 70"},
		{"check/x_test.go", strings.Repeat("\n", 500), "check/x_test.go has 501 lines, want at most 450"},
		{"check/x.go", "", "check has no doc.go"},
	} {
		problems, _ := survey(fstest.MapFS{row.file: {Data: []byte("package x\n" + row.text)}})
		if !strings.Contains(strings.Join(problems, "\n"), row.want) {
			t.Errorf("%s with %.40q: survey = %q, want %q", row.file, row.text, problems, row.want)
		}
	}
	sound := fstest.MapFS{
		"check/doc.go":      {Data: []byte("// Package check is here.\npackage check\n")},
		"check/a.go":        {Data: []byte("package check\n\nimport (\n\t\"time\"\n\t\"" + module + "/baseline\"\n)\n\n// T is one.\ntype T time.Time\n")},
		"check/testdata.go": {Data: []byte("package check\n")},
		".ci/a.go":          {Data: []byte("package main\nimport \"os\"\nfunc F() { os.Exit(1) }\n")},
		"check/a_test.go":   {Data: []byte("package check_test\nimport _ \"os\"\n")},
	}
	if problems, _ := survey(sound); len(problems) > 0 {
		t.Errorf("survey of a sound tree = %q, want nothing", problems)
	}
}

// Code that calls methods by names that are only known when it runs, as templates
// do, makes the linker keep every method of every type: the binary would grow by
// half. So none is reached, though libraries import the packages. The linker says
// where it is.
func TestBinaryWithoutTemplates(t *testing.T) {
	t.Parallel()
	binary := filepath.Join(t.TempDir(), "plumbline.exe")
	out, err := exec.Command("go", "build", "-ldflags=-dumpdep", "-o", binary, "../..").CombinedOutput()
	if err != nil || !bytes.Contains(out, []byte("main.main -> ")) {
		t.Fatalf("go build: %v, want what the linker keeps:\n%.2000s", err, out)
	}
	told := 0
	for line := range bytes.Lines(out) {
		if from, _, ok := bytes.Cut(line, []byte(" <ReflectMethod>")); ok && told < 5 {
			t.Errorf("%s calls methods by name; some code that the program reaches runs a template", from)
			told++
		}
	}
}
