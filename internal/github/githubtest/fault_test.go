package githubtest

import (
	"context"
	"errors"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-github/v60/github"
)

// What a client sees of each fault, and whether the comment was made.
func TestFaults(t *testing.T) {
	t.Parallel()
	reset := time.Now().Add(time.Hour).Truncate(time.Second)
	status := func(code int) func(error) bool {
		return func(err error) bool {
			var e *github.ErrorResponse
			return errors.As(err, &e) && e.Response.StatusCode == code
		}
	}
	for _, row := range []struct {
		name     string
		harm     Harm
		as       func(error) bool
		comments int
	}{
		{"502", Answer(502), status(502), 0},
		{"503 afterwards", AnswerAfter(503), status(503), 1},
		{"primary limit", PrimaryLimit(403, reset), func(err error) bool {
			var e *github.RateLimitError
			return errors.As(err, &e) && e.Rate.Reset.Equal(github.Timestamp{Time: reset})
		}, 0},
		{"primary limit as 429", PrimaryLimit(429, reset), status(429), 0},
		{"secondary limit", SecondaryLimit(403, 7), func(err error) bool {
			var e *github.AbuseRateLimitError
			return errors.As(err, &e) && *e.RetryAfter == 7*time.Second
		}, 0},
		{"secondary limit as 429", SecondaryLimit(429, 7), status(429), 0},
		{"drop", Drop(false), func(err error) bool { return errors.Is(err, io.EOF) }, 0},
		{"drop afterwards", Drop(true), func(err error) bool { return errors.Is(err, io.EOF) }, 1},
		{"truncated", Truncate(), func(err error) bool { return errors.Is(err, io.ErrUnexpectedEOF) }, 1},
		{"garbage", Garbage(), func(err error) bool { return err != nil && !status(201)(err) }, 1},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w, ctx := start(t), context.Background()
			w.AddIssue(w.repo, Issue{Title: "i"})
			fault := w.Break(Fault{Method: "POST", Path: "/repos/*/comments", Times: 1, Do: row.harm})
			create := func(client *github.Client) error {
				_, _, err := client.Issues.CreateComment(ctx, "octo", "app", 1, &github.IssueComment{Body: github.String("b")})
				return err
			}
			if err := create(w.client); !row.as(err) {
				t.Errorf("the error is %T %v", err, err)
			}
			if got := w.comments(); got != row.comments {
				t.Errorf("%d comments, want %d", got, row.comments)
			}
			if err := create(w.as(w.Tokens[0])); err != nil || w.comments() != row.comments+1 {
				t.Errorf("the next try: %v, %d comments, want one more", err, w.comments())
			}
			if !w.Heal(fault) || w.Heal(w.Break(Fault{Path: "/x"})) {
				t.Error("Heal tells wrongly whether the fault hit a request")
			}
			w.clean(t)
		})
	}
}

// comments are counted under the lock: without an answer nothing else says
// that the server is done.
func (w *world) comments() int {
	w.Lock()
	defer w.Unlock()
	return len(w.repo.Comments)
}

func TestFaultFromTheSecondTimeOn(t *testing.T) {
	t.Parallel()
	w := start(t)
	fault := w.Break(Fault{Path: "/repos/octo/*", From: 2, Do: Answer(500)})
	var got []int
	for i := range 4 {
		if i == 3 {
			w.Heal(fault)
		}
		_, res, _ := w.client.Repositories.Get(context.Background(), "octo", "app")
		got = append(got, res.StatusCode)
	}
	if got[0] != 200 || got[1] != 500 || got[2] != 500 || got[3] != 200 {
		t.Errorf("statuses %d, want 200, 500, 500 and 200 when it is healed", got)
	}
}

// A slow body is stopped by the client's own limit, and never waited for here.
func TestSlowBody(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.Break(Fault{Do: Slow(time.Hour)})
	r, err := http.NewRequest("GET", w.server.URL+"/repos/octo/app", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+w.Tokens[0].Secret)
	ctx, cancel := context.WithCancel(context.Background())
	res, err := http.DefaultClient.Do(r.WithContext(ctx))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	half := make([]byte, res.ContentLength/2)
	if _, err := io.ReadFull(res.Body, half); err != nil || res.StatusCode != 200 {
		t.Errorf("the first half: %d %v, want 200", res.StatusCode, err)
	}
	cancel()
	if rest, err := io.ReadAll(res.Body); err == nil {
		t.Errorf("the second half came: %q", rest)
	}
}

func TestPrimaryLimitIsCountedDown(t *testing.T) {
	t.Parallel()
	w, ctx := start(t), context.Background()
	w.Remaining = 1
	_, res, err := w.client.Repositories.Get(ctx, "octo", "app")
	if err != nil || res.Rate.Remaining != 0 || res.Rate.Limit != 1000 {
		t.Errorf("rate %v, %v, want 0 of 1000 remaining", res.Rate, err)
	}
	var limited *github.RateLimitError
	if _, _, err := w.as(w.Tokens[0]).Repositories.Get(ctx, "octo", "app"); !errors.As(err, &limited) {
		t.Errorf("with none remaining: %v, want a rate limit", err)
	}
	if limits, _, err := w.as(w.Tokens[0]).RateLimit.Get(ctx); err != nil || limits.Core.Remaining != 0 {
		t.Errorf("the limit itself: %v, %v, want an answer", limits, err)
	}
	w.Reset = time.Now().Add(-time.Second)
	if _, _, err := w.as(w.Tokens[0]).Repositories.Get(ctx, "octo", "app"); err != nil {
		t.Errorf("after the reset: %v, want an answer", err)
	}
	w.clean(t)
}

func TestExpiredSAS(t *testing.T) {
	t.Parallel()
	w := start(t)
	a := w.AddArtifact(w.run, "a", nil)
	w.Break(Fault{Path: "/blob/*", Times: 1, Do: ExpiredSAS()})
	for _, want := range []int{403, 200} {
		u, _, err := w.client.Actions.DownloadArtifact(context.Background(), "octo", "app", a.ID, 0)
		if err != nil {
			t.Fatal(err)
		}
		if status, text, _ := plain(t, "GET", u.String(), ""); status != want {
			t.Errorf("download = %d %s, want %d", status, text, want)
		}
	}
	w.clean(t)
}
