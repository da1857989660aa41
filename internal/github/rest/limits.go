package rest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// reserve is how many requests of the hour are left to others: all jobs of a
// repository share a thousand.
const reserve = 50

// ErrReserve is why a request was not sent at all.
var ErrReserve = fmt.Errorf("fewer than %d requests are left of this hour's, and the repository's other jobs need them", reserve)

// limits sends requests, tries them again and heeds GitHub's rate limits, as
// https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api
// wants it: after a 403 or 429 it waits as Retry-After says, or until the limit
// resets, or a growing time from a minute on. Where that is beyond the context's
// deadline the answer stands.
//
// A request that only reads is also sent again after an error of the network or
// the server. One that writes is not: it may have happened.
type limits struct {
	reads, writes *retryablehttp.Client
	left, reset   atomic.Int64                  // requests that the last answer left us, -1 where it did not say, and until when
	ahead         atomic.Pointer[time.Duration] // by which our clock is, as the last answer tells
	log           func(string)
	unit          time.Duration // a second, but for tests
}

// newLimits returns limits that tell log why they wait.
func newLimits(log func(string)) *limits {
	l := &limits{log: log, unit: time.Second}
	l.left.Store(-1)
	l.reads, l.writes = l.client(true), l.client(false)
	return l
}

const mostTries = 5

func (l *limits) client(again bool) *retryablehttp.Client {
	c := retryablehttp.NewClient()
	c.Logger = nil
	c.RetryMax = mostTries - 1
	c.HTTPClient.Timeout = requestTimeout
	c.HTTPClient.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	c.ErrorHandler = retryablehttp.PassthroughErrorHandler
	c.CheckRetry = func(ctx context.Context, resp *http.Response, err error) (bool, error) {
		return l.worthTrying(ctx, resp, err, again)
	}
	c.Backoff = func(_, _ time.Duration, try int, resp *http.Response) time.Duration {
		return l.wait(try, resp)
	}
	return c
}

// RoundTrip sends a request.
func (l *limits) RoundTrip(r *http.Request) (*http.Response, error) {
	if left := l.left.Load(); left >= 0 && left < reserve && time.Now().Unix() < l.reset.Load() {
		return nil, ErrReserve
	}
	c := l.writes
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		c = l.reads
	}
	wrapped, err := retryablehttp.FromRequest(r)
	if err != nil {
		return nil, err
	}
	resp, err := c.Do(wrapped)
	if resp != nil {
		l.note(resp)
	}
	return resp, err
}

// note remembers how many requests are left, and what time it is there.
func (l *limits) note(resp *http.Response) {
	if at, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		ahead := time.Since(at).Truncate(time.Second)
		l.ahead.Store(&ahead)
	}
	left, err := strconv.ParseInt(resp.Header.Get("X-Ratelimit-Remaining"), 10, 64)
	reset, resetErr := strconv.ParseInt(resp.Header.Get("X-Ratelimit-Reset"), 10, 64)
	if err != nil || resetErr != nil {
		left = -1
	}
	l.left.Store(left)
	l.reset.Store(reset)
}

// worthTrying says whether a request is sent again.
func (l *limits) worthTrying(ctx context.Context, resp *http.Response, err error, again bool) (bool, error) {
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	if err != nil {
		if again {
			l.log(fmt.Sprintf("GitHub did not answer (%v); trying again", Plain(err)))
		}
		return again, nil
	}
	switch {
	case limited(resp):
		wait := l.wait(0, resp)
		if end, ok := ctx.Deadline(); ok && time.Until(end) < wait {
			return false, nil
		}
		l.log(fmt.Sprintf("GitHub limits our requests (%s); waiting %s", resp.Status, wait.Round(time.Second)))
		return true, nil
	case resp.StatusCode >= 500 && resp.StatusCode != http.StatusNotImplemented && again:
		l.log(fmt.Sprintf("GitHub answered %s; trying again", resp.Status))
		return true, nil
	}
	return false, nil
}

// limited says whether an answer is a rate limit, primary or secondary. Without
// the headers a 403 means that something is forbidden.
func limited(resp *http.Response) bool {
	switch resp.StatusCode {
	case http.StatusTooManyRequests:
		return true
	case http.StatusForbidden:
		return resp.Header.Get("Retry-After") != "" || resp.Header.Get("X-Ratelimit-Remaining") == "0"
	}
	return false
}

// wait is how long to wait before the next try, the first of which is 0, with
// up to a quarter more at random, so that jobs that were refused together do not
// come back together.
func (l *limits) wait(try int, resp *http.Response) time.Duration {
	base := l.unit << try
	if resp != nil && limited(resp) {
		base = l.asked(try, resp)
	}
	return base + time.Duration(rand.Int64N(int64(base)/4+1))
}

// asked is the wait that a rate limit asks for.
func (l *limits) asked(try int, resp *http.Response) time.Duration {
	if s, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && s >= 0 {
		return time.Duration(s) * l.unit
	}
	if t, err := http.ParseTime(resp.Header.Get("Retry-After")); err == nil {
		return max(time.Until(t), l.unit)
	}
	if at, err := strconv.ParseInt(resp.Header.Get("X-Ratelimit-Reset"), 10, 64); err == nil && resp.Header.Get("X-Ratelimit-Remaining") == "0" {
		return max(time.Until(time.Unix(at, 0))+l.unit, l.unit)
	}
	return time.Minute / time.Second * l.unit << try
}
