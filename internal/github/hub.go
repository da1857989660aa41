package github

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/plumbline-ci/plumbline/internal/github/artifact"
	"github.com/plumbline-ci/plumbline/internal/github/rest"
)

// Hub is GitHub as a step reaches it. A part that it does not reach is nil, and
// Problems says why.
type Hub struct {
	Repo     *rest.Repo
	Results  *artifact.Results
	Problems []string

	step *Step
	name string // of the artifact in a first attempt; empty: the suite's
}

// Connect prepares the way to GitHub and sends nothing yet. Agent is how the
// program calls itself.
func (s *Step) Connect(agent string) *Hub {
	h := &Hub{step: s}
	say := func(msg string) { s.Debugf("%s", msg) }
	var err error
	h.Repo, err = rest.New(rest.Options{
		URL: s.getenv("GITHUB_API_URL"), Repository: s.getenv("GITHUB_REPOSITORY"), Token: s.Inputs.Token, Agent: agent, Log: say,
	})
	if err != nil {
		h.problem("GitHub cannot be asked", err)
	}
	if h.Results, err = artifact.NewResults(s.getenv, say); err != nil {
		h.problem("runs cannot be kept as artifacts", err)
	}
	return h
}

func (h *Hub) problem(what string, err error) {
	h.Problems = append(h.Problems, fmt.Sprintf("%s: %v", what, err))
}

// unreachable is why what needs the REST interface cannot be done.
func (h *Hub) unreachable(what string) error {
	return fmt.Errorf("%s: %s", what, strings.Join(h.Problems, "; "))
}

// Suite is the name of what the step measures: the one that the user gave, or
// workflow/job with the values of the matrix. It keys artifact, check and the
// section of the comment.
func (s *Step) Suite() string {
	name, leg := s.Family()
	if leg != "" {
		name += " (" + leg + ")"
	}
	return name
}

// Family is what the legs of a matrix have in common, and which one the step is
// of. A name of the user's is taken as it is.
func (s *Step) Family() (name, leg string) {
	if s.Inputs.Name != "" {
		return s.Inputs.Name, ""
	}
	name = s.Event.Origin.Job
	if w := s.Event.Origin.Workflow; w != "" {
		name = w + "/" + name
	}
	return name, s.Inputs.Matrix
}

// CheckName is the name of the suite's check, empty where there is to be none.
func (s *Step) CheckName() string { return strings.ReplaceAll(s.Inputs.CheckName, "NAME", s.Suite()) }

// RunURL is the page of the workflow run, empty where there is none.
func (s *Step) RunURL() string {
	server, err := url.Parse(s.getenv("GITHUB_SERVER_URL"))
	if err != nil || server.Scheme != "https" && server.Scheme != "http" || server.Host == "" || s.Event.Run == 0 {
		return ""
	}
	return server.JoinPath(s.getenv("GITHUB_REPOSITORY"), "actions", "runs", strconv.FormatInt(s.Event.Run, 10)).String()
}

// Past is what earlier workflow runs stored, and what of it may be compared.
type Past struct {
	History *artifact.History
	Pinned  *string  // the commit that Wanted.Pin means, empty where that is not known; nil: there is no pin
	Notes   []string // for the report
	// Left counts the artifacts that are no baseline, by reason.
	Left map[string]int
	line *lineage
}

// wantedRuns are the runs that a history carries where nobody says.
const wantedRuns = 50

// Wanted says which earlier runs are asked for.
type Wanted struct {
	Branch string
	Runs   int    // so many, the newest; 0: as many as a history carries
	Pin    string // and those of this commit or tag; empty: no others
}

// Past finds the runs of earlier workflow runs on a branch. Where GitHub cannot
// be asked there are none, and the error says why: no verdict may come of it as
// if nothing had been there to find.
func (h *Hub) Past(ctx context.Context, w Wanted) (Past, error) {
	p := Past{History: artifact.NewHistory()}
	if w.Pin != "" {
		p.Pinned = new(string)
	}
	if h.Repo == nil {
		return p, errors.New("earlier runs cannot be read")
	}
	if err := h.place(ctx, w, &p); err != nil {
		return p, err
	}
	search := h.search(w)
	found, err := search.Find(ctx)
	if err == nil && w.Pin != "" {
		err = search.FindOf(ctx, *p.Pinned, &found)
	}
	if err != nil {
		return p, err
	}
	p.History = found.History
	p.Notes, p.Left = append(p.Notes, found.Problems...), found.Left
	for reason, n := range found.Left {
		h.step.Debugf("%d artifacts left out: %s", n, reason)
	}
	return p, nil
}

// place finds where in the history of the branch the baseline is to be: at the
// pinned commit, or before the change began.
func (h *Hub) place(ctx context.Context, w Wanted, p *Past) error {
	if w.Pin != "" {
		at, err := h.Repo.Commit(ctx, w.Pin)
		*p.Pinned = at.SHA
		return err
	}
	line, note, err := h.lineage(ctx, w.Branch)
	if p.line = line; note != "" {
		p.Notes = append(p.Notes, note)
	}
	return err
}

func (h *Hub) search(w Wanted) *artifact.Search {
	e := h.step.Event
	return &artifact.Search{
		Repo: h.Repo, Name: cmp.Or(h.name, artifact.Name(h.step.Suite(), 1)), Workflow: e.Workflow, Runs: cmp.Or(w.Runs, wantedRuns),
		Trust: artifact.Trust{Repository: e.Repository, Branch: w.Branch, Self: cmp.Or(e.About, e.Run)},
	}
}

// Keep uploads a run with the history that it is to carry.
func (h *Hub) Keep(ctx context.Context, files []artifact.File) error {
	if h.Results == nil {
		return artifact.ErrUnsupported
	}
	data, err := artifact.Pack(files)
	if err != nil {
		return err
	}
	name := artifact.Name(h.step.Suite(), h.step.Event.Origin.Attempt)
	_, err = h.Results.Upload(ctx, name, data, h.step.Inputs.RetentionDays)
	if errors.Is(err, artifact.ErrExists) {
		return fmt.Errorf("%w: give each job and leg of a matrix a name of its own by the input name", err)
	}
	return err
}

// Accepted reports whether the run is one of accepted code, which later runs
// are compared with.
func (h *Hub) Accepted(branch string) bool {
	e := h.step.Event.Origin
	switch e.Event {
	case "push", "schedule", "workflow_dispatch":
		return e.Branch == branch && branch != ""
	}
	return false
}
