package githubtest

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-github/v60/github"
)

// rpc calls the artifact service with a run's token and the ids in its scope.
func (w *world) rpc(t *testing.T, run *Run, method, fields string) (status int, answer map[string]any) {
	t.Helper()
	body := fmt.Sprintf(`{"workflow_run_backend_id":%q,"workflow_job_run_backend_id":%q%s}`, run.backend, run.jobBackend(), fields)
	status, text, _ := plain(t, "POST", w.server.URL+twirpPath+method, body, "Authorization", "Bearer "+run.RuntimeToken())
	if err := json.Unmarshal([]byte(text), &answer); err != nil {
		t.Fatalf("%s: %q: %v", method, text, err)
	}
	return status, answer
}

func blockID(n int) string {
	return base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "%06d", n))
}

// put uploads blocks in the wrong order and lists them in the right one.
func put(t *testing.T, address string, parts ...string) {
	t.Helper()
	list := ""
	for i := len(parts) - 1; i >= 0; i-- {
		if status, text, _ := plain(t, "PUT", address+"&comp=block&blockid="+strings.ReplaceAll(blockID(i), "+", "%2B"), parts[i]); status != 201 {
			t.Fatalf("block %d: %d %s", i, status, text)
		}
		list = "<Latest>" + blockID(i) + "</Latest>" + list
	}
	xml := `<?xml version="1.0" encoding="utf-8"?><BlockList>` + list + `</BlockList>`
	if status, text, _ := plain(t, "PUT", address+"&comp=blocklist", xml); status != 201 {
		t.Fatalf("block list: %d %s", status, text)
	}
}

func TestArtifactUpAndDown(t *testing.T) {
	t.Parallel()
	for _, camelCase := range []bool{false, true} {
		w, ctx := start(t), context.Background()
		w.CamelCase = camelCase
		key := map[bool][3]string{false: {"signed_upload_url", "artifact_id", "signed_url"}, true: {"signedUploadUrl", "artifactId", "signedUrl"}}[camelCase]
		data := string(Zip(map[string]string{"run.jsonl": "{}\n"}))
		status, made := w.rpc(t, w.run, "CreateArtifact", `,"name":"plumbline-ci","version":4,"expires_at":"`+time.Now().Add(time.Hour).Format(time.RFC3339)+`"`)
		address, _ := made[key[0]].(string)
		if status != 200 || address == "" {
			t.Fatalf("CreateArtifact = %d %v, want %s", status, made, key[0])
		}
		put(t, address, data[:20], data[20:])
		if len(w.repo.Artifacts) != 0 {
			t.Error("the artifact is there before it was finalized")
		}
		digest := fmt.Sprintf("sha256:%x", sha256.Sum256([]byte(data)))
		status, done := w.rpc(t, w.run, "FinalizeArtifact", fmt.Sprintf(`,"name":"plumbline-ci","size":"%d","hash":%q`, len(data), digest))
		if status != 200 || done[key[1]] == "" {
			t.Fatalf("FinalizeArtifact = %d %v, want %s", status, done, key[1])
		}
		a := w.repo.Artifacts[0]
		if Unzip(a.Zip)["run.jsonl"] != "{}\n" || a.Digest != digest || a.RunID != w.run.ID || a.HeadRepoID != w.repo.ID || a.Expires.After(time.Now().Add(2*time.Hour)) {
			t.Errorf("the artifact is %+v, want what was sent, for an hour", a)
		}
		if status, again := w.rpc(t, w.run, "CreateArtifact", `,"name":"plumbline-ci","version":4`); status != 409 || again["code"] != "already_exists" {
			t.Errorf("the same name again = %d %v, want 409 already_exists", status, again)
		}
		w.run.Attempt = 2
		if status, again := w.rpc(t, w.run, "CreateArtifact", `,"name":"plumbline-ci","version":4`); status != 200 {
			t.Errorf("the same name in another attempt = %d %v, want 200", status, again)
		}
		if _, list := w.rpc(t, w.run, "ListArtifacts", `,"name_filter":"plumbline-ci"`); len(list["artifacts"].([]any)) != 1 {
			t.Errorf("ListArtifacts = %v, want one", list)
		}
		_, signed := w.rpc(t, w.run, "GetSignedArtifactURL", `,"name":"plumbline-ci"`)
		if status, got, _ := plain(t, "GET", signed[key[2]].(string), ""); status != 200 || got != data {
			t.Errorf("the signed address = %d with %d bytes, want %d", status, len(got), len(data))
		}
		u, _, err := w.client.Actions.DownloadArtifact(ctx, "octo", "app", a.ID, 0)
		if err != nil {
			t.Fatal(err)
		}
		if status, got, _ := plain(t, "GET", u.String(), "", "Range", "bytes=0-1"); status != http.StatusPartialContent || got != "PK" {
			t.Errorf("a range of the download = %d %q, want 206 PK", status, got)
		}
		if status, _ := w.rpc(t, w.run, "DeleteArtifact", `,"name":"plumbline-ci"`); status != 200 || len(w.repo.Artifacts) != 0 {
			t.Errorf("DeleteArtifact = %d, %d are left, want none", status, len(w.repo.Artifacts))
		}
		w.clean(t)
	}
}

