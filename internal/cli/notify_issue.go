package cli

import (
	"context"
	"fmt"
	"slices"

	"github.com/plumbline-ci/plumbline/check/report"
	"github.com/plumbline-ci/plumbline/internal/github"
	"github.com/plumbline-ci/plumbline/internal/notice"
)

// issueTelling keeps the issue of a suite, which remembers what was told to whom,
// and tells the channels.
type issueTelling struct {
	*app
	n       *news
	book    *github.Book
	issue   github.Issue
	state   notice.State // as it should be
	base    notice.State // as it was read
	changes notice.Changes
}

// tellByIssue tells with the issue as the memory. What a channel did not take is a
// problem, and the issue is kept all the same.
func (a *app) tellByIssue(ctx context.Context, n *news) (problems []error, err error) {
	t := &issueTelling{app: a, n: n}
	if t.book, err = n.hub.Book(ctx, n.suite, n.label()); err != nil {
		return nil, fmt.Errorf("notices: %w", err)
	}
	there, err := t.meet(ctx)
	if err != nil || !there {
		return nil, wrapNotice(err)
	}
	if d := n.delivery(a); !d.Held().After(d.Now) && t.state.Take(d.By, d.Now) {
		if err := t.save(ctx); err != nil { // others see it, or this job that another was faster
			return nil, wrapNotice(err)
		}
	}
	problems = t.deliverNotices(ctx, n, &t.state)
	t.state.Free(n.by())
	if t.state.Clean(n.keys(a)); t.state.Encode() == t.base.Encode() {
		return problems, nil // as with nearly every run
	}
	return problems, wrapNotice(t.save(ctx))
}

func wrapNotice(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("notices, tried again by the next run: %w", err)
}

// meet reads the issue, takes in what was found, and settles with other jobs which
// of it is this one's to tell. It is false where there is no issue and none needed.
//
// An issue that a person closed while something is worse is as good as read: it
// stays closed, and what it is about is not told again. What is new gets an issue
// of its own.
func (t *issueTelling) meet(ctx context.Context) (there bool, err error) {
	found, ok, err := t.book.Find(ctx)
	if err != nil {
		return false, err
	}
	t.read(found)
	if len(t.changes.New) > 0 && (!ok || found.Closed) {
		return t.open(ctx)
	}
	if t.issue = found; !ok {
		return false, nil
	}
	return true, t.claim(ctx)
}

// read takes what was found into what an issue remembers.
func (t *issueTelling) read(i github.Issue) {
	t.base, _ = notice.Decode(t.book.State(i))
	t.state = t.base.Copy()
	t.changes = t.state.Update(t.n.found, notice.PointOf(t.n.head), t.n.keys(t.app))
}

// open opens an issue. Where another job was faster, its issue is taken for what
// it is: what it knows of is that job's to tell.
func (t *issueTelling) open(ctx context.Context) (bool, error) {
	t.state.Take(t.n.by(), t.Now())
	title, text := t.text(t.state)
	made, mine, err := t.book.Open(ctx, title, text)
	if err != nil {
		return false, err
	}
	t.issue = made
	if mine {
		t.say("notices: opened issue #%d", made.Number)
		t.base = t.state.Copy() // which it says already
		return true, nil
	}
	t.read(made)
	return true, t.claim(ctx)
}

// claim comments on the issue about what is new and what is over. What another job
// commented on before is that job's to tell.
func (t *issueTelling) claim(ctx context.Context) error {
	for _, shifts := range [][]notice.Shift{t.changes.New, t.changes.Back} {
		if len(shifts) == 0 {
			continue
		}
		ids := make([]string, len(shifts))
		for i := range shifts {
			if ids[i] = shifts[i].ID(); shifts[i].Back != nil {
				ids[i] += "-back"
			}
		}
		won, err := t.book.Claim(ctx, t.issue.Number, ids, report.IssueText(t.notice(shifts), t.n.conf.Issue.Mention))
		if err != nil {
			return err
		}
		for i := range shifts {
			if !slices.Contains(won, ids[i]) {
				t.state.Forget(shifts[i])
				t.base.Forget(shifts[i])
			}
		}
	}
	return nil
}

// save writes what is remembered into the issue, joined with what other jobs wrote
// meanwhile, and closes it where nothing is worse any more.
func (t *issueTelling) save(ctx context.Context) error {
	return t.book.Save(ctx, t.issue, func(now string) github.Saved {
		if theirs, ok := notice.Decode(now); ok {
			t.state, t.base = t.state.Merge(t.base, theirs), theirs
		}
		title, text := t.text(t.state)
		over := len(t.state.Open()) == 0
		if over {
			title = "" // that of the shift stays
		}
		return github.Saved{Title: title, Text: text, Over: over}
	})
}

// text is the issue as it should be.
func (t *issueTelling) text(s notice.State) (title, text string) {
	open := s.Open()
	if len(open) == 0 {
		return "", t.book.Text(s.Encode(), "All that this was about is back, or let pass.\n")
	}
	n := t.notice(open)
	n.Issue = ""
	return report.IssueTitle(n), t.book.Text(s.Encode(), report.IssueText(n, t.n.conf.Issue.Mention))
}

func (t *issueTelling) notice(shifts []notice.Shift) report.Notice {
	n := notice.Notice(t.n.base(), shifts)
	if !n.Back {
		t.about(t.n, &n, shifts[0])
	}
	return n
}
