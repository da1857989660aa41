package github_test

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/plumbline-ci/plumbline/internal/github/githubtest"
)

// maxImage is the largest image that a job should have to build and load.
const maxImage = 30_000_000

// TestImage builds the image of action.yml and runs it as GitHub's runner does.
// It takes a minute and an engine, so it has to be asked for: .ci/image does,
// by PLUMBLINE_TEST_IMAGE=1. The name of an image in place of the 1 is that of
// one that is there already.
func TestImage(t *testing.T) {
	if os.Getenv("PLUMBLINE_TEST_IMAGE") == "" {
		t.Skip("builds and runs the container image; .ci/image runs it")
	}
	program, image := buildProgram(t), os.Getenv("PLUMBLINE_TEST_IMAGE")
	if image == "1" {
		image = buildImage(t)
	}
	t.Run("image", func(t *testing.T) { checkImage(t, image) })
	t.Run("version", func(t *testing.T) {
		if out := docker(t, "run", "--rm", "--network", "none", "--entrypoint", "/plumbline", image, "--help"); !strings.Contains(out, "regression") {
			t.Errorf("plumbline --help printed %q, want the help", out)
		}
	})
	t.Run("life", func(t *testing.T) {
		sameLife(t, play(newScene(t, program, "")), play(newScene(t, program, image)))
	})
	t.Run("release", func(t *testing.T) { checkImage(t, buildRelease(t)) })
	t.Run("mistakes", func(t *testing.T) { checkMistakes(newScene(t, program, image)) })
}

// buildImage builds the image as GitHub does, without a registry.
func buildImage(t *testing.T) string {
	t.Helper()
	id := strconv.Itoa(os.Getpid())
	base, stage, image := "plumbline-test-base:"+id, "plumbline-test-stage:"+id, "plumbline-test:"+id
	t.Cleanup(func() { _ = exec.Command("docker", "rmi", "-f", image, stage, base).Run() })
	importBase(t, base)
	// The first stage gets a name so that it can be removed.
	docker(t, "build", "-q", "--build-arg", "GO_IMAGE="+base, "--target", "build", "-t", stage, "../..")
	docker(t, "build", "-q", "--build-arg", "GO_IMAGE="+base, "-t", image, "../..")
	return image
}

// buildRelease builds the image of a release, as .ci/release does for each
// platform, from a program that is built already.
func buildRelease(t *testing.T) string {
	t.Helper()
	dir, image := t.TempDir(), "plumbline-test-release:"+strconv.Itoa(os.Getpid())
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", filepath.Join(dir, "plumbline-linux-"+runtime.GOARCH), "../..")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	writeFile(t, filepath.Join(dir, "ca-certificates.crt"), read(t, "/etc/ssl/certs/ca-certificates.crt"))
	t.Cleanup(func() { _ = exec.Command("docker", "rmi", "-f", image).Run() })
	docker(t, "build", "-q", "--build-arg", "TARGETARCH="+runtime.GOARCH, "-f", "../../.ci/release.Dockerfile", "-t", image, dir)
	docker(t, "run", "--rm", "--network", "none", "--entrypoint", "/plumbline", image, "version")
	return image
}

func docker(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.Command("docker", args...)
	cmd.Env = append(os.Environ(), "DOCKER_CLI_HINTS=false")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("docker %s: %v\n%s%s", args[0], err, out, stderr.Bytes())
	}
	return string(out)
}

// importBase makes a stand-in for the Go image out of this machine's toolchain,
// with the modules that the build needs, so that nothing is downloaded.
func importBase(t *testing.T, name string) {
	t.Helper()
	root, modules := goEnv(t, "GOROOT"), moduleCache(t)
	cmd := exec.Command("docker", "import", "--change", "ENV PATH=/usr/local/go/bin GOROOT=/usr/local/go GOMODCACHE=/go/pkg/mod "+
		"GOCACHE=/tmp/cache GOPROXY=off GOSUMDB=off GOTOOLCHAIN=local GOFLAGS=-mod=readonly", "-", name)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	err = writeBase(in, root, modules)
	if cerr := in.Close(); err == nil {
		err = cerr
	}
	if werr := cmd.Wait(); werr != nil || err != nil {
		t.Fatalf("docker import: %v, %v\n%s", werr, err, out.Bytes())
	}
}

// moduleCache fills a module cache with what the build needs, from this
// machine's own and without the network.
func moduleCache(t *testing.T) string {
	t.Helper()
	have := goEnv(t, "GOMODCACHE")
	dir := t.TempDir()
	cmd := exec.Command("go", "list", "-deps", "../..")
	cmd.Env = append(os.Environ(), "GOMODCACHE="+dir, "GOSUMDB=off", "GOFLAGS=-mod=readonly -modcacherw", "CGO_ENABLED=0",
		"GOPROXY=file://"+filepath.ToSlash(filepath.Join(have, "cache", "download")))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("fill a module cache: %v\n%s", err, out)
	}
	return dir
}

