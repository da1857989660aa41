package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"github.com/plumbline-ci/plumbline/collect/parse"
	"github.com/plumbline-ci/plumbline/internal/github"
)

// stepResults reads the result files that the inputs name or, where they name
// none, those in common places whose format is known. Only files inside the
// workspace are read: links in a checkout are not to be trusted.
func (a *app) stepResults(step *github.Step, sheet *parse.Sheet) error {
	if len(step.Inputs.Results) == 0 {
		return a.commonResults(step, sheet)
	}
	var errs []error
	var all []parse.Source
	seen := map[string]bool{}
	for _, line := range step.Inputs.Results {
		src := parseSource(line)
		files, err := step.Files(src.glob)
		if err == nil && len(files) == 0 {
			err = fmt.Errorf("input results: no file matches %q", src.glob)
		}
		errs = append(errs, err)
		for _, f := range files {
			if !seen[f] {
				seen[f] = true
				all = append(all, stepFile(step, f, src.format))
			}
		}
	}
	return errors.Join(append(errs, a.readAll(all, sheet, true)...)...)
}

var errNoResults = errors.New("no result file in the common places; name yours in the input results")

func (a *app) commonResults(step *github.Step, sheet *parse.Sheet) error {
	files, err := step.CommonFiles()
	if err != nil {
		return err
	}
	all := make([]parse.Source, len(files))
	for i, f := range files {
		all[i] = stepFile(step, f, "")
	}
	read := 0
	for _, err := range a.readAll(all, sheet, true) {
		if err != nil {
			step.Warn(fmt.Sprintf("%v: left out; input results names the files to read", err))
			continue
		}
		read++
	}
	if read == 0 {
		return errNoResults
	}
	return nil
}

// stepFile is a result file inside the workspace.
func stepFile(step *github.Step, file, format string) parse.Source {
	name := file
	if rel, err := filepath.Rel(step.Dir, file); err == nil {
		name = rel
	}
	return parse.Source{Name: name, Format: format, Open: func() (io.ReadCloser, error) { return step.Open(file) }}
}

// sources says what the coverage of a sheet is held against: the lines that the
// pull request changes, unless the input names another commit, or none. GitHub
// tells of them, for the checkout is mostly one of a single commit. What it does
// not tell costs these figures alone.
func (j *job) sources(sheet *parse.Sheet) parse.Sources {
	in := j.step.Inputs
	src := parse.Sources{Packages: in.Packages}
	since := cmp.Or(in.ChangedSince, j.step.Event.Base)
	if in.ChangedSince == "none" {
		since = ""
	}
	if !sheet.Covers() || since == "" && !in.Packages {
		return src
	}
	src.Root, src.Files = filepath.ToSlash(j.step.Workspace), j.step.SourceFiles()
	if since == "" {
		return src
	}
	net, cancel := j.budget.stage(searching)
	defer cancel()
	changed, err := j.changedLines(net, since)
	if err != nil {
		j.step.Warn(fmt.Sprintf("no coverage of the lines changed since %s: %v", since, reason(net, err)))
		return src
	}
	src.Changed = changed
	return src
}

func (j *job) changedLines(ctx context.Context, since string) (map[string][]parse.LineRange, error) {
	files, err := j.hub.Changes(ctx, since)
	if err != nil {
		return nil, err
	}
	changed := map[string][]parse.LineRange{}
	for _, f := range files {
		if err := readPatch(changed, f.Name, f.Patch); err != nil {
			return nil, err
		}
	}
	return changed, nil
}
