package parse

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/plumbline-ci/plumbline/collect"
)

// The histories that have a file for each run. Metrics are those of the format.
var (
	octocovHistory = oneRun("octocov", []string{"octocov-report"}, octocovReport, octocovOrigin)
	asvHistory     = oneRun("asv", []string{"asv-json"}, asvJSON, asvOrigin)
	bmfHistory     = oneRun("bmf", []string{"bencher"}, bmf, nil)
)

// maxPastBytes bounds a file of one run, which is read whole.
const maxPastBytes = 64 << 20

// oneRun is a history of which each file is one run in a format of result files.
// Origin finds out where the run is from; nil: the file does not say.
func oneRun(name string, aliases []string, f Format, origin func(file []byte, o *collect.Origin) error) History {
	return History{
		Name: name, Aliases: aliases, From: f.From + ", a run a file",
		Match: f.Match,
		read: func(in *pastReader) error {
			file, err := io.ReadAll(io.LimitReader(in.r, maxPastBytes+1))
			if err == nil && len(file) > maxPastBytes {
				err = fmt.Errorf("a file of one run is longer than %d MiB", maxPastBytes>>20)
			}
			if err != nil {
				return err
			}
			var run collect.Run
			s := NewSheet("")
			if err := f.Parse(bytes.NewReader(file), s); err != nil {
				return err
			}
			if origin != nil {
				if err := origin(file, &run.Origin); err != nil {
					return err
				}
			}
			if run.Metrics = s.Metrics(); len(run.Metrics) == 0 {
				return errNoBenchmark
			}
			return in.put(run)
		},
	}
}

// octocovOrigin reads the head of octocov's report.
func octocovOrigin(file []byte, o *collect.Origin) error {
	var head struct {
		Repository, Ref, Commit string
		Timestamp               time.Time
	}
	if err := json.Unmarshal(file, &head); err != nil {
		return fmt.Errorf("head of octocov's report: %w", err)
	}
	o.Repository, o.Commit, o.Time = head.Repository, head.Commit, head.Timestamp.UTC()
	setRef(o, head.Ref)
	return nil
}

// asvOrigin reads whose result a file of asv has: the suite is the machine, the
// time that of the commit, in milliseconds.
func asvOrigin(file []byte, o *collect.Origin) error {
	var head struct {
		Commit string  `json:"commit_hash"`
		Date   float64 `json:"date"`
		Params struct {
			Machine string `json:"machine"`
		} `json:"params"`
	}
	if err := json.NewDecoder(newPythonJSON(bytes.NewReader(file))).Decode(&head); err != nil {
		return fmt.Errorf("head of asv's results: %w", err)
	}
	o.Commit, o.Name = head.Commit, head.Params.Machine
	o.Time, _ = sinceEpoch(head.Date / 1e3)
	return nil
}
