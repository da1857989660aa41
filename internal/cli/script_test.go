package cli

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"plumbline": func() { os.Exit(Main(context.Background(), OSEnv())) },
		"child":     child,
	})
}

// TestScripts runs what a user would type: one script a file, each in an empty
// folder, with the program as a process of its own.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup:               isolate,
		Condition:           condition,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"status":   cmdStatus,
			"history":  cmdHistory,
			"lines":    cmdLines,
			"change":   cmdChange,
			"archive":  cmdArchive,
			"same":     cmdSame,
			"bucket":   cmdBucket,
			"postgres": cmdPostgres,
			"mkspool":  cmdSpool,
		},
	})
}

// isolate keeps what the tests' own machine says out of the scripts: they must
// give the same at a desk and in any CI.
func isolate(e *testscript.Env) error {
	for _, v := range os.Environ() {
		name, _, _ := strings.Cut(v, "=")
		for _, p := range []string{"GITHUB_", "RUNNER_", "INPUT_", "PLUMBLINE_", "Image"} {
			if strings.HasPrefix(name, p) {
				e.Setenv(name, "")
			}
		}
	}
	for _, name := range []string{"GOCACHE", "GOPATH", "GOMODCACHE", "GOROOT"} {
		if v := os.Getenv(name); v != "" {
			e.Setenv(name, v)
		}
	}
	if home, err := os.UserHomeDir(); err == nil && os.Getenv("GOCACHE") == "" {
		if cache, err := os.UserCacheDir(); err == nil {
			e.Setenv("GOCACHE", filepath.Join(cache, "go-build"))
		}
		e.Setenv("GOPATH", filepath.Join(home, "go"))
	}
	e.Values[bucketsKey{}] = &buckets{}
	if t, ok := e.T().(testing.TB); ok {
		e.Values[postgresKey{}] = &postgresServer{TB: t}
	}
	e.Setenv("TMPDIR", e.Getenv("WORK")+"/.tmp")
	root, err := filepath.Abs(filepath.Join("..", ".."))
	e.Setenv("ROOT", root)
	return err
}

func condition(cond string) (bool, error) {
	switch cond {
	case "root":
		return os.Geteuid() == 0, nil
	case "nodetests": // node's test runner writes JUnit XML
		out, err := exec.Command("node", "--version").Output()
		major, _, _ := strings.Cut(strings.TrimPrefix(string(out), "v"), ".")
		n, _ := strconv.Atoi(major)
		return err == nil && n >= oldestNode, nil
	case "gtest": // there are a compiler and GoogleTest's header
		out, err := exec.Command("g++", "-E", "-include", "gtest/gtest.h", "-x", "c++", os.DevNull).Output()
		return err == nil && len(out) > 0, nil
	}
	return false, fmt.Errorf("unknown condition %q", cond)
}

// cmdStatus runs a command and wants exactly this exit status:
//
//	status 2 plumbline check --threshold x
func cmdStatus(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status N command...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var code interface{ ExitCode() int }
		if !asExit(err, &code) {
			ts.Fatalf("%v", err)
		}
		got = code.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}

func asExit(err error, code *interface{ ExitCode() int }) bool {
	c, ok := err.(interface{ ExitCode() int })
	*code = c
	return ok
}

// cmdHistory writes runs an hour apart, whose metrics wobble by a per cent
// around what is said:
//
//	history FILE FIRST COUNT name=value[unit]...
//
// Runs are numbered from FIRST, so that several calls make one history.
func cmdHistory(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 4 {
		ts.Fatalf("usage: history FILE FIRST COUNT name=value[unit]...")
	}
	first, err := strconv.Atoi(args[1])
	ts.Check(err)
	n, err := strconv.Atoi(args[2])
	ts.Check(err)
	ms, err := parseMetrics(args[3:], nil)
	ts.Check(err)
	var b strings.Builder
	for i := first; i < first+n; i++ {
		at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC).Add(time.Duration(i) * time.Hour)
		fmt.Fprintf(&b, `{"run_id":"run-%03d","type":"build","timestamp":%q,"git_commit":"%040x","branch":"main","metrics":{`, i, at.Format(time.RFC3339), i)
		for k, m := range ms {
			wobble := 1 + 0.002*float64((i*7+k*3)%11-5)
			if m.Unit == "" {
				wobble = 1 // a count
			}
			fmt.Fprintf(&b, `%s%q:%g`, sep(k), m.Name, m.Value*wobble)
		}
		b.WriteString(`},"units":{`)
		for k, m := range ms {
			fmt.Fprintf(&b, `%s%q:%q`, sep(k), m.Name, m.Unit)
		}
		b.WriteString("},\"success\":true}\n")
	}
	f, err := os.OpenFile(ts.MkAbs(args[0]), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	ts.Check(err)
	_, err = f.WriteString(b.String())
	ts.Check(err)
	ts.Check(f.Close())
}

func sep(i int) string {
	if i > 0 {
		return ","
	}
	return ""
}

