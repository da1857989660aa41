package git

import (
	"bytes"
	"context"
	"encoding/base64"
	"io"
	"net"
	"net/http"
	"net/http/cgi"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

const token = "ghs_aVerySecretToken0123456789"

// hub is a git server on loopback: git's own, behind HTTP, for those who have the
// token.
type hub struct {
	*httptest.Server
	remote string // its repository

	mu   sync.Mutex
	push func(w http.ResponseWriter, r *http.Request, serve http.Handler) // what becomes of a push; nil: it is served
}

// serveHTTP starts a server with one repository, which is o/r.
func serveHTTP(t testing.TB) *hub {
	t.Helper()
	from := bare(t)
	root := t.TempDir()
	h := &hub{remote: filepath.Join(root, "o", "r")}
	if err := os.Mkdir(filepath.Join(root, "o"), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(from, h.remote); err != nil {
		t.Fatal(err)
	}
	git(t, h.remote, "config", "http.receivepack", "true")
	git(t, h.remote, "config", "uploadpack.allowFilter", "true")
	backend := &cgi.Handler{
		Path: filepath.Join(git(t, root, "--exec-path"), "git-http-backend"),
		Env: []string{"GIT_PROJECT_ROOT=" + root, "GIT_HTTP_EXPORT_ALL=1", "GIT_CONFIG_GLOBAL=" + os.DevNull,
			"GIT_CONFIG_SYSTEM=" + os.DevNull, "GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=safe.directory", "GIT_CONFIG_VALUE_0=*"},
		Stderr: io.Discard,
	}
	if _, err := os.Stat(backend.Path); err != nil {
		t.Skip("needs git http-backend, which is not installed")
	}
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, password, _ := r.BasicAuth(); password != token {
			w.Header().Set("WWW-Authenticate", `Basic realm="git"`)
			http.Error(w, "who is there?", http.StatusUnauthorized)
			return
		}
		h.mu.Lock()
		push := h.push
		h.mu.Unlock()
		if push != nil && r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/git-receive-pack") {
			push(w, r, gzipped(backend))
			return
		}
		gzipped(backend).ServeHTTP(w, r)
	}))
	t.Cleanup(h.Close)
	return h
}

// gzipped hands a request on whose length is known, which a CGI program needs.
func gzipped(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		r.Body, r.ContentLength, r.TransferEncoding = io.NopCloser(bytes.NewReader(body)), int64(len(body)), nil
		next.ServeHTTP(w, r)
	})
}

// onPush says what becomes of the pushes from now on.
func (h *hub) onPush(push func(w http.ResponseWriter, r *http.Request, serve http.Handler)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.push = push
}

func (h *hub) url() string { return h.URL + "/o/r" }

// header is the authorization as actions/checkout leaves it in a checkout.
func (h *hub) header() string {
	return "AUTHORIZATION: basic " + base64.StdEncoding.EncodeToString([]byte("x-access-token:"+token))
}

// checkout makes a checkout as a job has it: of one commit, with the token in its
// configuration.
func (h *hub) checkout(t testing.TB) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "checkout")
	git(t, filepath.Dir(dir), "-c", "http."+h.URL+"/.extraheader="+h.header(), "clone", "--quiet", "--depth", "1", h.url(), dir)
	git(t, dir, "config", "http."+h.URL+"/.extraheader", h.header())
	return dir
}

// serveDaemon serves a repository by git's own protocol, to anybody.
func serveDaemon(t testing.TB, remote string) (url string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var wait sync.WaitGroup
	wait.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			wait.Go(func() {
				defer c.Close()
				cmd := exec.CommandContext(ctx, "git", "daemon", "--inetd", "--export-all", "--enable=receive-pack", "--base-path="+filepath.Dir(remote))
				in, err := cmd.StdinPipe()
				if err != nil {
					return
				}
				cmd.Stdout = c
				go func() {
					_, _ = io.Copy(in, c)
					_ = in.Close()
				}()
				_ = cmd.Run()
			})
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		cancel()
		wait.Wait()
	})
	return "git://" + l.Addr().String() + "/" + filepath.Base(remote)
}