func TestArtifactService(t *testing.T) {
	t.Parallel()
	w := start(t)
	other := w.AddRun(w.repo, Run{})
	for _, row := range []struct {
		name, method, fields string
		status               int
		code                 string
	}{
		{"a method that is none", "Create", "", 404, "bad_route"},
		{"no name", "CreateArtifact", `,"version":4`, 400, "invalid_argument"},
		{"a name with a slash", "CreateArtifact", `,"name":"a/b","version":4`, 400, "invalid_argument"},
		{"an old version", "CreateArtifact", `,"name":"a","version":3`, 400, "invalid_argument"},
		{"a time that has gone", "CreateArtifact", `,"name":"a","version":4,"expires_at":"2020-01-01T00:00:00Z"`, 400, "invalid_argument"},
		{"an object for a name", "CreateArtifact", `,"name":{},"version":4`, 400, "malformed"},
		{"nothing to finalize", "FinalizeArtifact", `,"name":"a","size":"1"`, 404, "not_found"},
	} {
		before := len(w.Violations())
		if status, got := w.rpc(t, w.run, row.method, row.fields); status != row.status || got["code"] != row.code || len(w.Violations()) != before+1 {
			t.Errorf("%s = %d %v, violations %q, want %d %s and one more", row.name, status, got, w.Violations()[before:], row.status, row.code)
		}
	}
	body := fmt.Sprintf(`{"workflow_run_backend_id":%q,"workflow_job_run_backend_id":%q,"name":"a","version":4}`, w.run.backend, w.run.jobBackend())
	if status, got, _ := plain(t, "POST", w.server.URL+twirpPath+"CreateArtifact", body, "Authorization", "Bearer "+other.RuntimeToken()); status != 403 {
		t.Errorf("another run's token = %d %s, want 403", status, got)
	}
	if status, got, _ := plain(t, "POST", w.server.URL+twirpPath+"CreateArtifact", body, "Authorization", "Bearer "+w.Tokens[0].Secret); status != 401 {
		t.Errorf("the API's token = %d %s, want 401", status, got)
	}
	w.rpc(t, w.run, "CreateArtifact", `,"name":"a","version":4,"colour":"red"`)
	if v := w.Violations(); !strings.Contains(v[len(v)-1], `no field "colour"`) {
		t.Errorf("violations: %q, want the unknown field last", v)
	}
	if status, got := w.rpc(t, w.run, "FinalizeArtifact", `,"name":"a","size":"0"`); status != 412 {
		t.Errorf("an upload without a commit = %d %v, want 412", status, got)
	}
}

