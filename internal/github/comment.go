package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/plumbline-ci/plumbline/internal/github/rest"
)

// ErrStale is what a writer of comments returns to leave the comment as it is:
// it tells of something newer.
var ErrStale = errors.New("the comment tells of a newer commit")

// A Writer says what the comment should say, given the texts that our comments
// have now: none where there is none, several where jobs raced. It is to stay
// within so many characters, and to give the same for the same. An empty text
// means that there is to be none yet.
type Writer func(now []string, most int) (string, error)

// mostRounds is how often a comment is looked at again. Two legs of a matrix that
// end together need three.
const mostRounds = 8

// leastComment is the shortest that a comment is made for a server that takes
// less than others.
const leastComment = 8 << 10

// Comment keeps the one comment of a pull request that begins with the marker and
// is by the token's own author. It writes and looks again until the comment says
// what it should: other jobs write to it at the same time, each what it knows, and
// whoever writes last has seen what all others did.
func (h *Hub) Comment(ctx context.Context, pull int, marker string, write Writer) error {
	if h.Repo == nil {
		return h.unreachable("comment on the pull request")
	}
	k := keeper{repo: h.Repo, pull: pull, marker: marker, author: h.Repo.Author(ctx), most: rest.MostComment}
	for range mostRounds {
		done, err := k.round(ctx, write)
		if errors.Is(err, ErrStale) {
			h.step.Debugf("%v", err)
			return nil
		}
		if tooLong := rest.Status(err) == http.StatusUnprocessableEntity; tooLong && k.most/2 >= leastComment {
			k.most /= 2
			continue
		}
		if done || err != nil {
			return err
		}
	}
	return fmt.Errorf("comment on #%d: other jobs kept changing the comment", pull)
}

// keeper keeps one comment.
type keeper struct {
	repo           *rest.Repo
	pull           int
	marker, author string
	most           int // characters
}

// round brings the comment nearer to what it should be, and reports whether there
// was nothing to do.
func (k *keeper) round(ctx context.Context, write Writer) (done bool, err error) {
	all, err := k.repo.Comments(ctx, k.pull, k.marker)
	if err != nil {
		return false, err
	}
	var own []rest.Comment
	var now []string
	for _, c := range all {
		if c.Author == k.author {
			own, now = append(own, c), append(now, c.Body)
		}
	}
	text, err := write(now, k.most)
	if err != nil {
		return false, err
	}
	switch {
	case text == "" && len(own) == 0:
		return true, nil
	case len(own) == 0:
		made, err := k.repo.CreateComment(ctx, k.pull, text, uniqueIn(text))
		if err == nil {
			k.author = made.Author // now we know
		}
		return false, err
	case same(own[0].Body, text):
		return len(own) == 1, k.remove(ctx, own[1:])
	}
	err = k.repo.EditComment(ctx, own[0].ID, text)
	if rest.Status(err) == http.StatusNotFound { // deleted since we looked
		err = nil
	}
	return false, err
}

// remove deletes what racing jobs made besides the oldest comment, which has what
// they said by now.
func (k *keeper) remove(ctx context.Context, doubled []rest.Comment) error {
	for _, c := range doubled {
		if err := k.repo.DeleteComment(ctx, c.ID); err != nil {
			return err
		}
	}
	return nil
}

// same compares texts as GitHub may have stored them.
func same(stored, text string) bool {
	plain := func(s string) string { return strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n")) }
	return plain(stored) == plain(text)
}

// uniqueIn is what tells a text from every other comment: all of it.
func uniqueIn(text string) string { return strings.TrimSpace(text) }
