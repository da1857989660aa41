package githubtest

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"time"
)

// Fake is a GitHub. Hold its lock while you touch the state and requests may
// be under way; the Add… methods, OpenPull, ForkPull and Env take it themselves.
type Fake struct {
	sync.Mutex

	Repos  []*Repo
	Tokens []*Token

	// Now is the clock of the server, time.Now when New made it.
	Now func() time.Time
	// GHES makes it a GitHub Enterprise Server: the API lies under /api/v3,
	// there is no artifact service, no digest and no rate limit.
	GHES bool
	// Asking lets a client send {} to see whether it is refused for its rights or
	// for its body. The answers are as ever.
	Asking bool
	// CamelCase spells the answers of the artifact service as act and Gitea do.
	CamelCase bool
	// IgnorePutBlob makes a Put Blob without blocks answer 201 and store
	// nothing, as act does.
	IgnorePutBlob bool
	// Limit, Remaining and Reset are the primary rate limit, which GitHub
	// counts down with every request (REST docs: 1,000 an hour and repository
	// for GITHUB_TOKEN).
	Limit, Remaining int
	Reset            time.Time
	// SignedFor is how long a signed download is valid: a minute, as the REST
	// docs say of an artifact's archive. A negative one has expired at once.
	SignedFor time.Duration

	commits    map[string]*Commit // all of the networks: forks share objects
	blobs      map[string]*blob
	uploads    []*upload
	faults     []*Fault
	violations []string
	serial     int64
}

// New is an empty GitHub.
func New() *Fake {
	return &Fake{
		Now: time.Now, Limit: 1000, Remaining: 1000, Reset: time.Now().Add(time.Hour), SignedFor: time.Minute,
		commits: map[string]*Commit{}, blobs: map[string]*blob{}, serial: 1000,
	}
}

// Violations are the requests so far that GitHub's contract does not allow,
// each with what is wrong about it.
func (f *Fake) Violations() []string {
	f.Lock()
	defer f.Unlock()
	return slices.Clone(f.violations)
}

func (f *Fake) violate(r *http.Request, format string, args ...any) {
	f.violations = append(f.violations, fmt.Sprintf("%s %s: %s", r.Method, r.URL.Path, fmt.Sprintf(format, args...)))
}

// next is an id that nothing else has; later ones are greater.
func (f *Fake) next() int64 {
	f.serial++
	return f.serial
}

// ServeHTTP answers one request. The body is read before the state is locked,
// so that a slow client stops nobody else.
func (f *Fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the client went away
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	fault := f.faultFor(r)
	answer := httptest.NewRecorder()
	if fault == nil || fault.Do.after {
		f.serve(answer, r, body)
	}
	if fault == nil {
		send(w, answer)
		return
	}
	fault.Do.play(f, w, r, answer)
}

func (f *Fake) serve(w http.ResponseWriter, r *http.Request, body []byte) {
	f.Lock()
	defer f.Unlock()
	switch {
	case strings.HasPrefix(r.URL.Path, blobPath):
		f.serveBlob(w, r, body)
	case strings.HasPrefix(r.URL.Path, twirpPath) && !f.GHES:
		f.serveTwirp(w, r, body)
	default:
		f.serveREST(w, r, body)
	}
}

func send(w http.ResponseWriter, answer *httptest.ResponseRecorder) {
	for key, values := range answer.Header() {
		w.Header()[key] = values
	}
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes()) // a client that left is no concern of ours
}

// base is the address under which a client reached this server.
func base(r *http.Request) string {
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	return cmp.Or(r.Header.Get("X-Forwarded-Proto"), scheme) + "://" + r.Host
}
