package artifact

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-ci/plumbline/internal/github/githubtest"
)

// service is the artifact service of a run, in a GitHub of its own.
func service(t *testing.T, camel bool) (*githubtest.Fake, *githubtest.Run, *Results) {
	t.Helper()
	f := githubtest.New()
	f.CamelCase, f.IgnorePutBlob = camel, true
	run := f.AddRun(f.AddRepo("o", "r"), githubtest.Run{Status: "in_progress"})
	server := httptest.NewServer(f)
	t.Cleanup(func() {
		server.Close()
		for _, v := range f.Violations() {
			t.Errorf("against GitHub's contract: %s", v)
		}
	})
	env := map[string]string{"ACTIONS_RESULTS_URL": server.URL + "/some/path", "ACTIONS_RUNTIME_TOKEN": run.RuntimeToken()}
	r, err := NewResults(func(key string) string { return env[key] }, func(msg string) {
		if strings.Contains(msg, "sig=") || strings.Contains(msg, env["ACTIONS_RUNTIME_TOKEN"]) {
			t.Errorf("the log tells a secret: %s", msg)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	r.unit = time.Millisecond
	return f, run, r
}

func TestUpload(t *testing.T) {
	t.Parallel()
	for _, camel := range []bool{false, true} {
		t.Run(fmt.Sprintf("camel case %v", camel), func(t *testing.T) {
			t.Parallel()
			f, run, r := service(t, camel)
			// More than one block, and nothing that packs well.
			big := bytes.Repeat([]byte("0123456789abcdef"), (blockSize*2+1)/16)
			if _, err := r.Upload(t.Context(), "plumbline-unit", big, 5); err != nil {
				t.Fatal(err)
			}
			if _, err := r.Upload(t.Context(), "plumbline-unit", big, 5); !errors.Is(err, ErrExists) {
				t.Errorf("the same name again: %v, want ErrExists", err)
			}
			f.Lock()
			stored := run.Repo().Artifacts
			f.Unlock()
			if len(stored) != 1 || !bytes.Equal(stored[0].Zip, big) {
				t.Fatalf("%d artifacts, want one with the bytes", len(stored))
			}
			if days := time.Until(stored[0].Expires).Hours() / 24; days < 4.9 || days > 5.1 {
				t.Errorf("kept for %.1f days, want 5", days)
			}
			all, err := r.List(t.Context())
			if err != nil || len(all) != 1 || all[0].Name != "plumbline-unit" || all[0].ID != stored[0].ID {
				t.Fatalf("List = %+v, %v", all, err)
			}
			if data, err := r.Download(t.Context(), all[0], MostZip); err != nil || !bytes.Equal(data, big) {
				t.Errorf("Download = %d bytes, %v", len(data), err)
			}
			if _, err := r.Download(t.Context(), all[0], 10); err == nil {
				t.Error("more bytes than allowed were taken")
			}
		})
	}
}

// TestUploadSurvives: an artifact is there once, whatever goes wrong on the way.
func TestUploadSurvives(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]githubtest.Fault{
		"service 503": {Path: "/twirp/*", Do: githubtest.Answer(503), Times: 2},
		"service 429": {Path: "/twirp/*", Do: githubtest.SecondaryLimit(429, 1), Times: 2},
		"dropped":     {Path: "/twirp/*", Do: githubtest.Drop(false), Times: 1},
		"store 500":   {Method: "PUT", Do: githubtest.Answer(500), Times: 2},
		"store drops": {Method: "PUT", Do: githubtest.Drop(true), Times: 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, run, r := service(t, false)
			set := f.Break(fault)
			if _, err := r.Upload(t.Context(), "plumbline-unit", []byte("zip"), 0); err != nil {
				t.Fatal(err)
			}
			if !f.Heal(set) {
				t.Error("nothing went wrong: the test shows nothing")
			}
			f.Lock()
			defer f.Unlock()
			if n := len(run.Repo().Artifacts); n != 1 {
				t.Errorf("%d artifacts, want 1", n)
			}
		})
	}
}

// TestCreateWhoseAnswerIsLost: GitHub made the artifact and the answer did not
// arrive, so that the second try meets the first.
func TestCreateWhoseAnswerIsLost(t *testing.T) {
	t.Parallel()
	f, run, r := service(t, false)
	f.Break(githubtest.Fault{Path: "*/FinalizeArtifact", Do: githubtest.Drop(true), Times: 1})
	if _, err := r.Upload(t.Context(), "plumbline-unit", []byte("zip"), 0); err != nil {
		t.Fatal(err)
	}
	f.Lock()
	defer f.Unlock()
	if n := len(run.Repo().Artifacts); n != 1 {
		t.Errorf("%d artifacts, want 1", n)
	}
}

func TestNoService(t *testing.T) {
	t.Parallel()
	for token, want := range map[string]error{"": ErrUnsupported, "x": nil, "a.b.c": nil, "a.e30.c": nil} {
		env := map[string]string{"ACTIONS_RESULTS_URL": "https://results.example", "ACTIONS_RUNTIME_TOKEN": token}
		_, err := NewResults(func(key string) string { return env[key] }, nil)
		if err == nil || want != nil && !errors.Is(err, want) {
			t.Errorf("token %q: %v, want %v", token, err, want)
		}
	}
}

func TestName(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for _, suite := range []string{"unit", "unit (1.22, linux)", "unit (1.22; linux)", "a/b", "a-b", "ü", strings.Repeat("x", 300), strings.Repeat("x", 301)} {
		name := Name(suite, 1)
		if other, ok := seen[name]; ok || len(name) > 200 || strings.ContainsAny(name, "\":<>|*?\r\n\\/ ") || !Ours(name) {
			t.Errorf("Name(%q) = %q, also of %q", suite, name, other)
		}
		seen[name] = suite
	}
	if got := Name("unit", 1); got != "plumbline-unit" {
		t.Errorf("Name(unit) = %q", got)
	}
	if got := Name("unit", 3); got != "plumbline-unit-attempt-3" {
		t.Errorf("the third attempt's name = %q", got)
	}
}

// hostile makes a zip with one odd file beside a good one.
func hostile(t *testing.T, change func(h *zip.FileHeader), text string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	h := &zip.FileHeader{Name: RunFile, Method: zip.Deflate}
	change(h)
	w, err := z.CreateHeader(h)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// lying makes a zip whose file is a thousand times what it says of itself.
func lying(t *testing.T) []byte {
	t.Helper()
	var packed, b bytes.Buffer
	text := bytes.Repeat([]byte("x"), 1_000_000)
	d, err := flate.NewWriter(&packed, flate.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(&b)
	w, err := z.CreateRaw(&zip.FileHeader{
		Name: RunFile, Method: zip.Deflate, CRC32: crc32.ChecksumIEEE(text[:1000]), CompressedSize64: uint64(packed.Len()), UncompressedSize64: 1000,
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(packed.Bytes()); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestUnpackRefuses(t *testing.T) {
	t.Parallel()
	twice, err := Pack([]File{{RunFile, []byte("a")}, {RunFile, []byte("b")}})
	if err != nil {
		t.Fatal(err)
	}
	var crowd []File
	for i := range mostFiles + 1 {
		crowd = append(crowd, File{fmt.Sprint(i), nil})
	}
	many, err := Pack(crowd)
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{
		"a size that is a lie": lying(t),
		"no zip":               []byte("PK nothing"),
		"zip slip":             hostile(t, func(h *zip.FileHeader) { h.Name = "../../etc/passwd" }, "x"),
		"absolute":             hostile(t, func(h *zip.FileHeader) { h.Name = "/etc/passwd" }, "x"),
		"backslash":            hostile(t, func(h *zip.FileHeader) { h.Name = `..\..\x` }, "x"),
		"symlink":              hostile(t, func(h *zip.FileHeader) { h.SetMode(fs.ModeSymlink | 0o777) }, "/proc/self/environ"),
		"device":               hostile(t, func(h *zip.FileHeader) { h.SetMode(fs.ModeDevice) }, "x"),
		"encrypted":            hostile(t, func(h *zip.FileHeader) { h.Flags |= encrypted }, "x"),
		"twice the same":       twice,
		"too many files":       many,
		"bomb":                 hostile(t, func(*zip.FileHeader) {}, strings.Repeat("\x00", mostBytes+1)),
		"too many runs":        hostile(t, func(*zip.FileHeader) {}, strings.Repeat("{}\n", mostLines+1)),
		"cut off in between":   hostile(t, func(*zip.FileHeader) {}, "x")[:20],
	} {
		if files, err := Unpack(data); err == nil {
			t.Errorf("%s: taken, %d files", name, len(files))
		}
	}
}

func TestUnpackIgnoresWhatIsForPeople(t *testing.T) {
	t.Parallel()
	data, err := Pack([]File{{RunFile, []byte("a")}, {"report.html", []byte("<html>")}, {"deep/er.txt", nil}})
	if err != nil {
		t.Fatal(err)
	}
	files, err := Unpack(data)
	if err != nil || len(files) != 1 || string(files[RunFile]) != "a" {
		t.Errorf("Unpack = %v, %v, want the run alone", files, err)
	}
}
