package cli

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/plumbline-ci/plumbline/baseline/store"
	"github.com/plumbline-ci/plumbline/check/report"
	"github.com/plumbline-ci/plumbline/collect"
	"github.com/plumbline-ci/plumbline/internal/config"
	"github.com/plumbline-ci/plumbline/internal/github"
	"github.com/plumbline-ci/plumbline/internal/notice"
)

// notifying are the flags of check about notices.
type notifying struct{ send, dry bool }

func (n notifying) wanted() bool { return n.send || n.dry }

func (n notifying) valid() error {
	if n.dry && !n.send {
		return errors.New("--dry-run goes with --notify")
	}
	return nil
}

// noticesFile remembers beside a store of this machine what was told.
const noticesFile = "notices.json"

// news is what a run found, for those who are told of it.
type news struct {
	conf   config.Notices
	found  []notice.Finding
	head   collect.Origin
	suite  string
	run    string      // the address of the CI run
	hub    *github.Hub // nil: this is no job of GitHub Actions
	file   string      // that remembers, where no issue does; empty: nothing does
	dry    bool
	sender notice.Sender
}

// newsOf is the news of a comparison, or of a trend.
func newsOf(conf config.Config, head collect.Origin, found []notice.Finding) *news {
	return &news{conf: conf.Notices, found: found, head: head, suite: noticeSuite(head), sender: notice.Sender{Agent: "plumbline/" + version()}}
}

// noticeSuite names the suite of a run as a step of the action does.
func noticeSuite(o collect.Origin) string {
	if o.Name == "" && o.Workflow != "" && o.Job != "" {
		return o.Workflow + "/" + o.Job
	}
	return cmp.Or(o.Name, o.Type)
}

// notifyOf tells of what was found what the configuration asks for. The command
// that found it has read that configuration already.
func (a *app) notifyOf(ctx context.Context, o checkOptions, head collect.Origin, found func() []notice.Finding) {
	if !o.notify.wanted() {
		return
	}
	if conf, err := a.readConfig(o); err == nil {
		a.notifyHere(ctx, o, newsOf(conf, head, found()))
	}
}

// notifyHere tells from a command. What goes wrong is said and changes no verdict.
func (a *app) notifyHere(ctx context.Context, o checkOptions, n *news) {
	n.dry = o.notify.dry
	branch := n.conf.Branch
	if known := a.defaultBranches(ctx, n.head); branch == "" && len(known) > 0 {
		branch = known[0]
	}
	branch = cmp.Or(branch, "main") // where neither git nor an event tells
	switch {
	case n.conf.Issue == nil && len(n.conf.To) == 0:
		a.say("--notify: the configuration has no notices; it names those who are told under notices: in %s", ConfigFile)
		return
	case n.head.Branch != branch || strings.HasPrefix(n.head.Event, "pull_request"):
		a.say("--notify: nobody is told: the run is of %q, and notices are about %q", n.head.Branch, branch)
		return
	}
	path, err := a.storePath()
	if err == nil && store.Scheme(path) == "" {
		n.file = filepath.Join(folder(path), noticesFile)
	}
	if a.Getenv("GITHUB_ACTIONS") == "true" && a.Getenv("GITHUB_WORKSPACE") != "" {
		step, err := github.NewStep(a.inRunStep, a.Stdout)
		if err != nil {
			a.say("notices: %v", err)
			return
		}
		defer step.Close()
		n.hub, n.run = step.Connect("plumbline/"+version()), step.RunURL()
	}
	for _, err := range a.spread(ctx, n) {
		a.say("%v", err)
	}
}

// errForgets is why nothing is sent: the next run would send it again.
var errForgets = errors.New("notices: nothing remembers what was told, so nothing is sent: set notices.issue, whose issue does, or keep the store in a folder that stays")

// spread tells whoever is to be told, and returns what went wrong.
func (a *app) spread(ctx context.Context, n *news) (problems []error) {
	var err error
	switch {
	case n.dry:
		err = a.rehearse(ctx, n)
	case n.conf.Issue != nil && n.hub != nil:
		var more []error
		more, err = a.tellByIssue(ctx, n)
		problems = append(problems, more...)
	case n.file != "":
		if n.conf.Issue != nil {
			a.say("notices: an issue is kept by jobs of GitHub Actions alone; %s remembers what is told here", n.file)
		}
		err = notice.File{Path: n.file}.With(ctx, n.suite, func(s *notice.State) error {
			s.Update(n.found, notice.PointOf(n.head), n.keys(a))
			problems = append(problems, a.deliverNotices(ctx, n, s)...)
			s.Clean(n.keys(a))
			return nil
		})
	default:
		err = errForgets
	}
	if err != nil {
		problems = append(problems, err)
	}
	return problems
}

