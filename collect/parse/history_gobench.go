package parse

import (
	"cmp"
	"encoding/json"
	"errors"
	"time"

	"github.com/plumbline-ci/plumbline/collect"
)

// gobenchHistory reads text of go test -bench in which lines "key: value" of the
// benchmark format say whose results follow, as benchstat and benchseries do: each
// commit, time and configuration is a run. Without such lines a file is one run.
var gobenchHistory = History{
	Name:    "gobench",
	Aliases: []string{"benchstat", "benchfmt"},
	From:    "go test -bench, with lines such as commit: SHA and date: TIME before each run",
	Match:   gobench.Match,
	read:    readGobenchHistory,
}

// The keys that begin another run, by what they say of it.
var gobenchKeys = map[string]string{
	"commit": "commit", "git-commit": "commit", "experiment-commit": "commit", "sha": "commit", "revision": "commit",
	"date": "time", "time": "time", "timestamp": "time", "run-time": "time",
	"commit-time": "commit time", "commit-date": "commit time", "experiment-commit-time": "commit time",
	"upload-time": "upload time",
	"branch":      "branch", "repository": "repository", "repo": "repository",
	"label": "label", "toolchain": "toolchain",
	"goos": "goos", "goarch": "goarch", "cpu": "cpu",
}

// gobenchPast follows a text. Said is what its lines say by now.
type gobenchPast struct {
	in    *pastReader
	said  map[string]string
	moved bool // a line has said something else
	text  benchText
	run   *pastRun
	all   pastRuns
}

func readGobenchHistory(in *pastReader) error {
	p := gobenchPast{in: in, said: map[string]string{}, moved: true}
	p.text.pkg = in.options.Package // until a line names one
	lines := newLineReader(in.r)
	var torn error
	for {
		line, ok := lines.next()
		if !ok {
			break
		}
		if p.says(line) {
			continue
		}
		if err := p.turn(); err != nil {
			return err
		}
		switch {
		case lines.torn && p.text.torn(line):
			torn = &Error{Line: lines.number, Column: len(line) + 1, Err: ErrTorn}
		case !lines.long:
			p.text.line(line)
		default:
			p.text.longLine(line, lines)
		}
	}
	p.leave()
	before := in.runs
	if err := p.all.put(in); err != nil {
		return err
	}
	if in.runs == before && torn == nil && lines.failure() == nil {
		return errors.New(`no benchmark result in it: want the output of "go test -bench"`)
	}
	return cmp.Or(lines.failure(), torn)
}

// says reads a line that tells whose results follow.
func (p *gobenchPast) says(line []byte) bool {
	key, value, ok := configLine(line)
	what := gobenchKeys[string(key)]
	if !ok || what == "" || p.text.pending != nil {
		return false
	}
	if p.said[what] != string(value) {
		p.said[what], p.moved = string(value), true
	}
	return what != "goos" && what != "goarch" // which tell benchText that benchmarks come
}

// turn goes to the run that the lines speak of.
func (p *gobenchPast) turn() error {
	if !p.moved {
		return nil
	}
	p.moved = false
	p.leave()
	key, err := json.Marshal(p.said) // whose keys are sorted
	if err != nil {
		return err
	}
	run, made := p.all.of(string(key))
	if p.run, p.text.all = run, &run.set; !made {
		return nil
	}
	run.Origin = collect.Origin{Commit: p.said["commit"], Branch: p.said["branch"], Name: cmp.Or(p.said["label"], p.said["toolchain"])}
	run.Repository = p.said["repository"]
	if name := repositoryOf(run.Repository); name != "" {
		run.Repository = name
	}
	said := cmp.Or(p.said["time"], p.said["commit time"], p.said["upload time"])
	if at, ok := pastTime(said); ok {
		run.Time = at
	} else if said != "" {
		return p.in.fault(errorfTime(said))
	}
	machine := map[string]string{}
	for _, key := range []string{"goos", "goarch", "cpu"} {
		if p.said[key] != "" {
			machine[key] = p.said[key]
		}
	}
	if text, err := json.Marshal(machine); err == nil && len(machine) > 0 {
		run.Extra = map[string]json.RawMessage{"machine": text}
	}
	return nil
}

// leave ends what is known of the run so far.
func (p *gobenchPast) leave() {
	if p.run != nil && (p.text.failed || p.text.panicked) {
		p.run.sheet.SuiteFailed()
	}
	p.text.failed, p.text.panicked, p.text.pending = false, false, nil
}

func errorfTime(said string) error {
	return errors.New("time " + said + ": want one such as " + time.RFC3339)
}
