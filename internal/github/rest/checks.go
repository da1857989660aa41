package rest

import (
	"context"

	gh "github.com/google/go-github/v60/github"
)

// The limits of a check run, in characters and in annotations a request.
const (
	MostSummary     = 65535
	mostTitle       = 255
	mostAnnotations = 50
)

// Check is a check run that is done.
type Check struct {
	Name       string
	Commit     string
	Conclusion string // success, failure, neutral ...
	Title      string
	Summary    string // Markdown
	Details    string // address of a page that tells more
	// Key is the same for the same job's attempt at the same check: by it a check
	// is found again whose creation got no answer.
	Key         string
	Annotations []Annotation
}

// Annotation points at lines of a file of the commit.
type Annotation struct {
	Path           string
	Start, End     int
	Level          string // notice, warning or failure
	Title, Message string
}

// CreateCheck makes a check run. Annotations go up fifty at a time; an error
// about the later ones leaves the check as it is, and is returned.
func (r *Repo) CreateCheck(ctx context.Context, c Check) error {
	first, rest := split(c.Annotations)
	var id int64
	err := r.once(ctx, func() error {
		run, _, err := r.gh.Checks.CreateCheckRun(ctx, r.owner, r.name, gh.CreateCheckRunOptions{
			Name: c.Name, HeadSHA: c.Commit, DetailsURL: optional(c.Details), ExternalID: optional(c.Key),
			Status: gh.String("completed"), Conclusion: &c.Conclusion, Output: c.output(first),
		})
		id = run.GetID()
		return err
	}, func() (bool, error) {
		found, err := r.findCheck(ctx, c)
		id = found
		return found != 0, err
	})
	for err == nil && len(rest) > 0 {
		first, rest = split(rest)
		err = r.annotate(ctx, id, c, first)
	}
	return wrap("make the check run", "checks: write", err)
}

// annotate adds annotations. A request that got no answer is not sent again: it
// would add them twice.
func (r *Repo) annotate(ctx context.Context, id int64, c Check, more []Annotation) error {
	_, _, err := r.gh.Checks.UpdateCheckRun(ctx, r.owner, r.name, id, gh.UpdateCheckRunOptions{
		Name: c.Name, Output: c.output(more),
	})
	return err
}

func (r *Repo) findCheck(ctx context.Context, c Check) (int64, error) {
	found, _, err := r.gh.Checks.ListCheckRunsForRef(ctx, r.owner, r.name, c.Commit,
		&gh.ListCheckRunsOptions{CheckName: &c.Name, ListOptions: gh.ListOptions{PerPage: 100}})
	if err != nil {
		return 0, err
	}
	for _, run := range found.CheckRuns {
		if run.GetExternalID() == c.Key {
			return run.GetID(), nil
		}
	}
	return 0, nil
}

func (c *Check) output(annotations []Annotation) *gh.CheckRunOutput {
	title, summary := cut(c.Title, mostTitle), cut(c.Summary, MostSummary)
	out := &gh.CheckRunOutput{Title: &title, Summary: &summary}
	for _, a := range annotations {
		out.Annotations = append(out.Annotations, &gh.CheckRunAnnotation{
			Path: &a.Path, StartLine: &a.Start, EndLine: &a.End, AnnotationLevel: &a.Level,
			Title: optional(cut(a.Title, mostTitle)), Message: &a.Message,
		})
	}
	return out
}

// SetStatus sets a commit status in place of a check run, for where these may
// not be made. Of the check, name, commit, conclusion, title and details count.
func (r *Repo) SetStatus(ctx context.Context, c Check) error {
	const mostText = 140
	state, text := "failure", cut(c.Title, mostText)
	if c.Conclusion == "success" || c.Conclusion == "neutral" {
		state = "success"
	}
	err := r.once(ctx, func() error {
		_, _, err := r.gh.Repositories.CreateStatus(ctx, r.owner, r.name, c.Commit, &gh.RepoStatus{
			State: &state, Context: optional(cut(c.Name, mostTitle)), Description: &text, TargetURL: optional(c.Details),
		})
		return err
	}, func() (bool, error) { return false, nil }) // the newest of a name counts: twice is as good as once
	return wrap("set the commit status", "statuses: write", err)
}

func split(all []Annotation) (first, rest []Annotation) {
	n := min(len(all), mostAnnotations)
	return all[:n], all[n:]
}

// cut shortens a text to so many characters.
func cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	runes := []rune(text)
	if len(runes) <= most {
		return text
	}
	return string(runes[:most-1]) + "…"
}

func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
