package githubtest

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	rateWindow       = time.Hour
	primaryMessage   = "API rate limit exceeded for installation. If you reach out to GitHub Support for help, please include the request ID."
	secondaryMessage = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
	secondaryDocs    = "https://docs.github.com/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits"
)

// Fault is what goes wrong with the requests that it matches, for as long as
// it is set. The zero Method and Path match all.
//
// A dropped connection is invisible when it was a reused one and the request a
// GET: net/http then sends it again. Let such a fault happen more often.
type Fault struct {
	Method string
	Path   string // "*" stands for any text, slashes too
	From   int    // the first matching request that it hits, counted from 1; 0 is 1
	Times  int    // how many it hits; 0 for all
	Do     Harm
	seen   int
	hits   int
}

// Harm is a way in which an answer goes wrong.
type Harm struct {
	after bool // the request takes effect first
	play  func(f *Fake, w http.ResponseWriter, r *http.Request, answer *httptest.ResponseRecorder)
}

// Break sets a fault. Of several that match a request the first one set counts.
func (f *Fake) Break(fault Fault) *Fault {
	f.Lock()
	defer f.Unlock()
	f.faults = append(f.faults, &fault)
	return &fault
}

// Heal takes a fault away, and tells whether it ever hit a request.
func (f *Fake) Heal(fault *Fault) (hit bool) {
	f.Lock()
	defer f.Unlock()
	f.faults = slices.DeleteFunc(f.faults, func(x *Fault) bool { return x == fault })
	return fault.hits > 0
}

func (f *Fake) faultFor(r *http.Request) *Fault {
	f.Lock()
	defer f.Unlock()
	for _, fault := range f.faults {
		if !fault.matches(r) {
			continue
		}
		fault.seen++
		if from := max(fault.From, 1); fault.seen >= from && (fault.Times == 0 || fault.seen < from+fault.Times) {
			fault.hits++
			return fault
		}
	}
	return nil
}

func (fault *Fault) matches(r *http.Request) bool {
	if fault.Method != "" && fault.Method != r.Method {
		return false
	}
	pattern := "^" + strings.ReplaceAll(regexp.QuoteMeta(fault.Path), `\*`, ".*") + "$"
	return fault.Path == "" || regexp.MustCompile(pattern).MatchString(r.URL.Path)
}

// Answer answers with a status such as 502, and the request has no effect.
func Answer(code int) Harm { return answers(code, http.StatusText(code), nil) }

// AnswerAfter answers with a status although the request took effect.
func AnswerAfter(code int) Harm {
	h := Answer(code)
	h.after = true
	return h
}

// PrimaryLimit answers with 403 or 429 and nothing remaining until reset.
func PrimaryLimit(code int, reset time.Time) Harm {
	return answers(code, primaryMessage, func(_ *Fake, h http.Header) {
		h.Set("X-Ratelimit-Remaining", "0")
		h.Set("X-Ratelimit-Reset", strconv.FormatInt(reset.Unix(), 10))
	})
}

// SecondaryLimit answers with 403 or 429 and the seconds to wait; negative ones
// send no Retry-After, as GitHub does at times.
func SecondaryLimit(code, retryAfter int) Harm {
	return answers(code, secondaryMessage, func(_ *Fake, h http.Header) {
		if retryAfter >= 0 {
			h.Set("Retry-After", strconv.Itoa(retryAfter))
		}
	})
}

func answers(code int, message string, header func(*Fake, http.Header)) Harm {
	return Harm{play: func(f *Fake, w http.ResponseWriter, r *http.Request, _ *httptest.ResponseRecorder) {
		f.Lock()
		defer f.Unlock()
		c := &call{f: f, w: w, r: r}
		if !f.GHES {
			f.rateHeaders(w.Header())
		}
		if header != nil {
			header(f, w.Header())
		}
		docs := "https://docs.github.com/rest"
		if message == secondaryMessage {
			docs = secondaryDocs
		}
		c.json(code, obj{"message": message, "documentation_url": docs, "code": "unavailable", "msg": message})
	}}
}

// Drop closes the connection without an answer, before the request took effect
// or after it.
func Drop(after bool) Harm {
	return Harm{after: after, play: func(*Fake, http.ResponseWriter, *http.Request, *httptest.ResponseRecorder) {
		panic(http.ErrAbortHandler)
	}}
}

// Slow sends half of the body, waits and sends the rest.
func Slow(wait time.Duration) Harm {
	return Harm{after: true, play: func(_ *Fake, w http.ResponseWriter, r *http.Request, answer *httptest.ResponseRecorder) {
		rest := sendHalf(w, answer)
		timer := time.NewTimer(wait)
		defer timer.Stop()
		select {
		case <-timer.C:
			_, _ = w.Write(rest) // a client that left is what this is for
		case <-r.Context().Done():
		}
	}}
}

// Stall never answers, and tells when a request came for the first time.
func Stall() (harm Harm, came <-chan struct{}) {
	c := make(chan struct{})
	first := sync.OnceFunc(func() { close(c) })
	return Harm{play: func(_ *Fake, _ http.ResponseWriter, r *http.Request, _ *httptest.ResponseRecorder) {
		first()
		<-r.Context().Done() // until the client leaves
	}}, c
}

// Truncate sends half of the body and closes the connection.
func Truncate() Harm {
	return Harm{after: true, play: func(_ *Fake, w http.ResponseWriter, _ *http.Request, answer *httptest.ResponseRecorder) {
		sendHalf(w, answer)
		panic(http.ErrAbortHandler)
	}}
}

// sendHalf announces the whole body, sends its first half and returns the rest.
func sendHalf(w http.ResponseWriter, answer *httptest.ResponseRecorder) (rest []byte) {
	body := answer.Body.Bytes()
	for key, values := range answer.Header() {
		w.Header()[key] = values
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(answer.Code)
	_, _ = w.Write(body[:len(body)/2]) // as above
	_ = http.NewResponseController(w).Flush()
	return body[len(body)/2:]
}

// Garbage sends the right status with a body that is no JSON.
func Garbage() Harm {
	return Harm{after: true, play: func(_ *Fake, w http.ResponseWriter, _ *http.Request, answer *httptest.ResponseRecorder) {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(answer.Code)
		_, _ = w.Write([]byte("<html><body>Unicorn!</body></html>\n"))
	}}
}

// ExpiredSAS answers a blob request as one whose signature ran out.
func ExpiredSAS() Harm {
	return Harm{play: func(_ *Fake, w http.ResponseWriter, _ *http.Request, _ *httptest.ResponseRecorder) {
		blobError(w, http.StatusForbidden, "AuthenticationFailed", "Signature not valid in the specified time frame")
	}}
}