func goEnv(t *testing.T, name string) string {
	t.Helper()
	out, err := exec.Command("go", "env", name).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

func writeBase(w io.Writer, root, modules string) error {
	b := tar.NewWriter(w)
	if err := b.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: "tmp/", Mode: 0o1777}); err != nil {
		return err
	}
	for from, to := range map[string]string{
		filepath.Join(root, "bin"): "usr/local/go/bin", filepath.Join(root, "pkg"): "usr/local/go/pkg",
		filepath.Join(root, "src"): "usr/local/go/src", filepath.Join(root, "lib"): "usr/local/go/lib",
		filepath.Join(root, "go.env"): "usr/local/go/go.env", filepath.Join(root, "VERSION"): "usr/local/go/VERSION",
		modules:                              "go/pkg/mod",
		"/etc/ssl/certs/ca-certificates.crt": "etc/ssl/certs/ca-certificates.crt",
	} {
		if err := addTree(b, from, to); err != nil {
			return err
		}
	}
	return b.Close()
}

// addTree adds a file or a folder, with links followed.
func addTree(b *tar.Writer, from, to string) error {
	from, err := filepath.EvalSymlinks(from)
	if err != nil {
		return err
	}
	return filepath.WalkDir(from, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := os.Stat(p)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, p)
		if err != nil {
			return err
		}
		h := &tar.Header{Name: filepath.ToSlash(filepath.Join(to, rel)), Mode: int64(info.Mode().Perm()), Size: info.Size(), ModTime: info.ModTime()}
		if err := b.WriteHeader(h); err != nil {
			return err
		}
		f, err := os.Open(p)
		if err != nil {
			return err
		}
		defer f.Close()
		_, err = io.Copy(b, f)
		return err
	})
}

// checkImage looks at what the image is: small, only two files, no user.
func checkImage(t *testing.T, image string) {
	var inspected []struct {
		Size   int64
		Config struct {
			User       string
			Entrypoint []string
		}
	}
	if err := json.Unmarshal([]byte(docker(t, "image", "inspect", image)), &inspected); err != nil || len(inspected) != 1 {
		t.Fatalf("docker image inspect: %v", err)
	}
	i := inspected[0]
	if t.Logf("the image has %d bytes", i.Size); i.Size > maxImage {
		t.Errorf("the image has %d bytes, want at most %d", i.Size, maxImage)
	}
	if got := strings.Join(i.Config.Entrypoint, " "); got != "/plumbline action" || i.Config.User != "" {
		t.Errorf("entrypoint %q and user %q, want /plumbline action and none", got, i.Config.User)
	}
	id := strings.TrimSpace(docker(t, "create", image))
	defer docker(t, "rm", id)
	roots := docker(t, "cp", id+":/etc/ssl/certs/ca-certificates.crt", "-")
	if n := strings.Count(roots, "BEGIN CERTIFICATE"); n < 50 {
		t.Errorf("the image has %d roots of trust, want 50 or more", n)
	}
}

// checkMistakes runs steps that a user got wrong: status 2, and an error that
// names what is wrong.
func checkMistakes(s *scene) {
	j := s.job(s.AddRun(s.repo, githubtest.Run{Status: "in_progress"}), map[string]string{
		"a.xml":          `<testsuites><testsuite name="s"><testcase name="a" time="1"/></testsuite></testsuites>`,
		".plumbline.yml": "gate:\n  treshold: 5%\n", "good.yml": "gate: {threshold: 5%}\n",
	})
	link(s.t, "/github/workflow/event.json", filepath.Join(j.place.Workspace(j.run), "link.xml"))
	for want, inputs := range map[string]map[string]string{
		`unknown mode "chek"`: {"mode": "chek"},
		`.plumbline.yml:2:3: unknown key "treshold" in gate; did you mean "threshold"?`: {"results": "a.xml"},
		`"link.xml": leads out`:       {"results": "link.xml", "config": "good.yml"},
		`no folder "sub"`:             {"working-directory": "sub"},
		`unknown outcome "regresion"`: {"fail-on": "regresion"},
		`unknown option "colour"`:     {"results": "a.xml", "store": "s3://b/p?colour=blue", "config": "good.yml"},
	} {
		if got := j.act(inputs, nil); got.status != 2 || !strings.Contains(got.log, want) {
			s.t.Errorf("step with %v: status %d, want 2 and an error with %s\n%s", inputs, got.status, want, got.log)
		}
	}
	if _, err := os.Stat(filepath.Join(j.place.Workspace(j.run), ".plumbline")); err == nil {
		s.t.Error("a step that failed for a mistake left a store behind")
	}
}
