package rest_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/plumbline-ci/plumbline/internal/github/rest"
)

// TestChanges: what a pull request changes, and not what its base did since.
func TestChanges(t *testing.T) {
	t.Parallel()
	h := newHub(t)
	h.AddPush(h.repo, "main", map[string]string{"a": "1\n2\n3\n", "b": "1\n"})
	p := h.OpenPull(h.repo, "topic", map[string]string{"a": "1\ntwo\n3\n"})
	h.AddPush(h.repo, "main", map[string]string{"c": "1\n"})
	got, err := h.client.Changes(t.Context(), "main", p.HeadSHA)
	if err != nil || len(got) != 1 || got[0].Name != "a" || !strings.Contains(got[0].Patch, "\n-2\n+two\n") {
		t.Errorf("Changes = %+v, %v, want line 2 of a", got, err)
	}
	if _, err := h.client.Changes(t.Context(), "nowhere", p.HeadSHA); rest.Status(err) != http.StatusNotFound {
		t.Errorf("Changes since nowhere: %v, want 404", err)
	}
}

// TestChangesNotWhole: a comparison that GitHub cuts is an error, and a file that
// is gone, renamed or binary is none.
func TestChangesNotWhole(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, files, want string }{
		{"no patch of a large file", `{"filename":"a","status":"modified","additions":9000}`, `compare with main: the change of "a" is too large for GitHub to show`},
		{"many files", strings.Repeat(`{"filename":"a","status":"added","additions":1,"patch":"@@"},`, 299) + `{"filename":"b"}`, "compare with main: it has 300 files or more, and GitHub shows no others"},
		{"others", `{"filename":"gone","status":"removed","patch":"@@"},{"filename":"new.png","status":"added"}`, "[{new.png }]"},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprintf(w, `{"files":[%s]}`, tt.files)
		}))
		t.Cleanup(server.Close)
		client := (&hub{}).with(t, server.URL, "token")
		changes, err := client.Changes(t.Context(), "main", "head")
		got := fmt.Sprint(changes)
		if err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}
