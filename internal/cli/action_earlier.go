package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/baseline/store"
	"github.com/plumbline-ci/plumbline/collect"
)

// resultsType is the type of the runs that the action makes.
const resultsType = "results"

// earlierSteps are the runs that earlier steps of this job stored in the
// workspace, by plumbline run, collect and record: of each type the newest. They
// are a part of what this step judges. Where the workspace's folder is the store
// itself, they are runs of their own and compared as such.
func (j *job) earlierSteps(ctx context.Context, here collect.Origin) ([]collect.Run, error) {
	path, err := j.storePath()
	if err == nil {
		err = j.storeInside(path)
	}
	if err != nil || !j.kept {
		return nil, err
	}
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	s, err := store.Open(path)
	if err != nil {
		return nil, failure(err)
	}
	var runs []collect.Run
	seen := map[string]bool{}
	for e, err := range s.List(ctx, baseline.Filter{}) {
		if bad := (*collect.LineError)(nil); errors.As(err, &bad) {
			j.step.Warn(fmt.Sprintf("%v: passed over", err))
			continue
		}
		if err != nil {
			return nil, failure(err)
		}
		if seen[e.Type+"\x00"+e.Name] || !ofThisJob(e.Origin, here) {
			continue
		}
		seen[e.Type+"\x00"+e.Name] = true
		r, err := s.Get(ctx, e)
		if err != nil {
			return nil, failure(err)
		}
		runs = append(runs, r)
	}
	slices.Reverse(runs) // the order in which they were measured
	return runs, nil
}

// storeInside is inside for a store that has files.
func (j *job) storeInside(path string) error {
	file, sqlite := strings.CutPrefix(path, "sqlite:")
	if store.Scheme(path) == "" || sqlite {
		if err := j.inside("the store", file, j.settings.path != ""); err != nil || !sqlite {
			return err
		}
	}
	for _, dir := range []string{DefaultPath, filepath.Dir(spoolOf(path).dir), spoolOf(path).dir} {
		if err := j.inside("the folder of what waits for the store", dir, false); err != nil {
			return err
		}
	}
	return nil
}

func ofThisJob(run, here collect.Origin) bool {
	return run.Type != resultsType && run.RerunOf == "" && run.Commit == here.Commit && run.Workflow == here.Workflow &&
		run.Job == here.Job && run.Attempt == here.Attempt
}

// ofCommand are the metrics that every wrapped command has. In a run of several
// commands they are told apart by the type of the run.
var ofCommand = []string{"cpu.", "ram.", "io.", "system."}

// join adds the metrics of earlier steps to those of the result files, whose own
// value counts where both have one.
func (j *job) join(metrics []collect.Metric, earlier []collect.Run) []collect.Metric {
	known := map[string]bool{}
	for _, m := range metrics {
		known[m.Name] = true
	}
	for _, r := range earlier {
		for _, m := range r.Metrics {
			if slices.ContainsFunc(ofCommand, func(p string) bool { return strings.HasPrefix(m.Name, p) }) {
				m.Name = tagged(m.Name, r)
			}
			if !known[m.Name] {
				known[m.Name] = true
				metrics = append(metrics, m)
			}
		}
		j.say("%s of the run %s are a part of this one", count(len(r.Metrics), "metric"), called(r))
	}
	return metrics
}

// tagged is a metric's name with the type of its run, and with the run's name
// where the user gave one.
func tagged(name string, r collect.Run) string {
	tags := collect.Tags{"type": r.Type}
	if r.Name != "" {
		tags["name"] = r.Name
	}
	return collect.Name(name, tags)
}

func called(r collect.Run) string {
	if r.Name == "" {
		return r.Type
	}
	return r.Type + " " + r.Name
}
