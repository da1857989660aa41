package githubtest

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Where the artifact service lies, the scope in the runtime token that opens
// it, and how long an upload may take.
const (
	twirpPath    = "/twirp/github.actions.results.api.v1.ArtifactService/"
	resultsScope = "Actions.Results:"
	uploadTime   = time.Hour
)

// upload is an artifact that was created and not finalized.
type upload struct {
	run     *Run
	attempt int
	name    string
	blob    *blob
	expires time.Time
}

// twirp is one call of the artifact service. The service is described by its
// clients alone: the toolkit's @actions/artifact and act's server.
type twirp struct {
	f   *Fake
	w   http.ResponseWriter
	r   *http.Request
	run *Run
	in  map[string]string // by the fields' names in the .proto
}

var twirpMethods = map[string]struct {
	must, may string // fields besides the two ids
	handle    func(*twirp)
}{
	"CreateArtifact":       {"name version", "expires_at mime_type", (*twirp).create},
	"FinalizeArtifact":     {"name size", "hash", (*twirp).finalize},
	"ListArtifacts":        {"", "name_filter id_filter", (*twirp).list},
	"GetSignedArtifactURL": {"name", "", (*twirp).sign},
	"DeleteArtifact":       {"name", "", (*twirp).delete},
}

func (f *Fake) serveTwirp(w http.ResponseWriter, r *http.Request, body []byte) {
	t := &twirp{f: f, w: w, r: r, in: map[string]string{}}
	method, ok := twirpMethods[strings.TrimPrefix(r.URL.Path, twirpPath)]
	switch {
	case !ok || r.Method != http.MethodPost:
		t.violate(http.StatusNotFound, "bad_route", "no handler for path "+r.URL.Path)
	case !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json"):
		t.violate(http.StatusNotFound, "bad_route", "unexpected Content-Type "+r.Header.Get("Content-Type"))
	case !t.authenticate() || !t.read(body, method.must, method.may):
	default:
		method.handle(t)
	}
}

// authenticate finds the run whose runtime token the request has.
func (t *twirp) authenticate() bool {
	secret, _ := bearer(t.r)
	for _, repo := range t.f.Repos {
		for _, run := range repo.Runs {
			if secret == run.RuntimeToken() {
				t.run = run
				return true
			}
		}
	}
	t.violate(http.StatusUnauthorized, "unauthenticated", "no valid runtime token")
	return false
}

// read takes the fields of the request, in either spelling and with numbers
// that may be strings (the JSON form of Protocol Buffers).
func (t *twirp) read(body []byte, must, may string) bool {
	value, err := decode(body)
	object, ok := value.(obj)
	if err != nil || !ok {
		t.violate(http.StatusBadRequest, "malformed", "the json request could not be decoded")
		return false
	}
	must += " workflow_run_backend_id workflow_job_run_backend_id"
	for key, v := range object {
		name := snake(key)
		switch v := v.(type) {
		case string:
			t.in[name] = v
		case json.Number:
			t.in[name] = v.String()
		default:
			t.violate(http.StatusBadRequest, "malformed", fmt.Sprintf("%s is %v", key, v))
			return false
		}
		if !slices.Contains(strings.Fields(must+" "+may), name) {
			t.f.violate(t.r, "the request has no field %q", key)
		}
	}
	for _, name := range strings.Fields(must) {
		if t.in[name] == "" {
			t.violate(http.StatusBadRequest, "invalid_argument", name+" is required")
			return false
		}
	}
	if t.in["workflow_run_backend_id"] != t.run.backend || t.in["workflow_job_run_backend_id"] != t.run.jobBackend() {
		t.violate(http.StatusForbidden, "permission_denied", "the token's scope is another run or job")
		return false
	}
	return true
}

// snake turns signedUploadUrl into signed_upload_url.
func snake(name string) string {
	var b strings.Builder
	for _, r := range name {
		if r >= 'A' && r <= 'Z' {
			b.WriteByte('_')
			r += 'a' - 'A'
		}
		b.WriteRune(r)
	}
	return b.String()
}

func camel(name string) string {
	words := strings.Split(name, "_")
	for i, w := range words[1:] {
		words[i+1] = strings.ToUpper(w[:1]) + w[1:]
	}
	return strings.Join(words, "")
}

// spelled spells all keys as act does, when it is act's turn.
func (t *twirp) spelled(v any) any {
	if !t.f.CamelCase {
		return v
	}
	switch v := v.(type) {
	case obj:
		o := obj{}
		for key, value := range v {
			o[camel(key)] = t.spelled(value)
		}
		return o
	case []obj:
		list := []any{}
		for _, one := range v {
			list = append(list, t.spelled(one))
		}
		return list
	}
	return v
}

func (t *twirp) answer(status int, v obj) { (&call{w: t.w}).json(status, t.spelled(v)) }

func (t *twirp) fail(status int, code, message string) {
	t.answer(status, obj{"code": code, "msg": message})
}

