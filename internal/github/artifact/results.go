package artifact

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// ErrUnsupported is why there is no Results: the server has no artifacts of
// version 4, as GitHub Enterprise Server, or this is no job.
var ErrUnsupported = errors.New("this server takes no artifacts of version 4 (GitHub Enterprise Server does not yet)")

// ErrExists is why an artifact was not uploaded: the workflow run has one of
// that name.
var ErrExists = errors.New("the workflow run has an artifact of that name already")

// Results is the service of the current workflow run that takes and lists its
// artifacts. It needs no permission, and works for a fork's pull request too.
type Results struct {
	origin   string // scheme and host, to which alone the token goes
	token    string
	run, job string // ids of its own, not those of the REST interface
	api      *http.Client
	blobs    *http.Client // sends no token
	log      func(msg string)
	unit     time.Duration // a second, but for tests
}

// NewResults reads the service's address and token from the environment that
// the runner gives to a container action. Log is told of what is tried again.
func NewResults(getenv func(string) string, log func(msg string)) (*Results, error) {
	at, token := getenv("ACTIONS_RESULTS_URL"), getenv("ACTIONS_RUNTIME_TOKEN")
	if at == "" || token == "" {
		return nil, ErrUnsupported
	}
	u, err := url.Parse(at)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, errors.New("ACTIONS_RESULTS_URL is no address")
	}
	r := &Results{origin: u.Scheme + "://" + u.Host, token: token, log: log, unit: time.Second}
	if r.run, r.job, err = scope(token); err != nil {
		return nil, err
	}
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	r.api = &http.Client{Timeout: time.Minute, CheckRedirect: stay}
	r.blobs = &http.Client{Timeout: 5 * time.Minute, CheckRedirect: stay}
	return r, nil
}

// scope reads from the token which run and job it is good for. The token is
// ours and not to be verified.
func scope(token string) (run, job string, err error) {
	bad := errors.New("ACTIONS_RUNTIME_TOKEN is not the token of a job: it has no scope Actions.Results")
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return "", "", bad
	}
	payload, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "="))
	if err != nil {
		return "", "", bad
	}
	var claims struct {
		Scopes string `json:"scp"`
	}
	if json.Unmarshal(payload, &claims) != nil {
		return "", "", bad
	}
	for s := range strings.FieldsSeq(claims.Scopes) {
		if p := strings.Split(s, ":"); len(p) == 3 && p[0] == "Actions.Results" {
			return p[1], p[2], nil
		}
	}
	return "", "", bad
}

// serviceError is an answer of the service that is no success.
type serviceError struct {
	status    int
	code, msg string
}

func (e *serviceError) Error() string {
	return fmt.Sprintf("the artifact service answered %d %s: %s", e.status, e.code, e.msg)
}

// again reports whether a request may succeed when it is sent once more. A full
// quota does not go away by asking.
func (e *serviceError) again() bool {
	return (e.status >= 500 || e.status == http.StatusTooManyRequests) && !strings.Contains(e.msg, "insufficient usage")
}

const mostTries = 5

// call calls a method of the service, several times where that may help. Both
// results are known: GitHub answers with names_like_this, other servers with
// namesLikeThis.
func (r *Results) call(ctx context.Context, method string, ask map[string]any) (map[string]any, error) {
	return r.callTries(ctx, method, ask, mostTries)
}

func (r *Results) callTries(ctx context.Context, method string, ask map[string]any, tries int) (map[string]any, error) {
	ask["workflow_run_backend_id"], ask["workflow_job_run_backend_id"] = r.run, r.job
	body, err := json.Marshal(ask)
	if err != nil {
		return nil, err
	}
	for try := 0; ; try++ {
		answer, err := r.callOnce(ctx, method, body)
		var bad *serviceError
		if err == nil || ctx.Err() != nil || errors.As(err, &bad) && !bad.again() || try+1 >= tries {
			return answer, err
		}
		if !r.wait(ctx, try, err) {
			return nil, err
		}
	}
}

// wait waits before the next try and reports whether there is time for it.
func (r *Results) wait(ctx context.Context, try int, why error) bool {
	d := r.unit << try
	if end, ok := ctx.Deadline(); ok && time.Until(end) < d {
		return false
	}
	r.log(fmt.Sprintf("%v; trying again", why))
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}

// mostAnswer bounds what is read of an answer.
const mostAnswer = 4 << 20

func (r *Results) callOnce(ctx context.Context, method string, body []byte) (map[string]any, error) {
	at := r.origin + "/twirp/github.actions.results.api.v1.ArtifactService/" + method
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, at, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+r.token)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "plumbline")
	resp, err := r.api.Do(req)
	if err != nil {
		return nil, plain(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, mostAnswer))
	if err != nil {
		return nil, plain(err)
	}
	answer := map[string]any{}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	err = d.Decode(&answer)
	if resp.StatusCode != http.StatusOK {
		code, _ := answer["code"].(string)
		msg, _ := answer["msg"].(string)
		return nil, &serviceError{resp.StatusCode, code, msg}
	}
	if err != nil {
		return nil, fmt.Errorf("the artifact service's answer to %s is no JSON object: %w", method, err)
	}
	return answer, nil
}

// text is a member of an answer in either spelling, as text whether it is a
// string or a number.
func text(answer map[string]any, name string) string {
	v, ok := answer[name]
	if !ok {
		v = answer[camel(name)]
	}
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return ""
}

// camel turns a_name into aName.
func camel(name string) string {
	words := strings.Split(name, "_")
	for i, w := range words[1:] {
		words[i+1] = strings.ToUpper(w[:1]) + w[1:]
	}
	return strings.Join(words, "")
}

// plain is an error without the query of the address in it, which is a secret.
func plain(err error) error {
	var u *url.Error
	if !errors.As(err, &u) {
		return err
	}
	host := "the server"
	if at, bad := url.Parse(u.URL); bad == nil {
		host = at.Host
	}
	return fmt.Errorf("%s %s: %w", strings.ToUpper(u.Op), host, u.Err)
}
