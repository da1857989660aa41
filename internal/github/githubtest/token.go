package githubtest

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
)

// What GitHub answers when a token lacks a permission, and the id of the app
// that GITHUB_TOKEN belongs to.
const (
	notAccessible = "Resource not accessible by integration"
	ActionsApp    = 15368
)

// Token is what a client may authenticate with.
type Token struct {
	Secret string
	// Permissions maps contents, actions, checks, issues, pull_requests and
	// statuses to read or write; what is missing is none, as GitHub does once
	// one is set.
	Permissions map[string]string
	// Repo is the one repository that it was made for; nil for all. Public
	// repositories are readable with any token.
	Repo *Repo
	// App is the id of its app; 0 for a personal access token, which may not
	// touch check runs.
	App int64
	// Login is who comments: github-actions[bot] for GITHUB_TOKEN.
	Login string
}

// The permissions of GITHUB_TOKEN that the README asks for, and those that
// pull_request runs of forks get whatever the workflow says.
var (
	granted = map[string]string{"contents": "read", "actions": "read", "checks": "write", "issues": "write", "pull_requests": "write", "statuses": "write"}
	forked  = map[string]string{"contents": "read", "actions": "read", "checks": "read", "issues": "read", "pull_requests": "read", "statuses": "read"}
)

// AddToken makes a token known.
func (f *Fake) AddToken(t Token) *Token {
	f.Lock()
	defer f.Unlock()
	return f.addToken(t)
}

func (f *Fake) addToken(t Token) *Token {
	f.Tokens = append(f.Tokens, &t)
	return &t
}

// AddRunToken makes the GITHUB_TOKEN of a run's job: read-only for a
// pull_request of a fork or of Dependabot (GitHub docs: permissions cannot
// raise the one), else with what the README's table asks for.
func (f *Fake) AddRunToken(run *Run) *Token {
	f.Lock()
	defer f.Unlock()
	return f.addRunToken(run)
}

func (f *Fake) addRunToken(run *Run) *Token {
	may := granted
	if run.Event == "pull_request" && (run.Fork() || run.Actor == "dependabot[bot]") {
		may = forked
	}
	secret := fmt.Sprintf("ghs_%d_%d", run.ID, f.next())
	return f.addToken(Token{Secret: secret, Permissions: may, Repo: run.repo, App: ActionsApp, Login: "github-actions[bot]"})
}

func (t *Token) may(permission, level string) bool {
	has := t.Permissions[permission]
	return has == "write" || level == "read" && has == "read"
}

// bearer is the secret of a request; ok is false for a header that is missing
// or of another kind.
func bearer(r *http.Request) (secret string, ok bool) {
	kind, secret, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	if kind = strings.ToLower(kind); kind != "bearer" && kind != "token" {
		return "", false
	}
	return secret, ok
}

// authenticate finds the token of a call or answers 401.
func (c *call) authenticate() bool {
	secret, ok := bearer(c.r)
	if !ok {
		c.f.violate(c.r, "no Authorization with a token")
		c.fail(http.StatusUnauthorized, "Requires authentication")
		return false
	}
	for _, t := range c.f.Tokens {
		if t.Secret == secret {
			c.token = t
			return true
		}
	}
	c.f.violate(c.r, "Authorization with a token that this server did not give")
	c.fail(http.StatusUnauthorized, "Bad credentials")
	return false
}

// authorize answers 404 for what the token may not see and 403 for what it may
// not do. Public repositories are readable by all; needs lists the permissions
// of which one does, like "issues|pull_requests:write".
func (c *call) authorize(needs string) bool {
	own := c.token.Repo == nil || c.token.Repo == c.repo
	if c.repo.Private && !own {
		c.notFound()
		return false
	}
	names, level, _ := strings.Cut(needs, ":")
	if needs == "" || level == "read" && !c.repo.Private {
		return true
	}
	for name := range strings.SplitSeq(names, "|") {
		if own && c.token.may(name, level) {
			return true
		}
	}
	c.fail(http.StatusForbidden, notAccessible)
	return false
}

// RuntimeToken is the ACTIONS_RUNTIME_TOKEN of a run: a JWT whose scp holds the
// ids under which the artifact service knows the run and its job. The
// signature is none that anybody checks, as clients do not.
func (r *Run) RuntimeToken() string {
	enc := base64.RawURLEncoding.EncodeToString
	scp := fmt.Sprintf("Actions.GenericRead:00000000-0000-0000-0000-000000000000 %s%s:%s Actions.UploadArtifacts:00000000-0000-0000-0000-000000000000/1:Build/Build:%d",
		resultsScope, r.backend, r.jobBackend(), r.ID)
	claims := fmt.Sprintf(`{"nameid":"dddddddd-dddd-dddd-dddd-dddddddddddd","scp":%q,"exp":4102444800,"run_id":"%d","run_attempt":"%d"}`, scp, r.ID, r.Attempt)
	return enc([]byte(`{"typ":"JWT","alg":"RS256"}`)) + "." + enc([]byte(claims)) + "." + enc([]byte("signature"))
}

func (r *Run) jobBackend() string { return fmt.Sprintf("ca395085-040a-526b-2ce8-%012d", r.ID) }
