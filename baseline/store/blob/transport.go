package blob

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// reply is what a server said to the last request under a context, whichever
// client sent it.
type reply struct {
	status int           // 0: none came
	after  time.Duration // it asks to wait so long; 0: it does not
	date   time.Time     // its clock; zero: it did not say
}

type replyKey struct{}

func withReply(ctx context.Context, r *reply) context.Context {
	return context.WithValue(ctx, replyKey{}, r)
}

// transport notes replies.
type transport struct{ http.RoundTripper }

// newTransport makes the transport of a store: connections that hang end, and one
// is kept for each of the readers.
func newTransport() http.RoundTripper {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConnsPerHost = readers
	t.ResponseHeaderTimeout = 45 * time.Second
	return transport{t}
}

// RoundTrip sends a request and notes what comes back.
func (t transport) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := t.RoundTripper.RoundTrip(req)
	if r, ok := req.Context().Value(replyKey{}).(*reply); ok && err == nil {
		*r = reply{status: resp.StatusCode, after: retryAfter(resp.Header)}
		r.date, _ = http.ParseTime(resp.Header.Get("Date"))
	}
	return resp, err
}

func retryAfter(h http.Header) time.Duration {
	if ms, err := strconv.Atoi(h.Get("x-ms-retry-after-ms")); err == nil && ms > 0 {
		return time.Duration(ms) * time.Millisecond
	}
	text := strings.TrimSpace(h.Get("Retry-After"))
	if seconds, err := strconv.Atoi(text); err == nil && seconds > 0 {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		now, err := http.ParseTime(h.Get("Date"))
		if err != nil {
			now = time.Now()
		}
		return max(at.Sub(now), 0)
	}
	return 0
}
