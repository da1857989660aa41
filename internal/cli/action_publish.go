package cli

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/check/report"
	"github.com/plumbline-ci/plumbline/collect"
	"github.com/plumbline-ci/plumbline/internal/github"
)

// announce tells GitHub: the check of the commit and, of a pull request, the
// comment.
func (j *job) announce(page report.Page, run collect.Run, part report.Part) (errs []error) {
	ctx, cancel := j.budget.stage(publishing)
	defer cancel()
	errs = j.makeCheck(ctx, page, run)
	if j.step.Event.PullRequest != 0 && j.step.Inputs.Comment != github.CommentNever {
		errs = append(errs, j.comment(ctx, part)...)
	}
	return errs
}

// makeCheck makes the check of the commit.
func (j *job) makeCheck(ctx context.Context, page report.Page, run collect.Run) []error {
	if j.step.CheckName() == "" {
		return nil
	}
	c, err := j.checkRun(page, run)
	return []error{err, reason(ctx, j.hub.Check(ctx, c))}
}

// comment keeps the comment of the pull request: the step's part of it, others
// that the step knows, those of the other suites of this workflow run, and what
// other workflows said of the same commit.
func (j *job) comment(ctx context.Context, own report.Part, others ...report.Part) []error {
	siblings := j.hub.Siblings()
	var unread error
	write := func(now []string, most int) (string, error) {
		fresh, err := siblings.Parts(ctx)
		unread = cmp.Or(err, unread)
		var kept []report.Part
		for _, body := range now {
			kept = append(kept, report.ReadComment(body)...)
		}
		parts, stale := report.Merge(own.Stamp, slices.Concat([]report.Part{own}, others, fresh), kept)
		if stale {
			return "", github.ErrStale
		}
		if len(now) == 0 && !j.worthComment(parts) {
			return "", nil
		}
		return report.Comment(parts, most), nil
	}
	err := j.hub.Comment(ctx, j.step.Event.PullRequest, report.Marker, write)
	return []error{unread, reason(ctx, err)}
}

// worthComment says whether a pull request without a comment is to get one.
func (j *job) worthComment(parts []report.Part) bool {
	for _, p := range parts {
		switch j.step.Inputs.Comment {
		case github.CommentAlways:
			return true
		case github.CommentOnChange:
			if p.Changed {
				return true
			}
		case github.CommentOnRegression:
			if p.State == report.StateRegression {
				return true
			}
		}
	}
	return false
}

// checkRun is the check of a result.
func (j *job) checkRun(page report.Page, run collect.Run) (github.Check, error) {
	var md bytes.Buffer
	err := report.Markdown(&md, page)
	c := github.Check{Conclusion: "neutral", Title: page.Headline(), Summary: md.String(), Annotations: j.annotations(page.Result, run)}
	switch {
	case failsStep(j.step.Inputs.FailOn, page.Result):
		c.Conclusion = "failure"
	case page.State() == report.StatePass:
		c.Conclusion = "success"
	}
	return c, err
}

// mostAnnotations is how many places are pointed at: two requests.
const mostAnnotations = 100

// annotations point at what got worse where the metric's tags say its place:
// file, and line. Nothing is guessed of the others.
func (j *job) annotations(r check.Result, run collect.Run) []github.Annotation {
	tags := make(map[string]collect.Tags, len(run.Metrics))
	for _, m := range run.Metrics {
		if m.Tags["file"] != "" {
			tags[m.Name] = m.Tags
		}
	}
	var all []github.Annotation
	for i := range r.Metrics {
		c := &r.Metrics[i]
		at, ok := tags[c.Name]
		if !ok || c.Status != check.Regressed && c.Status != check.Suspect || len(all) == mostAnnotations {
			continue
		}
		if path, line := j.locate(at); path != "" {
			level := "warning"
			if c.Status == check.Regressed && c.Level == check.Fail {
				level = "failure"
			}
			title, message := report.Annotation(c)
			all = append(all, github.Annotation{Path: path, Start: line, End: line, Level: level, Title: title, Message: message})
		}
	}
	return all
}

// locate is where in the repository the tags of a metric point to: a file that is
// there, seen from the folder that the step works in.
func (j *job) locate(tags collect.Tags) (path string, line int) {
	file := filepath.Join(j.step.Dir, filepath.FromSlash(tags["file"]))
	line, err := strconv.Atoi(cmp.Or(tags["line"], "1"))
	if err != nil || line < 1 {
		return "", 0
	}
	f, err := j.step.Open(file)
	if err != nil {
		return "", 0
	}
	defer f.Close()
	rel, err := filepath.Rel(j.step.Workspace, file)
	if err != nil {
		return "", 0
	}
	return filepath.ToSlash(rel), line
}

// complain tells of what could not be published, once in the log and once in the
// summary. It changes no verdict.
func (j *job) complain(errs []error) {
	var bad, excused []error
	for _, err := range errs {
		switch {
		case err == nil:
		case j.hub.Excused(err):
			excused = append(excused, err)
		default:
			bad = append(bad, err)
		}
	}
	if err := errors.Join(bad...); err != nil {
		j.tell(j.step.Warn, fmt.Sprintf("the verdict stands, but not everything could be published: %v", err))
	}
	if err := errors.Join(excused...); err != nil {
		j.step.Debugf("%v", err)
		j.tell(j.step.Notice, readsOnly)
	}
}

// readsOnly is all that is said of what a fork's token was refused: each refusal
// is expected, and its text would read like a fault.
const readsOnly = "a pull request from a fork or of Dependabot has a token that only reads: the verdict stands and the run is kept, and this job's result " +
	"and summary stand in for the check and the comment; plumbline init --forks writes a workflow that makes them"

func (j *job) tell(log func(string), msg string) {
	log(msg)
	if err := j.step.Summary([]byte("\n" + report.Note(msg) + "\n")); err != nil {
		j.step.Warn(err.Error())
	}
}