func (t *twirp) violate(status int, code, message string) {
	t.f.violate(t.r, "%s", message)
	t.fail(status, code, message)
}

// find is the newest artifact of the name in this run.
func (t *twirp) find(name string) *Artifact {
	for _, a := range slices.Backward(t.run.repo.Artifacts) {
		if a.RunID == t.run.ID && a.Name == name {
			return a
		}
	}
	return nil
}

func (t *twirp) pending(name string) *upload {
	return find(t.f.uploads, func(u *upload) bool { return u.run == t.run && u.attempt == t.run.Attempt && u.name == name })
}

// create starts an upload. A name is taken within one attempt of a run. The
// toolkit refuses these characters before it asks.
func (t *twirp) create() {
	name, now := t.in["name"], t.f.now()
	version, err := strconv.Atoi(t.in["version"])
	expires := now.AddDate(0, 0, 90)
	if text := t.in["expires_at"]; text != "" {
		at, bad := time.Parse(time.RFC3339, text)
		if bad != nil || !at.After(now) {
			t.violate(http.StatusBadRequest, "invalid_argument", "expires_at "+text+" is no time to come")
			return
		}
		if at.Before(expires) {
			expires = at
		}
	}
	a := t.find(name)
	switch {
	case err != nil || version < 4 || version > 7:
		t.violate(http.StatusBadRequest, "invalid_argument", "version "+t.in["version"]+", want 4 to 7")
	case strings.ContainsAny(name, "\":<>|*?\r\n\\/"):
		t.violate(http.StatusBadRequest, "invalid_argument", "the artifact name is not valid")
	case t.pending(name) != nil || a != nil && a.Attempt == t.run.Attempt:
		t.fail(http.StatusConflict, "already_exists", "an artifact with this name already exists on the workflow run")
	default:
		b := t.f.newBlob(nil, max(uploadTime, t.f.SignedFor))
		t.f.uploads = append(t.f.uploads, &upload{t.run, t.run.Attempt, name, b, expires})
		t.answer(http.StatusOK, obj{"ok": true, "signed_upload_url": b.url(t.r, "w")})
	}
}

// finalize makes an artifact of an upload; size and hash are those of the blob.
func (t *twirp) finalize() {
	u := t.pending(t.in["name"])
	if u == nil {
		t.violate(http.StatusNotFound, "not_found", "no upload of this name")
		return
	}
	digest := fmt.Sprintf("sha256:%x", sha256.Sum256(u.blob.data))
	switch {
	case !u.blob.committed:
		t.violate(http.StatusPreconditionFailed, "failed_precondition", "the blob was not committed")
	case t.in["size"] != strconv.Itoa(len(u.blob.data)):
		t.violate(http.StatusBadRequest, "invalid_argument", fmt.Sprintf("size %s, the blob has %d bytes", t.in["size"], len(u.blob.data)))
	case t.in["hash"] != "" && t.in["hash"] != digest:
		t.violate(http.StatusBadRequest, "invalid_argument", "hash "+t.in["hash"]+", the blob has "+digest)
	default:
		t.f.uploads = slices.DeleteFunc(t.f.uploads, func(x *upload) bool { return x == u })
		a := t.f.addArtifact(u.run, u.name, u.blob.data)
		a.Expires = u.expires
		t.answer(http.StatusOK, obj{"ok": true, "artifact_id": strconv.FormatInt(a.ID, 10)})
	}
}

func (t *twirp) list() {
	found := []obj{}
	for _, a := range t.run.repo.Artifacts {
		id := strconv.FormatInt(a.ID, 10)
		if a.RunID != t.run.ID || t.in["name_filter"] != "" && t.in["name_filter"] != a.Name || t.in["id_filter"] != "" && t.in["id_filter"] != id {
			continue
		}
		found = append(found, obj{
			"workflow_run_backend_id": t.run.backend, "workflow_job_run_backend_id": t.run.jobBackend(), "database_id": id,
			"name": a.Name, "size": strconv.FormatInt(a.Size, 10), "created_at": a.Created, "digest": a.Digest,
		})
	}
	t.answer(http.StatusOK, obj{"artifacts": found})
}

func (t *twirp) sign() {
	a := t.find(t.in["name"])
	if a == nil || a.Expired {
		t.fail(http.StatusNotFound, "not_found", "artifact not found")
		return
	}
	t.answer(http.StatusOK, obj{"signed_url": t.f.newBlob(a.Zip, t.f.SignedFor).url(t.r, "r")})
}

func (t *twirp) delete() {
	a := t.find(t.in["name"])
	if a == nil {
		t.fail(http.StatusNotFound, "not_found", "artifact not found")
		return
	}
	t.run.repo.Artifacts = slices.DeleteFunc(t.run.repo.Artifacts, func(x *Artifact) bool { return x == a })
	t.answer(http.StatusOK, obj{"ok": true, "artifact_id": strconv.FormatInt(a.ID, 10)})
}
