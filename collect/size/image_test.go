package size

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/tarball"

	"github.com/plumbline-ci/plumbline/collect"
)

// layerTar is a tar with one file of n bytes.
func layerTar(t *testing.T, n int) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	if err := w.WriteHeader(&tar.Header{Name: "f", Mode: 0o644, Size: int64(n)}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(bytes.Repeat([]byte("x"), n)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// testImage has the layers of files of n bytes, one for each instruction.
func testImage(t *testing.T, platform string, n int, instructions ...string) v1.Image {
	t.Helper()
	image := v1.Image(empty.Image)
	for i, createdBy := range instructions {
		content := layerTar(t, n*(i+1))
		layer, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil })
		if err != nil {
			t.Fatal(err)
		}
		image, err = mutate.Append(image, mutate.Addendum{Layer: layer, History: v1.History{CreatedBy: createdBy}},
			mutate.Addendum{History: v1.History{CreatedBy: "ENV A=b", EmptyLayer: true}})
		if err != nil {
			t.Fatal(err)
		}
	}
	config, err := image.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	config = config.DeepCopy()
	config.OS, config.Architecture, _ = strings.Cut(platform, "/")
	image, err = mutate.ConfigFile(image, config)
	if err != nil {
		t.Fatal(err)
	}
	return image
}

// figures are metrics by name.
func figures(ms []collect.Metric) map[string]float64 {
	m := map[string]float64{}
	for _, v := range ms {
		m[v.Name] = v.Value
	}
	return m
}

func compare(t *testing.T, got []collect.Metric, want map[string]float64) {
	t.Helper()
	have := figures(got)
	if len(have) != len(got) {
		t.Errorf("names come twice: %v", got)
	}
	for name, v := range want {
		if g, ok := have[name]; !ok || g < v-1e-9 || g > v+1e-9 {
			t.Errorf("%s = %v (there: %v), want %v", name, g, ok, v)
		}
	}
	for name := range have {
		if _, ok := want[name]; !ok {
			t.Errorf("%s = %v, want none of that name", name, have[name])
		}
	}
}

var instructions = []string{
	"/bin/sh -c #(nop) ADD file:" + strings.Repeat("0a", 32) + " in / ",
	"RUN |1 VERSION=1.2 /bin/sh -c make install # buildkit",
	"COPY . /app # buildkit",
	"COPY . /app # buildkit",
}

// want are the figures of testImage with instructions and 100 kB.
func want(t *testing.T, image v1.Image, unpacked bool, label string) map[string]float64 {
	t.Helper()
	layers, err := image.Layers()
	if err != nil {
		t.Fatal(err)
	}
	config, err := image.RawConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	inside, around := "", ""
	if label != "" {
		inside, around = "image="+label+",", "[image="+label+"]"
	}
	m := map[string]float64{"container.layers" + around: 4}
	total, whole := len(config), 0
	for i, called := range []string{"ADD file in /", "RUN make install", "COPY . /app", "COPY . /app 2"} {
		n, err := layers[i].Size()
		if err != nil {
			t.Fatal(err)
		}
		total += int(n)
		plain := len(layerTar(t, 100_000*(i+1)))
		whole += plain
		m["container.layer_mb["+inside+"layer="+called+"]"] = float64(n) / 1e6
		if unpacked {
			m["container.layer_unpacked_mb["+inside+"layer="+called+"]"] = float64(plain) / 1e6
		}
	}
	m["container.image_mb"+around] = float64(total) / 1e6
	if unpacked {
		m["container.image_unpacked_mb"+around] = float64(whole) / 1e6
	}
	return m
}

// tarOf packs a folder.
func tarOf(t *testing.T, dir string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "image.tar")
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w := tar.NewWriter(f)
	if err := w.AddFS(os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return file
}

func gzipped(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file+".gz", b.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
	return file + ".gz"
}

