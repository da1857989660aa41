package live

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/plumbline-ci/plumbline/collect"
	"github.com/plumbline-ci/plumbline/collect/export"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// short is a folder whose sockets have paths that are short enough.
func short(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "l")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return filepath.Join(dir, "s")
}

func TestServe(t *testing.T) {
	t.Parallel()
	folder := short(t)
	began := time.Now().Add(-time.Minute).UTC().Truncate(time.Second)
	s, err := Serve(folder, func() collect.Status {
		return collect.Status{Name: "make test", PID: 7, Started: began, Series: []collect.SeriesStatus{{Name: "n", Kind: collect.KindCounter, Value: 3}}}
	})
	if err != nil {
		t.Fatal(err)
	}
	runs, err := Runs(t.Context(), folder)
	if err != nil || len(runs) != 1 || runs[0].PID != os.Getpid() || runs[0].Status.Name != "make test" || !runs[0].Status.Started.Equal(began) {
		t.Fatalf("Runs = %+v, %v, want this process's", runs, err)
	}
	if info, err := os.Stat(runs[0].Socket); runtime.GOOS != "windows" && (err != nil || info.Mode().Perm() != 0o600) {
		t.Errorf("the socket's mode is %v, %v", info.Mode(), err)
	}
	source := AtSocket(runs[0].Socket)
	defer source.Close()
	type end struct {
		collect.Status
		error
	}
	ended := make(chan end)
	go func() {
		last, err := source.End(t.Context())
		ended <- end{last, err}
	}()
	for asked := false; !asked; time.Sleep(time.Millisecond) { // the end is waited for
		_, err := source.Status(t.Context())
		asked = err == nil
	}
	select {
	case e := <-ended:
		t.Fatalf("the run has not ended, and End = %+v", e)
	case <-time.After(50 * time.Millisecond):
	}
	s.Close(3)
	if e := <-ended; e.error != nil || !e.Ended || e.Exit != 3 || len(e.Series) != 1 || e.Series[0].Value != 3 {
		t.Errorf("the run ended with %+v", e)
	}
	if _, err := source.Status(t.Context()); !errors.Is(err, ErrGone) {
		t.Errorf("after the end: %v, want that the run is gone", err)
	}
	if runs, err := Runs(t.Context(), folder); err != nil || len(runs) != 0 {
		t.Errorf("after the end there are %v, %v", runs, err)
	}
	if left, _ := os.ReadDir(folder); len(left) != 0 {
		t.Errorf("the end leaves %v", left)
	}
}

// The end does not wait for who watches and does not read.
func TestCloseWaitsForNobody(t *testing.T) {
	t.Parallel()
	folder := short(t)
	s, err := Serve(folder, func() collect.Status { return collect.Status{Name: strings.Repeat("x", 8<<20)} })
	if err != nil {
		t.Fatal(err)
	}
	c, err := net.Dial("unix", s.path)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Write([]byte("GET /status HTTP/1.1\r\nHost: run\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	closed := make(chan bool)
	go func() { s.Close(0); close(closed) }()
	select {
	case <-closed:
	case <-time.After(time.Minute):
		t.Error("Close waits for a reader that does not read")
	}
	(*Server)(nil).Close(0)
}

// What a killed run has left is no run, and goes; what is about to begin stays.
func TestRunsRemovesWhatIsLeft(t *testing.T) {
	t.Parallel()
	folder := short(t)
	if err := makeOwn(folder); err != nil {
		t.Fatal(err)
	}
	dead := func(name string, age time.Duration) string {
		path := filepath.Join(folder, name)
		l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
		if err != nil {
			t.Fatal(err)
		}
		l.SetUnlinkOnClose(false)
		l.Close()
		at := time.Now().Add(-age)
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
		return path
	}
	old, young, other := dead("1.sock", 2*stale), dead("2.sock", 0), dead("notes.sock", 2*stale)
	if runs, err := Runs(t.Context(), folder); err != nil || len(runs) != 0 {
		t.Errorf("Runs = %+v, %v", runs, err)
	}
	for path, there := range map[string]bool{old: false, young: true, other: true} {
		if _, err := os.Lstat(path); (err == nil) != there {
			t.Errorf("%s is there: %v, want %v", filepath.Base(path), err == nil, there)
		}
	}
}

func TestFolderOfOthers(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("files have no modes here")
	}
	for name, make := range map[string]func(string) error{
		"open": func(f string) error { return errors.Join(os.Mkdir(f, 0o700), os.Chmod(f, 0o755)) },
		"file": func(f string) error { return os.WriteFile(f, nil, 0o600) },
		"link": func(f string) error { return os.Symlink(filepath.Dir(f), f) },
	} {
		folder := short(t)
		if err := make(folder); err != nil {
			t.Fatal(err)
		}
		if _, err := Serve(folder, nil); err == nil || !strings.Contains(err.Error(), "is not a folder that you alone may use") {
			t.Errorf("%s: Serve = %v", name, err)
		}
		if _, err := Runs(t.Context(), folder); err == nil {
			t.Errorf("%s: Runs finds runs in it", name)
		}
	}
	if runs, err := Runs(t.Context(), short(t)); runs != nil || err != nil {
		t.Errorf("no folder: Runs = %v, %v", runs, err)
	}
	if _, err := Serve(filepath.Join(short(t), "a"), nil); err == nil {
		t.Error("a folder in none is served")
	}
}

func TestAtURL(t *testing.T) {
	t.Parallel()
	rec := collect.NewRecorder(collect.Options{})
	rec.Counter("requests", nil).Add(4)
	mux := http.NewServeMux()
	mux.Handle("/metrics", export.Handler(rec))
	mux.HandleFunc("/other", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Type", "text/html") })
	mux.HandleFunc("/torn", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", export.StatusType)
		_, _ = w.Write([]byte(`{"name":`))
	})
	server := httptest.NewServer(mux)
	defer server.Close()
	for path, want := range map[string]string{
		"/metrics": "", "/none": "answers 404", "/other": "answers with text/html: want the handler of a recorder", "/torn": "read the answer of",
	} {
		s, err := AtURL(server.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.Status(t.Context())
		s.Close()
		switch {
		case want == "" && (err != nil || len(got.Series) != 1 || got.Series[0].Value != 4):
			t.Errorf("%s: %+v, %v", path, got, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want) || errors.Is(err, ErrGone)):
			t.Errorf("%s: %v, want %s", path, err, want)
		}
	}
	s, err := AtURL("http://me:secret@127.0.0.1:1/metrics")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Status(t.Context()); err == nil || strings.Contains(err.Error(), "secret") || !strings.Contains(err.Error(), "127.0.0.1:1") {
		t.Errorf("nobody answers: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.End(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("the end of a recorder: %v", err)
	}
	for _, bad := range []string{"localhost:8080", "ftp://x/", "http://", "17x"} {
		if _, err := AtURL(bad); err == nil || !strings.Contains(err.Error(), "want the number of a run") {
			t.Errorf("AtURL(%q) = %v", bad, err)
		}
	}
}
