package artifact

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/plumbline-ci/plumbline/internal/github/githubtest"
)

// TestTokenStaysAtHome: the service cannot send the job's token to another host,
// and an error does not tell it.
func TestTokenStaysAtHome(t *testing.T) {
	t.Parallel()
	var strayed atomic.Int32
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { strayed.Add(1) }))
	t.Cleanup(other.Close)
	for _, status := range []int{301, 302, 303, 307, 308} {
		service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, other.URL+r.URL.Path+"?sig=secret", status)
		}))
		f := githubtest.New()
		token := f.AddRun(f.AddRepo("o", "r"), githubtest.Run{}).RuntimeToken()
		env := map[string]string{"ACTIONS_RESULTS_URL": service.URL, "ACTIONS_RUNTIME_TOKEN": token}
		r, err := NewResults(func(key string) string { return env[key] }, func(string) {})
		if err != nil {
			t.Fatal(err)
		}
		r.unit = time.Millisecond
		_, err = r.Upload(t.Context(), "plumbline-unit", []byte("x"), 0)
		service.Close()
		if err == nil || strings.Contains(err.Error(), token) || strings.Contains(err.Error(), "sig=") {
			t.Errorf("%d: Upload = %v, want an error without the token and the signature", status, err)
		}
	}
	if n := strayed.Load(); n != 0 {
		t.Errorf("%d requests went to the other host", n)
	}
}

// TestPlacesOfBlobs: what is uploaded goes over https, unless the service itself
// is on this machine.
func TestPlacesOfBlobs(t *testing.T) {
	t.Parallel()
	for at, want := range map[string]bool{
		"https://blob.example/x?sig=a": true, "http://blob.example/x?sig=a": false, "file:///etc/passwd": false, "/x": false, "": false, "https://": false,
	} {
		r := &Results{origin: "https://results.example"}
		if u, err := r.blobPlace(at); (err == nil) != want || err != nil && strings.Contains(err.Error(), "sig=") {
			t.Errorf("blobPlace(%q) = %v, %v, want it taken: %v", at, u, err, want)
		}
	}
	r := &Results{origin: "http://127.0.0.1:1"}
	if _, err := r.blobPlace("http://127.0.0.1:1/blob/x?sig=a"); err != nil {
		t.Errorf("on this machine: %v", err)
	}
}
