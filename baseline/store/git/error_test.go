package git

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/baseline/store/storetest"
)

// wantError holds that an error says all of this, and nothing secret.
func wantError(t *testing.T, err error, want ...string) {
	t.Helper()
	if err == nil {
		t.Errorf("there is no error, want one with %q", want)
		return
	}
	for _, w := range want {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("the error is %q, want %q in it", err, w)
		}
	}
	if strings.Contains(err.Error(), token) || strings.Contains(err.Error(), "basic ") || strings.Contains(err.Error(), "hush") {
		t.Errorf("the error tells a secret: %q", err)
	}
}

// listError is the error of a listing.
func listError(t *testing.T, s *Store) error {
	t.Helper()
	for _, err := range s.List(t.Context(), baseline.Filter{}) {
		return err
	}
	return nil
}

// TestServerRefuses holds what is said of a server that refuses, and that no
// answer of its brings a secret into an error.
func TestServerRefuses(t *testing.T) {
	t.Parallel()
	h := serveHTTP(t)
	dir := h.checkout(t)
	run := storetest.Run("a", 0)
	h.onPush(func(w http.ResponseWriter, r *http.Request, _ http.Handler) {
		// What no server should do.
		http.Error(w, "denied: "+r.Header.Get("Authorization")+" "+token, http.StatusForbidden)
	})
	wantError(t, openIn(t, dir, "git:perf").Put(t.Context(), run), `write to store "git:perf" at origin (`+h.url()+`): git push:`, "error: 403", "contents: write")
	h.onPush(nil)
	write(t, filepath.Join(h.remote, "hooks", "pre-receive"), "#!/bin/sh\necho \"error: GH006: Protected branch update failed for $GIT_TOKEN "+token+"\" >&2\nexit 1\n")
	if err := os.Chmod(filepath.Join(h.remote, "hooks", "pre-receive"), 0o777); err != nil {
		t.Fatal(err)
	}
	wantError(t, openIn(t, dir, "git:perf").Put(t.Context(), run), "pre-receive hook declined", "GH006")
	if err := os.Remove(filepath.Join(h.remote, "hooks", "pre-receive")); err != nil {
		t.Fatal(err)
	}

	anonymous := clone(t, h.remote)
	git(t, anonymous, "remote", "set-url", "origin", h.url())
	wantError(t, openIn(t, anonymous, "git:perf").Put(t.Context(), run), "could not read Username", "persist-credentials: false")
	wantError(t, listError(t, openIn(t, anonymous, "git:perf@"+strings.Replace(h.url(), "://", "://me:hush@", 1))), "Authentication failed")
	wantError(t, listError(t, openIn(t, dir, "git:perf@"+h.URL+"/o/nosuch")), "no such repository")

	s := openIn(t, anonymous, "git:perf@"+strings.Replace(h.url(), "://", "://me:"+token+"@", 1))
	storetest.Fill(t, s, run, storetest.Run("b", 1))
	storetest.WantIDs(t, s, "b", "a")
	git(t, h.remote, "config", "receive.denyNonFastForwards", "true")
	wantError(t, s.Delete(t.Context(), "a"), "the server lets nobody rewrite a branch")
	storetest.WantIDs(t, s, "b", "a")

	h.Close()
	wantError(t, listError(t, openIn(t, dir, "git:perf")), h.url(), "the server up?")
	wantError(t, openIn(t, dir, "git:perf").Put(t.Context(), run), h.url(), "the server up?")
}

// TestNoGit holds what is said where a program or a repository is missing.
func TestNoGit(t *testing.T) {
	needGit(t)
	dir := t.TempDir()
	wantError(t, listError(t, openIn(t, dir, "git:perf")), "is in no git repository", "name the remote")
	t.Setenv("PATH", dir)
	wantError(t, openIn(t, dir, "git:perf").Put(t.Context(), storetest.Run("a", 0)), `write to store "git:perf": the program git is not here`)
}

func TestOpen(t *testing.T) {
	t.Parallel()
	for _, address := range []string{
		"git:", "git:a b", "git:-x", "git:a..b", "git:/a", "git:a/", "git:a.lock", "git:.a", "git:a/.b", "git://host/o/r", "git:HEAD", "git:a~1", "git:a:b",
		"git:perf@", "git:perf@--upload-pack=x", "git:perf@-c",
	} {
		if _, err := Open(address); err == nil || !strings.Contains(err.Error(), "want ") {
			t.Errorf("Open(%q) = %v, want an error that says what would be right", address, err)
		}
	}
	for _, address := range []string{"git:perf", "git:refs/heads/perf", "git:ci/perf-data", "git:perf@up", "git:perf@.", "git:perf@git@host:o/r", "git:perf@https://me:x@host/o/r"} {
		if _, err := Open(address); err != nil {
			t.Errorf("Open(%q): %v", address, err)
		}
	}
}

// TestChoose holds which remote is taken.
func TestChoose(t *testing.T) {
	t.Parallel()
	at := func(head string, config ...string) *place {
		w := &place{head: head}
		for _, c := range config {
			key, value, _ := strings.Cut(c, "=")
			w.config = append(w.config, setting{"local", key, value})
		}
		return w
	}
	a, b, origin := "remote.a.url=/a", "remote.b.url=/b", "remote.origin.url=/o"
	for _, tt := range []struct {
		place       *place
		asked, want string
	}{
		{at("main", a, origin), "", "origin"},
		{at("main", a, origin), "a", "a"},
		{at("main", a, b, "branch.main.remote=b"), "", "b"},
		{at("main", a, b, "branch.main.remote=."), "", self},
		{at("main", a), "", "a"},
		{at("main"), "", self},
		{at("main", origin), ".", self},
		{at("main", origin), "../x", "../x"},
		{at("main", a, b), "", `which of the remotes ["a" "b"] is meant?`},
		{at("main", a, b), "c", `there is no remote "c"; want one of ["a" "b"]`},
	} {
		name, url, err := tt.place.choose(tt.asked)
		got := name + url
		if err != nil {
			got = err.Error()
		}
		if !strings.HasPrefix(got, tt.want) || tt.want == "" {
			t.Errorf("choose(%q) with %v = %q, want %q", tt.asked, tt.place.config, got, tt.want)
		}
	}
}
