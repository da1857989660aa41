package rest

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"

	gh "github.com/google/go-github/v60/github"
)

// Plain is an error without the query of any address in it, which may hold a
// signature that is as good as a password.
func Plain(err error) error {
	var u *url.Error
	if !errors.As(err, &u) {
		return err
	}
	at := u.URL
	if parsed, bad := url.Parse(u.URL); bad == nil {
		at = parsed.Host + parsed.Path
	}
	why := u.Err
	for inner := (*url.Error)(nil); errors.As(why, &inner); {
		why = inner.Err // each layer of clients wraps it once more
	}
	return fmt.Errorf("%s %s: %w", u.Op, at, why)
}

// Status is the status of the answer behind an error, 0 where there was none.
func Status(err error) int {
	var answer *gh.ErrorResponse
	var primary *gh.RateLimitError
	var secondary *gh.AbuseRateLimitError
	var own *statusError
	switch {
	case errors.As(err, &own):
		return own.status
	case errors.As(err, &answer) && answer.Response != nil:
		return answer.Response.StatusCode
	case errors.As(err, &primary), errors.As(err, &secondary):
		return http.StatusTooManyRequests
	}
	return 0
}

// statusError is an answer to a request that did not go through the library's
// own reading of errors.
type statusError struct {
	status int
	text   string
}

func (e *statusError) Error() string { return e.text }

// Forbidden reports whether GitHub refuses the token what was asked: the job's
// permissions, or a pull request from a fork, whose token can only read.
func Forbidden(err error) bool {
	switch Status(err) {
	case http.StatusForbidden, http.StatusUnauthorized, http.StatusNotFound:
		return true
	}
	return false
}

// wrap names what was tried, and what it needs where GitHub refused it.
func wrap(what, permission string, err error) error {
	if err == nil {
		return nil
	}
	err = Plain(err)
	if Forbidden(err) && permission != "" {
		return fmt.Errorf("%s: the token may not (it needs the permission %q, and a fork's pull request never has one that writes): %w", what, permission, err)
	}
	return fmt.Errorf("%s: %w", what, err)
}
