package parse

import (
	"fmt"
	"strings"

	"github.com/plumbline-ci/plumbline/collect"
)

// gobenchdataHistory reads the history that gobenchdata keeps, benchmarks.json. Of
// its newest run the format gobenchdata makes the same metrics.
var gobenchdataHistory = History{
	Name:  "gobenchdata",
	From:  "gobenchdata: benchmarks.json, with --append",
	Match: gobenchdata.Match,
	read: func(in *pastReader) error {
		b, err := peek(in.r)
		if err != nil {
			return err
		}
		j := newJSONReader(b)
		one := func() error { return gobenchdataPast(in, j) }
		if b.first == '{' {
			return j.done(one())
		}
		return j.done(j.array(one))
	},
}

// gobenchdataPast reads one run: its version is the commit, and a tag may have its
// ref. Date is in seconds.
func gobenchdataPast(in *pastReader, j *jsonReader) error {
	var e struct {
		Version string
		Date    float64
		Tags    []string
		Suites  []gobenchdataSuiteOf
	}
	ok, raw, err := in.entry(j, &e)
	if err != nil || !ok {
		return err
	}
	wrong := func(format string, args ...any) error {
		return in.fault(j.inside(raw, fmt.Errorf("run of version %.40q "+format, append([]any{e.Version}, args...)...)))
	}
	at, ok := sinceEpoch(e.Date)
	if !ok {
		return wrong(`has no "Date": want seconds since 1970`)
	}
	run := collect.Run{Origin: collect.Origin{Time: at, Commit: e.Version}}
	for _, tag := range e.Tags {
		if ref, ok := strings.CutPrefix(tag, "ref="); ok {
			setRef(&run.Origin, ref)
		}
	}
	var set benchSet
	for _, suite := range e.Suites {
		_, bad := suite.add(&set)
		for _, err := range bad {
			if err := wrong("%w", err); err != nil {
				return err
			}
		}
	}
	s := NewSheet("")
	set.flush(s)
	if run.Metrics = s.Metrics(); len(run.Metrics) == 0 {
		return wrong("has no benchmark")
	}
	return in.put(run)
}

// setRef reads a branch out of a ref of git. What a pull request measured is said
// to be of one, and is no baseline; a tag is no branch.
func setRef(o *collect.Origin, ref string) {
	if branch, ok := strings.CutPrefix(ref, "refs/heads/"); ok {
		o.Branch = branch
	} else if pull, ok := strings.CutPrefix(ref, "refs/pull/"); ok {
		number, _, _ := strings.Cut(pull, "/")
		o.Branch, o.Event = "pull/"+number, "pull_request"
	} else if !strings.HasPrefix(ref, "refs/") {
		o.Branch = ref
	}
}
