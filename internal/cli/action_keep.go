package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/plumbline-ci/plumbline/baseline/store"
	"github.com/plumbline-ci/plumbline/check/report"
	"github.com/plumbline-ci/plumbline/collect"
	"github.com/plumbline-ci/plumbline/internal/github/artifact"
)

// What an artifact carries of earlier runs: more than a baseline has, because a
// pull request that left main a while ago does not count the newest of them.
const (
	carriedExtra = 30
	carriedBytes = 64 << 20 // before they are packed, which makes them ten times smaller
	// A fork's artifact is read up to artifact.MostForeignZip.
	comparedBytes = 32 << 20
)

// keepJudged uploads the run with its verdict and its part of the comment.
func (j *job) keepJudged(run collect.Run, page report.Page, part report.Part, web []byte) error {
	var verdict bytes.Buffer
	err := report.JSON(&verdict, page)
	section, partErr := part.Encode()
	if err = errors.Join(err, partErr); err != nil {
		return fmt.Errorf("keep the run: %w", err)
	}
	files := []artifact.File{{Name: artifact.VerdictFile, Data: verdict.Bytes()}, {Name: artifact.SectionFile, Data: section}}
	if len(web) > 0 && len(web) <= keptPage {
		files = append(files, artifact.File{Name: artifact.PageFile, Data: web})
	}
	return j.keep(run, files...)
}

// keep uploads the run and what else there is of it. A run of accepted code takes the history along, so that
// a later job needs this one artifact and not one a run. Any other takes along
// what it was compared with, so that explain can tell why without the forge.
func (j *job) keep(run collect.Run, more ...artifact.File) error {
	net, cancel := j.budget.stage(keeping)
	defer cancel()
	var record bytes.Buffer
	if err := collect.Encode(&record, run); err != nil {
		return fmt.Errorf("keep the run: %w", err)
	}
	files := append([]artifact.File{{Name: artifact.RunFile, Data: record.Bytes()}}, more...)
	switch {
	case j.hub.Accepted(j.branch):
		carried := j.past.History.Newest(j.runs+carriedExtra, carriedBytes)
		index, err := json.Marshal(carried.Index)
		if err != nil {
			return fmt.Errorf("keep the run: %w", err)
		}
		files = append(files, artifact.File{Name: artifact.HistoryFile, Data: carried.JSONL()}, artifact.File{Name: artifact.IndexFile, Data: index})
	case j.past.History != nil && j.past.History.Runs() > 0:
		compared := j.past.History.Without(j.past.Refuse).Newest(j.runs+carriedExtra, comparedBytes)
		files = append(files, artifact.File{Name: artifact.BaselineFile, Data: compared.JSONL()})
	}
	err := j.hub.Keep(net, files)
	if errors.Is(err, artifact.ErrUnsupported) {
		return fmt.Errorf("the run is kept in the workspace alone, in %s: %w", store.Name(j.settings.path), err)
	}
	if err != nil {
		return fmt.Errorf("keep the run as an artifact: %w", reason(net, err))
	}
	return nil
}