// TestImageFiles measures one image in all the forms that a file has.
func TestImageFiles(t *testing.T) {
	t.Parallel()
	image := testImage(t, "linux/amd64", 100_000, instructions...)
	dir := t.TempDir()
	path, err := layout.Write(dir, empty.Index)
	if err != nil {
		t.Fatal(err)
	}
	if err := path.AppendImage(image); err != nil {
		t.Fatal(err)
	}
	saved := filepath.Join(t.TempDir(), "saved.tar")
	tag, err := name.NewTag("o/web:edge")
	if err != nil {
		t.Fatal(err)
	}
	if err := tarball.WriteToFile(saved, tag, image); err != nil {
		t.Fatal(err)
	}
	for form, ref := range map[string]string{
		"OCI layout": dir, "OCI archive": tarOf(t, dir), "docker save": saved, "docker save with gzip": gzipped(t, saved),
	} {
		ms, err := Image(t.Context(), "web", ref, ImageOptions{})
		if err != nil {
			t.Errorf("%s: %v", form, err)
			continue
		}
		t.Run(form, func(t *testing.T) { compare(t, ms, want(t, image, true, "web")) })
	}
}

// testRegistry serves images; broken makes it fail.
func testRegistry(t *testing.T, around func(http.Handler) http.Handler) string {
	t.Helper()
	h := http.Handler(registry.New(registry.Logger(log.New(io.Discard, "", 0))))
	if around != nil {
		h = around(h)
	}
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://")
}

func TestImageInARegistry(t *testing.T) {
	t.Parallel()
	const user = "Basic dTpw" // u:p
	var blobs atomic.Int32
	host := testRegistry(t, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.Contains(r.URL.Path, "/private/") && r.Header.Get("Authorization") != user {
				w.Header().Set("WWW-Authenticate", `Basic realm="test"`)
				http.Error(w, "who are you", http.StatusUnauthorized)
				return
			}
			if r.Method == http.MethodGet && strings.Contains(r.URL.Path, "/blobs/") {
				blobs.Add(1)
			}
			next.ServeHTTP(w, r)
		})
	})
	image := testImage(t, "linux/amd64", 100_000, instructions...)
	arm := testImage(t, "linux/arm64", 100_000, "COPY . /arm")
	index := mutate.AppendManifests(empty.Index,
		mutate.IndexAddendum{Add: arm, Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "linux", Architecture: "arm64"}}},
		mutate.IndexAddendum{Add: image, Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "linux", Architecture: "amd64"}}},
		mutate.IndexAddendum{Add: arm, Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "unknown", Architecture: "unknown"}}})
	login := authn.FromConfig(authn.AuthConfig{Username: "u", Password: "p"})
	for _, ref := range []string{host + "/o/web:edge", host + "/private/web:edge"} {
		at, err := name.ParseReference(ref)
		if err != nil {
			t.Fatal(err)
		}
		if err := remote.Write(at, image, remote.WithAuth(login)); err != nil {
			t.Fatal(err)
		}
	}
	multi, err := name.ParseReference(host + "/o/multi:edge")
	if err != nil {
		t.Fatal(err)
	}
	if err := remote.WriteIndex(multi, index); err != nil {
		t.Fatal(err)
	}
	private := ImageOptions{Keychain: keychain{login}}
	blobs.Store(0)
	for _, tt := range []struct {
		label, ref string
		o          ImageOptions
		want       map[string]float64
	}{
		{"web", host + "/o/web:edge", ImageOptions{}, want(t, image, false, "web")},
		{"", host + "/o/web:edge", ImageOptions{Unpack: true}, want(t, image, true, "")},
		{"web", host + "/o/multi:edge", ImageOptions{}, want(t, image, false, "web")},
		{"web", host + "/private/web:edge", private, want(t, image, false, "web")},
	} {
		ms, err := Image(t.Context(), tt.label, tt.ref, tt.o)
		if err != nil {
			t.Errorf("%s: %v", tt.ref, err)
			continue
		}
		compare(t, ms, tt.want)
	}
	// Four configurations, and the layers of the one that was unpacked.
	if n := blobs.Load(); n != 4+4 {
		t.Errorf("%d blobs were loaded, want 8: manifests have the sizes", n)
	}
	ms, err := Image(t.Context(), "", host+"/o/multi:edge", ImageOptions{Platform: "linux/arm64"})
	if _, ok := figures(ms)["container.layer_mb[layer=COPY . /arm]"]; err != nil || !ok {
		t.Errorf("arm64: %v, %v", ms, err)
	}
	for _, tt := range []struct {
		ref, err string
		o        ImageOptions
	}{
		{host + "/o/none:edge", "NAME_UNKNOWN", ImageOptions{}},
		{host + "/private/web:edge", "UNAUTHORIZED", ImageOptions{Keychain: keychain{authn.Anonymous}}},
		{host + "/o/multi:edge", "has no image for linux/s390x: want one of [linux/arm64 linux/amd64]", ImageOptions{Platform: "linux/s390x"}},
	} {
		_, err := Image(t.Context(), "", tt.ref, tt.o)
		if err == nil || !strings.Contains(strings.ToUpper(err.Error()), strings.ToUpper(tt.err)) {
			t.Errorf("%s: %v, want %s", tt.ref, err, tt.err)
		}
	}
}