// cmdLines wants a file (or the files of a glob together) to have N lines:
//
//	lines 3 .plumbline/*.jsonl
func cmdLines(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: lines N GLOB")
	}
	files, err := filepath.Glob(ts.MkAbs(args[1]))
	ts.Check(err)
	got := 0
	for _, f := range files {
		got += strings.Count(ts.ReadFile(f), "\n")
	}
	if fmt.Sprint(got) != args[0] {
		ts.Fatalf("%s has %d lines, want %s", args[1], got, args[0])
	}
}

// cmdChange changes a file as no portable program does:
//
//	change FILE age            its time becomes that of a day in 2020
//	change FILE gzip TO        writes it compressed
//	change FILE head N TO      writes its first N bytes
//	change FILE text OLD NEW   replaces text in it
func cmdChange(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: change FILE age|gzip|head|text ...")
	}
	file, text := ts.MkAbs(args[0]), ts.ReadFile(args[0])
	switch what := args[1]; {
	case what == "age":
		day := time.Date(2020, 1, 1, 12, 0, 0, 0, time.UTC)
		ts.Check(os.Chtimes(file, day, day))
	case what == "gzip" && len(args) == 3:
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, err := z.Write([]byte(text))
		ts.Check(err)
		ts.Check(z.Close())
		ts.Check(os.WriteFile(ts.MkAbs(args[2]), b.Bytes(), 0o644))
	case what == "head" && len(args) == 4:
		n, err := strconv.Atoi(args[2])
		ts.Check(err)
		ts.Check(os.WriteFile(ts.MkAbs(args[3]), []byte(text[:n]), 0o644))
	case what == "text" && len(args) == 4:
		ts.Check(os.WriteFile(file, []byte(strings.ReplaceAll(text, args[2], args[3])), 0o644))
	default:
		ts.Fatalf("change: unknown %q", args[1:])
	}
}

// durations are what differs between two runs of a test program: times, and what
// stands around them to fill a line.
var durations = regexp.MustCompile(`=*\s*\(?[0-9]+(\.[0-9]+)?(e-[0-9]+)? ?(ms|s)\b\)?\s*=*|duration_ms:? [0-9.e-]+`)

// cmdSame wants two outputs of test programs to be the same but for times:
//
//	same FILE FILE
func cmdSame(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: same FILE FILE")
	}
	a, b := durations.ReplaceAllString(ts.ReadFile(args[0]), "T"), durations.ReplaceAllString(ts.ReadFile(args[1]), "T")
	if a == "" || a != b {
		ts.Fatalf("%s is\n%s\nand %s is\n%s\nwant the same, and not nothing", args[0], a, args[1], b)
	}
}

// cmdSpool puts a file among the runs that wait for a store, as old.jsonl:
//
//	mkspool FILE
func cmdSpool(ts *testscript.TestScript, neg bool, args []string) {
	dirs, err := filepath.Glob(ts.MkAbs(filepath.Join(DefaultPath, "spool", "*")))
	if neg || len(args) != 1 || err != nil || len(dirs) != 1 {
		ts.Fatalf("usage: mkspool FILE, where one store has a spool; there are %q, %v", dirs, err)
	}
	ts.Check(os.WriteFile(filepath.Join(dirs[0], "old.jsonl"), []byte(ts.ReadFile(args[0])), 0o644))
}

// cmdArchive writes a .zip of files, each named without its folder:
//
//	archive TO FILE...
func cmdArchive(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: archive TO FILE...")
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range args[1:] {
		w, err := z.Create(filepath.Base(name))
		ts.Check(err)
		_, err = w.Write([]byte(ts.ReadFile(name)))
		ts.Check(err)
	}
	ts.Check(z.Close())
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), b.Bytes(), 0o644))
}

// child is the command that scripts run under plumbline: it does what its
// arguments say, in any order.
func child() {
	status := 0
	for _, arg := range os.Args[1:] {
		what, v, _ := strings.Cut(arg, "=")
		switch what {
		case "out":
			fmt.Println(v)
		case "err":
			fmt.Fprintln(os.Stderr, v)
		case "cat":
			b, err := os.ReadFile(v)
			if err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(99)
			}
			os.Stdout.Write(b)
		case "copy": // copy=FROM:TO
			from, to, _ := strings.Cut(v, ":")
			b, err := os.ReadFile(from)
			if err == nil {
				err = os.WriteFile(to, b, 0o644)
			}
			if err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(99)
			}
		case "turn": // turn=STATE:FIRST:NEXT...: of each call another file, the last again and again
			files := strings.Split(v, ":")
			calls, _ := os.ReadFile(files[0])
			b, err := os.ReadFile(files[min(len(calls)/2+1, len(files)-1)])
			if err == nil {
				_, err = os.Stdout.Write(b)
			}
			if err == nil {
				err = os.WriteFile(files[0], append(calls, "x\n"...), 0o644)
			}
			if err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(99)
			}
		case "exit":
			status, _ = strconv.Atoi(v)
		default:
			fmt.Fprintf(os.Stderr, "child: unknown %q\n", arg)
			os.Exit(99)
		}
	}
	os.Exit(status)
}
