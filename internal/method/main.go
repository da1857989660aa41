package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

// The exit statuses, as the program has them.
const (
	exitUsage = 2
	exitWork  = 3
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// options are the flags.
type options struct {
	corpus, detectors, format string
	cases                     int
	seed                      uint64
	quoted                    bool
}

func run(args []string, stdout, stderr io.Writer) int {
	var o options
	f := o.flags(stderr)
	if err := f.Parse(args); err != nil {
		return exitUsage
	}
	say := func(format string, args ...any) { fmt.Fprintf(stderr, "method: "+format+"\n", args...) }
	rows, err := table(o, f.Args(), say)
	switch bad := (*usageError)(nil); {
	case errors.As(err, &bad):
		say("%v", err)
		return exitUsage
	case err != nil:
		say("%v", err)
		return exitWork
	}
	if err := formats[o.format](stdout, rows); err != nil {
		say("print the table: %v", err)
		return exitWork
	}
	return 0
}

func (o *options) flags(stderr io.Writer) *flag.FlagSet {
	f := flag.NewFlagSet("method", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.StringVar(&o.corpus, "corpus", filepath.Join("..", "shared", "corpus"), "`folder` with INDEX.tsv and *.jsonl.gz")
	f.IntVar(&o.cases, "cases", 300, "cases of each kind, spread evenly over the repositories")
	f.Uint64Var(&o.seed, "seed", 7, "of the random numbers: the same seed makes the same cases")
	f.StringVar(&o.detectors, "detectors", "", "only those whose name has one of these `parts`, separated by |")
	f.StringVar(&o.format, "format", "text", "text, markdown or json")
	f.BoolVar(&o.quoted, "quoted", false, "show the figures of the method's prototype too, which are not measured here")
	return f
}

// usageError is what is wrong with the flags.
type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }

func table(o options, args []string, say func(string, ...any)) ([]row, error) {
	chosen := selected(detectors(), o.detectors)
	switch {
	case len(args) > 0:
		return nil, &usageError{fmt.Sprintf("%q: want flags alone", args[0])}
	case formats[o.format] == nil:
		return nil, &usageError{fmt.Sprintf("--format %q: want text, markdown or json", o.format)}
	case o.cases < 1:
		return nil, &usageError{fmt.Sprintf("--cases %d: want 1 or more", o.cases)}
	case len(chosen) == 0:
		return nil, &usageError{fmt.Sprintf("--detectors %q: no name has that; want parts of: %s", o.detectors, names(detectors()))}
	}
	suites, err := readCorpus(o.corpus)
	if err != nil {
		return nil, err
	}
	all := tasks(suites, o.cases, o.seed)
	say("%d histories, %d cases of each kind, %d detectors, seed %d", len(suites), o.cases, len(chosen), o.seed)
	found := measure(all, chosen, runtime.GOMAXPROCS(0), progress(say))
	var rows []row
	for i, d := range chosen {
		rows = append(rows, measuredRow(d.name, found[i]))
	}
	say("lasting shifts, as the runs of a branch come in")
	rows = addViews(rows, suites, o)
	if o.quoted {
		rows = append(rows, quoted()...)
	}
	return rows, nil
}

// addViews measures the views, each in the row of its name.
func addViews(rows []row, suites []*suite, o options) []row {
	all := slices.DeleteFunc(views(), func(v view) bool {
		return !slices.ContainsFunc(strings.Split(o.detectors, "|"), func(part string) bool { return strings.Contains(v.name, part) })
	})
	for i, repos := range watched(suites, all, o.seed, runtime.GOMAXPROCS(0)) {
		r := measuredRow(all[i].name, repos)
		at := slices.IndexFunc(rows, func(have row) bool { return have.name == r.name })
		if at < 0 {
			r.watch = true
			rows = append(rows, r)
			continue
		}
		maps.Copy(rows[at].rates, r.rates)
	}
	return rows
}

// progress tells of each tenth of the work.
func progress(say func(string, ...any)) func(share float64) {
	began, told := time.Now(), 0
	return func(share float64) {
		if tenth := int(10*share + 1e-9); tenth > told {
			told = tenth
			say("%3d %% after %v", 10*tenth, time.Since(began).Round(time.Second))
		}
	}
}

func detectors() []detector { return append(others(), ours()...) }

// selected are the detectors whose name has one of the parts; all without any.
func selected(all []detector, parts string) []detector {
	var out []detector
	for _, d := range all {
		for _, part := range strings.Split(parts, "|") {
			if strings.Contains(d.name, part) {
				out = append(out, d)
				break
			}
		}
	}
	return out
}

func names(all []detector) string {
	var out []string
	for _, d := range all {
		out = append(out, d.name)
	}
	return strings.Join(out, " | ")
}
