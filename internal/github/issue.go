package github

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/plumbline-ci/plumbline/internal/github/rest"
)

// Book is the issue about one suite: it is open while something is worse, and its
// text begins with what is remembered of it. Only an issue of the token's own
// author counts, which nobody else can write.
type Book struct {
	repo   *rest.Repo
	label  string
	prefix string // how the text of the suite's issues begins
	author string
}

// Issue is an issue as it was read.
type Issue = rest.Issue

const (
	bookMarker  = "<!-- plumbline:notice "
	stateMarker = "<!-- plumbline:state "
	claimMarker = "<!-- plumbline:shift "
	markerEnd   = " -->\n"
)

// DefaultLabel is the label of the issues where nobody chose one.
const DefaultLabel = "plumbline"

// Book returns the book of a suite.
func (h *Hub) Book(ctx context.Context, suite, label string) (*Book, error) {
	if h.Repo == nil {
		return nil, h.unreachable("keep the issue")
	}
	sum := sha256.Sum256([]byte(suite))
	return &Book{repo: h.Repo, label: label, prefix: bookMarker + hex.EncodeToString(sum[:8]) + markerEnd, author: h.Repo.Author(ctx)}, nil
}

// Compare is what lies between two commits.
func (h *Hub) Compare(ctx context.Context, base, head string) (rest.Range, error) {
	if h.Repo == nil {
		return rest.Range{}, h.unreachable("compare commits")
	}
	return h.Repo.Range(ctx, base, head)
}

// Text is the text of the issue: what is remembered, then what people read.
func (b *Book) Text(state, text string) string {
	return b.prefix + stateMarker + state + markerEnd + "\n" + text
}

// State is what an issue remembers; nothing where somebody has broken it.
func (b *Book) State(i Issue) string {
	text := strings.ReplaceAll(i.Body, "\r\n", "\n")
	rest, ok := strings.CutPrefix(text, b.prefix+stateMarker)
	state, _, ended := strings.Cut(rest, markerEnd)
	if !ok || !ended {
		return ""
	}
	return state
}

// Find is the suite's issue: the oldest that is open, or else the newest that is
// closed. It is false where there is none.
func (b *Book) Find(ctx context.Context) (found Issue, ok bool, err error) {
	all, err := b.repo.Issues(ctx, b.label, strings.TrimSuffix(b.prefix, "\n"))
	if err != nil {
		return Issue{}, false, err
	}
	for _, i := range all { // newest first
		if i.Author == b.author && (!i.Closed || !ok) {
			found, ok = i, true
		}
	}
	return found, ok, nil
}

// Open opens an issue. Where another job opened one at the same time, the older one
// stays and the other is closed, with a word about it; mine says whose it was.
func (b *Book) Open(ctx context.Context, title, text string) (i Issue, mine bool, err error) {
	made, err := b.repo.CreateIssue(ctx, b.label, text, Issue{Title: title, Body: text})
	if err != nil {
		return made, false, err
	}
	if made.Author != b.author {
		b.author = made.Author // an app of its own, whose name only its works tell
	}
	first, ok, err := b.Find(ctx)
	if err != nil || !ok || first.Number == made.Number {
		return made, true, err
	}
	word := fmt.Sprintf("#%d is about the same: two jobs found it at the same time", first.Number)
	if _, err := b.repo.CommentIssue(ctx, made.Number, word, word); err != nil {
		return first, false, err
	}
	return first, false, b.repo.EditIssue(ctx, made.Number, rest.IssueEdit{Body: word, Reason: "not_planned"})
}

// Claim comments on an issue about some shifts. Of jobs that do so at the same time
// the one whose comment is the oldest has a shift; the others take their comment
// back where they have none. Won are the shifts that are this job's to tell.
func (b *Book) Claim(ctx context.Context, number int, ids []string, text string) (won []string, err error) {
	body := claimMarker + strings.Join(ids, " ") + markerEnd + "\n" + text
	made, err := b.repo.CommentIssue(ctx, number, body, body)
	if err != nil {
		return nil, err
	}
	all, err := b.repo.Comments(ctx, number, claimMarker)
	if err != nil {
		return ids, err // who knows: better told twice than not at all
	}
	won = slices.Clone(ids)
	for _, c := range all {
		if c.Author != made.Author || c.ID >= made.ID {
			continue
		}
		line, _, _ := strings.Cut(strings.TrimPrefix(c.Body, claimMarker), " -->")
		taken := strings.Fields(line)
		won = slices.DeleteFunc(won, func(id string) bool { return slices.Contains(taken, id) })
	}
	if len(won) == 0 {
		err = b.repo.DeleteComment(ctx, made.ID)
	}
	return won, err
}

// mostIssue is how many characters the text of an issue may have.
const mostIssue = rest.MostComment

// mostSaves is how often an issue is looked at again: as often as a crowd of jobs
// that all have something to write at the same time needs.
const mostSaves = 30

// Save brings an issue to what it should say: write tells it, given what the issue
// remembers now. Other jobs write too, so it looks again until nothing is to do.
func (b *Book) Save(ctx context.Context, i Issue, write func(state string) Saved) error {
	for range mostSaves {
		now, ok, err := b.find(ctx, i.Number)
		if err != nil || !ok {
			return err
		}
		want := write(b.State(now))
		if len(want.Text) > mostIssue {
			return errors.New("keep the issue: it is longer than GitHub takes: too much is worse at once")
		}
		edit := rest.IssueEdit{Title: want.Title, Body: want.Text}
		if want.Over && !now.Closed {
			edit.Reason = "completed"
		}
		if same(now.Body, want.Text) && edit.Reason == "" {
			return nil
		}
		if err := b.repo.EditIssue(ctx, i.Number, edit); err != nil {
			return err
		}
	}
	return fmt.Errorf("keep issue #%d: other jobs kept changing it", i.Number)
}

// Saved is what an issue should be.
type Saved struct {
	Title, Text string
	Over        bool // nothing is worse any more: it is closed
}

func (b *Book) find(ctx context.Context, number int) (Issue, bool, error) {
	all, err := b.repo.Issues(ctx, b.label, "")
	if err != nil {
		return Issue{}, false, err
	}
	at := slices.IndexFunc(all, func(i Issue) bool { return i.Number == number })
	if at < 0 {
		return Issue{}, false, fmt.Errorf("keep issue #%d: it has lost its label %q", number, b.label)
	}
	return all[at], true, nil
}