type keychain struct{ authn.Authenticator }

func (k keychain) Resolve(authn.Resource) (authn.Authenticator, error) { return k.Authenticator, nil }

// TestImageErrors names what is wrong with what is no image.
func TestImageErrors(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := func(name, content string) string {
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
		return name
	}
	stop, cancel := context.WithCancel(t.Context())
	cancel()
	other := t.TempDir()
	if err := os.WriteFile(filepath.Join(other, "f"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		label, ref, err string
		ctx             context.Context
	}{
		{"", dir, "is no folder in OCI layout", t.Context()},
		{"", file("text.tar", strings.Repeat("text", 1000)), "is no tar of an image", t.Context()},
		{"", tarOf(t, other), "want manifest.json of docker save, or index.json", t.Context()},
		{"", filepath.Join(dir, "none.tar"), "no such file", t.Context()},
		{"", "a b", "is neither a file, a folder nor a reference", t.Context()},
		{"a b", "x", `label "a b"`, t.Context()},
		{"", testRegistry(t, nil) + "/o/web", "context canceled", stop},
	} {
		_, err := Image(tt.ctx, tt.label, tt.ref, ImageOptions{})
		if err == nil || !strings.Contains(err.Error(), tt.err) {
			t.Errorf("%s: %v, want %s", tt.ref, err, tt.err)
		}
	}
}

func TestLayerNames(t *testing.T) {
	t.Parallel()
	long := "RUN " + strings.Repeat("apt-get install ", 20)
	for _, tt := range []struct {
		history []string
		n       int
		want    string
	}{
		{[]string{"/bin/sh -c apt-get update", "/bin/sh -c #(nop) COPY dir:" + strings.Repeat("f", 64) + " in /app"}, 2, "[RUN apt-get update COPY dir in /app]"},
		{[]string{"RUN /bin/bash -o pipefail -c make # buildkit"}, 1, "[RUN make]"},
		{[]string{"bazel build ...", "bazel build ..."}, 2, "[bazel build ... bazel build ... 2]"},
		{[]string{"a"}, 2, "[layer 1 layer 2]"},
		{[]string{""}, 1, "[layer 1]"},
		{nil, 0, "[]"},
	} {
		var history []v1.History
		for _, h := range tt.history {
			history = append(history, v1.History{CreatedBy: h})
		}
		if got := fmt.Sprint(layerNames(history, tt.n)); got != tt.want {
			t.Errorf("%q: %s, want %s", tt.history, got, tt.want)
		}
	}
	a, b := instruction(long), instruction(long+"more")
	if a == b || len(a) > maxInstruction+11 || !strings.HasPrefix(a, "RUN apt-get install") {
		t.Errorf("long instructions become %q and %q", a, b)
	}
}
