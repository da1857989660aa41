package blob

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"
)

// fault is an error of a server in the words of its protocol.
type fault struct {
	code    string // such as AccessDenied
	message string
	region  string // where the bucket is, if the server says so
}

func (f *fault) Error() string {
	return strings.TrimSpace(f.code + " " + f.message)
}

func codeOf(err error) fault {
	if f := (*fault)(nil); errors.As(err, &f) {
		return *f
	}
	return fault{}
}

// explain says what was tried, why it did not go well, and what to do. It quotes no
// address of a request, as that may have a signature in it.
func (p place) explain(o outcome) error {
	what := fmt.Sprintf("%s %s of store %q", o.verb, cmp.Or(o.key, "all"), p.name())
	if errors.Is(o.err, context.Canceled) || errors.Is(o.err, context.DeadlineExceeded) {
		return fmt.Errorf("%s: %w", what, o.err)
	}
	if o.tries > 1 {
		what += fmt.Sprintf(" (%d tries in %s)", o.tries, o.took.Round(time.Second/10))
	}
	err := &callError{text: what + ": " + p.reason(o), status: o.reply.status, cause: inner(o.err)}
	if advice := p.advice(o); advice != "" {
		err.text += "; " + advice
	}
	return err
}

// callError is a call that did not go well.
type callError struct {
	text   string
	status int
	cause  error // for who asks whether the network was at fault; its text is no one's to read
}

func (e *callError) Error() string { return e.text }

func (e *callError) Unwrap() error { return e.cause }

// inner is an error without the address of the request that package http puts
// around it.
func inner(err error) error {
	if u := (*url.Error)(nil); errors.As(err, &u) {
		return u.Err
	}
	return err
}

// refused reports whether a call is one that the credentials do not allow.
func refused(err error) bool {
	e := (*callError)(nil)
	return errors.As(err, &e) && (e.status == http.StatusForbidden || e.status == http.StatusUnauthorized)
}

// reason is the error without what may be secret in it.
func (p place) reason(o outcome) string {
	f := codeOf(o.err)
	if f != (fault{}) {
		return plain(fmt.Sprintf("%d %s", o.reply.status, f.Error()))
	}
	if o.reply.status >= 300 {
		return fmt.Sprintf("%d %s", o.reply.status, http.StatusText(o.reply.status))
	}
	return plain(inner(o.err).Error())
}

// plain makes one short line of a server's text.
func plain(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s)
	if len(s) > 300 {
		s = strings.ToValidUTF8(s[:300], "") + "…"
	}
	return strings.TrimSpace(s)
}

// mostSkew is how wrong a clock may be before servers refuse what it signs.
const mostSkew = 4 * time.Minute

// advice says what to do about an outcome; empty: nobody knows.
func (p place) advice(o outcome) string {
	f, status := codeOf(o.err), o.reply.status
	if behind := time.Until(o.reply.date); status == http.StatusForbidden || f.code == "RequestTimeTooSkewed" {
		if f.code == "RequestTimeTooSkewed" || !o.reply.date.IsZero() && behind.Abs() > mostSkew {
			return fmt.Sprintf("the clock of this machine and that of the server differ by %s: set this machine's", behind.Abs().Round(time.Second))
		}
	}
	switch {
	case f.region != "" && f.region != p.region(), f.code == "AuthorizationHeaderMalformed", f.code == "PermanentRedirect", status == http.StatusMovedPermanently:
		return fmt.Sprintf("the bucket is in another region%s: name it, as in %s?region=NAME", in(f.region), p.bare())
	case f.code == "NoSuchBucket", f.code == "ContainerNotFound", status == http.StatusNotFound:
		return fmt.Sprintf("there is no %s %q: make it, or correct the address", p.kind().container, p.bucket)
	case f.code == "ExpiredToken", f.code == "TokenRefreshRequired":
		return "the credentials are no longer valid: get new ones"
	case f.code == "InvalidAccessKeyId", f.code == "SignatureDoesNotMatch", f.code == "InvalidToken", f.code == "AuthenticationFailed", status == http.StatusUnauthorized:
		return "the credentials are wrong; they come from " + p.kind().credentials
	case status == http.StatusForbidden:
		return fmt.Sprintf("the credentials may not %s here; what they need is %s", o.verb, p.kind().permissions[o.verb])
	case status == http.StatusNotImplemented && o.verb == "write":
		return fmt.Sprintf("the server has no conditional writes: give %s?conditional=off, and let each run have an id of its own", p.bare())
	case status == 0 && p.endpoint() != "":
		return fmt.Sprintf("nothing sound came from %s: look whether it runs and can be reached from here", p.endpoint())
	}
	return ""
}

func in(region string) string {
	if region == "" {
		return ""
	}
	return fmt.Sprintf(" (%s)", plain(region))
}
