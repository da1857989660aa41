package size

import (
	"archive/zip"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func write(t *testing.T, dir, name string, content []byte) string {
	t.Helper()
	name = filepath.Join(dir, name)
	if err := os.WriteFile(name, content, 0o666); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a := write(t, dir, "a.js", bytes.Repeat([]byte("let a = 1;\n"), 50_000))
	b := write(t, dir, "b.js", []byte("x"))
	ms, err := Files("dist", []string{a, b})
	if err != nil {
		t.Fatal(err)
	}
	got := figures(ms)
	if got["artifact.dist_mb"] != 0.550001 || len(ms) != 4 {
		t.Errorf("metrics %v, want artifact.dist_mb = 0.550001 and three more", got)
	}
	for _, by := range []string{"gzip", "brotli", "zstd"} {
		if v := got["artifact.dist_"+by+"_mb"]; v < 20e-6 || v > 5000e-6 {
			t.Errorf("%s makes %v MB of it, want a little", by, v)
		}
	}
	again, err := Files("dist", []string{b, a})
	if err != nil {
		t.Fatal(err)
	}
	compare(t, again, got)
	for label, want := range map[string]string{"": "label", "a b": "label", "none": "has no file"} {
		if _, err := Files(label, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("label %q: %v, want %s", label, err, want)
		}
	}
	if _, err := Files("dist", []string{a, filepath.Join(dir, "none")}); !os.IsNotExist(unwrapAll(err)) {
		t.Errorf("a missing file: %v", err)
	}
}

func unwrapAll(err error) error {
	for {
		u, ok := err.(interface{ Unwrap() error })
		if !ok {
			return err
		}
		if _, path := err.(*os.PathError); path {
			return err
		}
		err = u.Unwrap()
	}
}

// TestWheel counts the files of a wheel. A release does not rename its series.
func TestWheel(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"1.0", "2.0"} {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		for name, n := range map[string]int{
			"pkg/__init__.py": 1000, "pkg/sub/a.so": 500_000, "pkg-" + version + ".dist-info/METADATA": 300, "six.py": 40, "pkg.libs/b.so": 60,
		} {
			w, err := z.Create(name)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := w.Write(make([]byte, n)); err != nil {
				t.Fatal(err)
			}
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		file := write(t, t.TempDir(), "pkg-"+version+"-py3-none-any.whl", b.Bytes())
		ms, err := Files("wheel", []string{file})
		if err != nil {
			t.Fatal(err)
		}
		compare(t, ms[4:], map[string]float64{
			"artifact.wheel_files": 5, "artifact.wheel_unpacked_mb": 0.5014,
			"artifact.wheel_unpacked_mb[folder=pkg]": 0.501, "artifact.wheel_unpacked_mb[folder=pkg.dist-info]": 0.0003,
			"artifact.wheel_unpacked_mb[folder=.]": 0.00004, "artifact.wheel_unpacked_mb[folder=pkg.libs]": 0.00006,
		})
		if ms[0].Value != float64(b.Len())/1e6 {
			t.Errorf("%s = %v, want %d bytes", ms[0].Name, ms[0].Value, b.Len())
		}
	}
	bad := write(t, t.TempDir(), "bad.whl", []byte("no zip"))
	if _, err := Files("wheel", []string{bad}); err == nil || !strings.Contains(err.Error(), "read the wheel") {
		t.Errorf("a wheel that is none: %v", err)
	}
}

const program = `package main

import (
	"fmt"
	"os"
)

var table = [...]string{TABLE}

func main() { fmt.Println(table[len(os.Args)%len(table)]) }
`

// TestGoBinary builds one program for each system and measures its packages.
func TestGoBinary(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("go"); err != nil {
		t.Skipf("no Go to build programs with: %v", err)
	}
	dir := t.TempDir()
	write(t, dir, "go.mod", []byte("module example.com/app.v2\n\ngo 1.22\n"))
	write(t, dir, "main.go", []byte(strings.ReplaceAll(program, "TABLE", `"a", "b"`)))
	for _, tt := range []struct{ os, flags, text string }{
		{"linux", "", ".text"}, {"linux", "-s -w", ".text"}, {"windows", "", ".text"}, {"darwin", "", "__TEXT,__text"},
	} {
		t.Run(tt.os+tt.flags, func(t *testing.T) {
			file := filepath.Join(dir, tt.os+strings.ReplaceAll(tt.flags, " ", "")+".bin")
			build := exec.Command("go", "build", "-ldflags", tt.flags, "-o", file, ".")
			build.Dir = dir
			build.Env = append(os.Environ(), "GOOS="+tt.os, "GOARCH=amd64", "CGO_ENABLED=0", "GOFLAGS=-mod=mod", "GOWORK=off")
			if out, err := build.CombinedOutput(); err != nil {
				t.Skipf("no program for %s: %v\n%s", tt.os, err, out)
			}
			ms, err := GoBinary("app", file)
			if err != nil {
				t.Fatal(err)
			}
			got := figures(ms)
			info, err := os.Stat(file)
			if err != nil {
				t.Fatal(err)
			}
			sum := 0.0
			for name, v := range got {
				if strings.HasPrefix(name, "artifact.app_package_mb[") {
					sum += v
				}
			}
			if whole := float64(info.Size()) / 1e6; sum < whole/6 || sum > whole {
				t.Errorf("the packages have %v of %v MB: want a good part", sum, whole)
			}
			for _, pkg := range []string{"runtime", "fmt", "os", "main"} {
				if v := got["artifact.app_package_mb[package="+pkg+"]"]; v <= 0 || pkg == "runtime" && v < 0.1 {
					t.Errorf("package %s has %v MB", pkg, v)
				}
			}
			if v := got["artifact.app_section_mb[section="+tt.text+"]"]; v < 0.1 {
				t.Errorf("section %s has %v MB: %v", tt.text, v, got)
			}
		})
	}
	for file, want := range map[string]string{
		write(t, dir, "text", []byte("text")): "is no program", filepath.Join(dir, "none"): "measure the binary",
	} {
		if _, err := GoBinary("app", file); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", file, err, want)
		}
	}
}

func TestPackageOf(t *testing.T) {
	t.Parallel()
	for symbol, want := range map[string]string{
		"net/http.(*Client).Do":             "net/http",
		"main.main":                         "main",
		"gopkg.in/yaml%2ev3.Unmarshal":      "gopkg.in/yaml.v3",
		"slices.Sort[go.shape.[]int,a/b.c]": "slices",
		"type:.eq.net/http.T":               "(types)",
		"go:string.*":                       "(data)",
		"$f64.3ff0000000000000":             "(data)",
		"_cgo_init":                         "(other)",
		".hidden":                           "(other)",
		"":                                  "(other)",
	} {
		if got := packageOf(symbol); got != want {
			t.Errorf("packageOf(%q) = %q, want %q", symbol, got, want)
		}
	}
}

// TestParallel reads many files at once and gives one error.
func TestParallel(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var files []string
	for range 4 * runtime.GOMAXPROCS(0) {
		files = append(files, filepath.Join(dir, "none"))
	}
	if _, err := Files("x", files); err == nil {
		t.Error("Files of missing files gave no error")
	}
}