func TestBlobs(t *testing.T) {
	t.Parallel()
	w := start(t)
	_, made := w.rpc(t, w.run, "CreateArtifact", `,"name":"a","version":4`)
	up := made["signed_upload_url"].(string)
	first := "&comp=block&blockid=" + blockID(1)
	plain(t, "PUT", up+first, "x")
	for _, row := range []struct {
		name, query, body string
		header            []string
		status            int
		code              string
	}{
		{"a token", first, "x", []string{"Authorization", "Bearer x"}, 400, "InvalidAuthenticationInfo"},
		{"an id of another length", "&comp=block&blockid=" + base64.StdEncoding.EncodeToString([]byte("1")), "x", nil, 400, "InvalidBlobOrBlock"},
		{"an id that is no base64", "&comp=block&blockid=!!!!!!!!", "x", nil, 400, "InvalidBlobOrBlock"},
		{"an empty block", "&comp=block&blockid=" + blockID(2), "", nil, 400, "InvalidHeaderValue"},
		{"a block that was not sent", "&comp=blocklist", "<BlockList><Latest>" + blockID(9) + "</Latest></BlockList>", nil, 400, "InvalidBlockList"},
		{"a list that is no XML", "&comp=blocklist", "[]", nil, 400, "InvalidXmlDocument"},
		{"no type", "", "x", nil, 400, "MissingRequiredHeader"},
		{"an unknown comp", "&comp=lease", "x", nil, 400, "InvalidQueryParameterValue"},
	} {
		before := len(w.Violations())
		status, text, h := plain(t, "PUT", up+row.query, row.body, row.header...)
		if status != row.status || h.Get("X-Ms-Error-Code") != row.code || len(w.Violations()) != before+1 {
			t.Errorf("%s = %d %s, want %d %s and a violation", row.name, status, text, row.status, row.code)
		}
	}
	forged := strings.Replace(up, "sig=", "sig=x", 1)
	if status, _, _ := plain(t, "PUT", forged+first, "x"); status != 403 {
		t.Errorf("a forged signature = %d, want 403", status)
	}
	if status, _, _ := plain(t, "GET", up, ""); status != 403 {
		t.Errorf("reading with the address of an upload = %d, want 403", status)
	}
	w.IgnorePutBlob = true
	if status, _, _ := plain(t, "PUT", up, "x", "X-Ms-Blob-Type", "BlockBlob"); status != 201 {
		t.Errorf("Put Blob = %d, want 201", status)
	}
	if status, got := w.rpc(t, w.run, "FinalizeArtifact", `,"name":"a","size":"1"`); status != 412 {
		t.Errorf("after a Put Blob that act ignores = %d %v, want 412", status, got)
	}
}

func TestDownloadsThatFail(t *testing.T) {
	t.Parallel()
	w, ctx := start(t), context.Background()
	a := w.AddArtifact(w.run, "a", map[string]string{"x": "y"})
	a.Expired = true
	if _, res, _ := w.client.Actions.DownloadArtifact(ctx, "octo", "app", a.ID, 0); res == nil || res.StatusCode != http.StatusGone {
		t.Errorf("an expired artifact: %v, want 410", res)
	}
	a.Expired, w.SignedFor = false, -time.Second
	u, _, err := w.client.Actions.DownloadArtifact(ctx, "octo", "app", a.ID, 0)
	if err != nil {
		t.Fatal(err)
	}
	if status, text, _ := plain(t, "GET", u.String(), ""); status != 403 || !strings.Contains(text, "time frame") {
		t.Errorf("a late download = %d %s, want 403", status, text)
	}
	w.clean(t)
}

// A name finds artifacts of all runs in one request, go-github cannot ask it.
func TestArtifactLists(t *testing.T) {
	t.Parallel()
	w, ctx := start(t), context.Background()
	old := w.AddRun(w.repo, Run{})
	w.AddArtifact(old, "a", nil)
	w.AddArtifact(w.run, "b", nil)
	last := w.AddArtifact(w.run, "a", nil)
	last.Digest = ""
	req, err := w.client.NewRequest("GET", "repos/octo/app/actions/artifacts?name=a&per_page=100", nil)
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Artifacts []struct {
			ID     int64
			Digest *string
			Run    struct {
				ID int64 `json:"id"`
			} `json:"workflow_run"`
		}
	}
	if _, err := w.client.Do(ctx, req, &got); err != nil || len(got.Artifacts) != 2 || got.Artifacts[0].ID != last.ID || got.Artifacts[0].Digest != nil ||
		got.Artifacts[1].Digest == nil || got.Artifacts[1].Run.ID != old.ID {
		t.Errorf("artifacts named a = %+v, %v, want the last first and without a digest", got, err)
	}
	of, _, err := w.client.Actions.ListWorkflowRunArtifacts(ctx, "octo", "app", old.ID, &github.ListOptions{PerPage: 100})
	if err != nil || of.GetTotalCount() != 1 {
		t.Errorf("artifacts of a run = %v, %v, want one", of, err)
	}
	if res, err := w.client.Actions.DeleteArtifact(ctx, "octo", "app", last.ID); res.StatusCode != 403 {
		t.Errorf("DeleteArtifact with actions: read = %v, want 403", err)
	}
	w.clean(t)
}
