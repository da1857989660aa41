package rest

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	gh "github.com/google/go-github/v60/github"
)

// Options say which repository, and with what rights.
type Options struct {
	URL        string // of the interface, GITHUB_API_URL; empty: https://api.github.com
	Repository string // OWNER/NAME
	Token      string
	Agent      string // how the program calls itself, with its version
	// Log is told of every request that is tried again and every wait; nil: nobody.
	Log func(msg string)
	// Unit is what the waits are counted in; 0: a second. It is for tests.
	Unit time.Duration
}

// Repo is one repository. It serves many goroutines, and yet GitHub wants writes
// one after another.
type Repo struct {
	gh          *gh.Client
	blobs       *http.Client // has no token and follows no redirect
	limits      *limits
	owner, name string
	token       string
}

// New returns the repository of the options. It sends nothing yet.
func New(o Options) (*Repo, error) {
	owner, name, ok := strings.Cut(o.Repository, "/")
	if !ok || owner == "" || name == "" || strings.Contains(name, "/") {
		return nil, fmt.Errorf("repository %q: want OWNER/NAME", o.Repository)
	}
	if o.Token == "" {
		return nil, errors.New("there is no token: give the step the input github-token")
	}
	base, err := baseURL(o.URL)
	if err != nil {
		return nil, err
	}
	if o.Log == nil {
		o.Log = func(string) {}
	}
	l := newLimits(o.Log)
	if o.Unit > 0 {
		l.unit = o.Unit
	}
	// The token goes to the interface's own host and nowhere else, whatever a
	// redirect says: blobs are fetched by a client that has none.
	c := gh.NewClient(&http.Client{Transport: &onlyTo{host: base.Host, scheme: base.Scheme, next: l}}).WithAuthToken(o.Token)
	c.BaseURL = base
	if o.Agent != "" {
		c.UserAgent = o.Agent
	}
	return &Repo{gh: c, limits: l, owner: owner, name: name, token: o.Token, blobs: blobClient()}, nil
}

// baseURL reads the address of the interface, to which paths are appended.
func baseURL(text string) (*url.URL, error) {
	if text == "" {
		text = "https://api.github.com"
	}
	u, err := url.Parse(strings.TrimSuffix(text, "/") + "/")
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, fmt.Errorf("GITHUB_API_URL %q is no address; want one such as https://api.github.com", text)
	}
	return u, nil
}

// requestTimeout bounds one try of one request, its body included.
const requestTimeout = time.Minute

func blobClient() *http.Client {
	return &http.Client{
		Timeout:       5 * time.Minute,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// onlyTo refuses requests to other hosts than its own.
type onlyTo struct {
	scheme, host string
	next         http.RoundTripper
}

func (t *onlyTo) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Host != t.host || r.URL.Scheme != t.scheme {
		return nil, fmt.Errorf("the interface sent us to %s, which gets no token", r.URL.Host)
	}
	return t.next.RoundTrip(r)
}
