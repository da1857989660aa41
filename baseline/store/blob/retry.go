package blob

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"
)

// patience is a bucket that tries again what may go well the next time. A write
// that is tried again may find what it wrote itself: errExists says no more than
// that something is there.
type patience struct {
	bucket
	place place
	tries int           // at most so many
	first time.Duration // wait after the first one; it doubles each time
	most  time.Duration // no wait is longer, whatever the server asks for
	limit time.Duration // of one try
}

func patient(b bucket, p place) patience {
	return patience{bucket: b, place: p, tries: 6, first: 200 * time.Millisecond, most: 30 * time.Second, limit: 3 * time.Minute}
}

func (p patience) get(ctx context.Context, key string) (body []byte, err error) {
	err = p.try(ctx, "read", key, func(ctx context.Context) (err error) {
		body, err = p.bucket.get(ctx, key)
		return err
	})
	return body, err
}

func (p patience) put(ctx context.Context, key string, body []byte) error {
	return p.try(ctx, "write", key, func(ctx context.Context) error { return p.bucket.put(ctx, key, body) })
}

func (p patience) list(ctx context.Context, prefix, token string) (found page, err error) {
	err = p.try(ctx, "list", prefix, func(ctx context.Context) (err error) {
		found, err = p.bucket.list(ctx, prefix, token)
		return err
	})
	return found, err
}

func (p patience) remove(ctx context.Context, key string) error {
	return p.try(ctx, "delete", key, func(ctx context.Context) error { return p.bucket.remove(ctx, key) })
}

// try calls f until it goes well, or never will.
func (p patience) try(ctx context.Context, verb, key string, f func(ctx context.Context) error) error {
	begin := time.Now()
	for n := 1; ; n++ {
		var r reply
		err := p.once(withReply(ctx, &r), f)
		if err == nil || errors.Is(err, errMissing) || errors.Is(err, errExists) {
			return err
		}
		o := outcome{verb: verb, key: key, reply: r, tries: n, took: time.Since(begin), err: err}
		if ctx.Err() != nil {
			o.err = ctx.Err()
			return p.place.explain(o)
		}
		if n >= p.tries || !o.passing() {
			return p.place.explain(o)
		}
		select {
		case <-ctx.Done():
		case <-time.After(p.wait(n, r)):
		}
	}
}

func (p patience) once(ctx context.Context, f func(ctx context.Context) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, p.limit)
	defer cancel()
	return f(ctx)
}

// wait is how long to wait after the nth try. What many jobs of one hour are told
// to do at once, they do at different times.
func (p patience) wait(n int, r reply) time.Duration {
	w := p.first << (n - 1)
	w = w/2 + rand.N(w/2+1)
	return min(max(w, r.after), p.most)
}

// outcome is how a call ended.
type outcome struct {
	verb, key string
	reply     reply
	tries     int
	took      time.Duration
	err       error
}

// passing reports whether it may go well the next time.
func (o outcome) passing() bool {
	var untrusted *x509.UnknownAuthorityError
	var certificate x509.CertificateInvalidError
	var access *accessError
	switch s := o.reply.status; {
	case errors.As(o.err, &access), errors.As(o.err, &untrusted), errors.As(o.err, &certificate):
		return false
	case s == 0, s < 300: // no reply, or one that broke off
		return true
	case s == http.StatusNotImplemented:
		return false
	case s >= 500, s == http.StatusRequestTimeout, s == http.StatusTooManyRequests:
		return true
	case s == http.StatusConflict: // two conditional writes at once
		return o.verb == "write"
	}
	return codeOf(o.err).code == "RequestTimeout" || codeOf(o.err).code == "SlowDown"
}

// accessError says that there is nothing to sign a request with.
type accessError struct{ reason string }

func (e *accessError) Error() string { return e.reason }

func noAccess(format string, args ...any) error { return &accessError{fmt.Sprintf(format, args...)} }