// deliverNotices sends what is due.
func (a *app) deliverNotices(ctx context.Context, n *news, s *notice.State) (problems []error) {
	d := n.delivery(a)
	for _, o := range d.Deliver(ctx, s) {
		switch {
		case o.Err != nil:
			problems = append(problems, fmt.Errorf("notice not sent, the next run tries again: %w", o.Err))
		case !o.Held.IsZero():
			a.say("notice for %s: held until %s", &o.Channel, o.Held.Format("2 Jan 15:04 MST"))
		default:
			a.say("notice sent to %s: %s", &o.Channel, count(len(o.Notice.Shifts), "metric"))
		}
	}
	return problems
}

func (n *news) delivery(a *app) *notice.Delivery {
	q := n.conf.Quiet
	return &notice.Delivery{
		Channels: n.channels(a), Now: a.Now(), By: n.by(), Notice: n.base(), Send: n.sender.Send,
		Quiet: notice.Quiet{From: q.From, To: q.To, Zone: q.Zone, Days: q.Days},
		About: func(r *report.Notice, s notice.Shift) { a.about(n, r, s) },
	}
}

// by is this job, for others that keep the same issue.
func (n *news) by() string { return n.head.ID + " " + n.run }

func (n *news) base() report.Notice {
	return report.Notice{Suite: n.suite, Branch: n.head.Branch, Repository: n.head.Repository, Run: n.run}
}

// about fills in what lies between the commits of a shift: GitHub knows, or git.
func (a *app) about(n *news, r *report.Notice, s notice.Shift) {
	base, head := s.Before.Commit, s.After.Commit
	if base == "" || head == "" || base == head {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), gitTime)
	defer cancel()
	if n.hub != nil {
		if found, err := n.hub.Compare(ctx, base, head); err == nil {
			r.Commits, r.Authors, r.Compare = found.Commits, found.Authors, found.URL
			return
		}
	}
	out, err := a.git(ctx, "log", "--max-count=1000", "--format=%an", "--end-of-options", base+".."+head)
	if err != nil || out == "" {
		return
	}
	for name := range strings.Lines(out) {
		r.Commits++
		if name = strings.TrimSpace(name); !slices.Contains(r.Authors, name) {
			r.Authors = append(r.Authors, name)
		}
	}
}

// channels are those of the configuration, with what the environment has of them.
func (n *news) channels(a *app) []notice.Channel {
	secret := func(name string) string {
		if name == "" {
			return ""
		}
		return strings.TrimSpace(a.Getenv(name))
	}
	var all []notice.Channel
	for _, c := range n.conf.To {
		x := notice.Channel{
			Medium: c.Medium, Place: c.Address, Address: secret(c.Address), Token: secret(c.Token), Mention: c.Mention,
			To: c.To, From: c.From, Server: c.Server, User: secret(c.User), Password: secret(c.Password), Plain: c.Plain,
		}
		if c.Medium == "mail" {
			x.Place = strings.Join(c.To, ", ")
		}
		all = append(all, x)
	}
	return all
}

func (n *news) keys(a *app) []string { return notice.Keys(n.channels(a)) }

// rehearse prints what would be sent, and neither sends nor remembers anything.
func (a *app) rehearse(ctx context.Context, n *news) error {
	s, err := a.remembered(ctx, n)
	if err != nil {
		return err
	}
	before := len(s.Shifts)
	changes := s.Update(n.found, notice.PointOf(n.head), n.keys(a))
	if n.conf.Issue != nil && (len(changes.New) > 0 || len(changes.Back) > 0) {
		r := notice.Notice(n.base(), s.Open())
		a.printf("issue: %s\n\n%s\n", report.IssueTitle(r), report.IssueText(r, n.conf.Issue.Mention))
	}
	d := n.delivery(a)
	d.Send = func(_ context.Context, c notice.Channel, r report.Notice) error {
		text := c.Message(r)
		var b bytes.Buffer
		if json.Indent(&b, text, "", "  ") == nil {
			text = b.Bytes()
		}
		a.printf("%s:\n\n%s\n\n", &c, text)
		return c.Check()
	}
	sent := 0
	for _, o := range d.Deliver(ctx, &s) {
		sent++
		if o.Err != nil {
			a.say("%v", o.Err)
		}
		if !o.Held.IsZero() {
			a.printf("%s: held until %s\n", &o.Channel, o.Held.Format("2 Jan 15:04 MST"))
		}
	}
	if sent == 0 && len(changes.New)+len(changes.Back) == 0 {
		a.printf("notices: nothing new to tell, with %s known\n", count(before, "shift"))
	}
	return nil
}

func (a *app) printf(format string, args ...any) { fmt.Fprintf(a.Stdout, format, args...) }

// remembered is what was told already.
func (a *app) remembered(ctx context.Context, n *news) (notice.State, error) {
	if n.conf.Issue != nil && n.hub != nil {
		book, err := n.hub.Book(ctx, n.suite, n.label())
		if err != nil {
			return notice.State{}, err
		}
		i, _, err := book.Find(ctx)
		s, _ := notice.Decode(book.State(i))
		return s, err
	}
	if n.file == "" {
		return notice.State{}, errForgets
	}
	return notice.File{Path: n.file}.Read(n.suite)
}

func (n *news) label() string { return cmp.Or(n.conf.Issue.Label, github.DefaultLabel) }
