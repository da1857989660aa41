package cli

import (
	"context"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/plumbline-ci/plumbline/collect"
	"github.com/plumbline-ci/plumbline/collect/probe"
)

// build is a wrapped command that is known to build something.
type build struct {
	kind   buildKind
	tool   string // of a container build: the program that is asked for the image
	tag    string // the image's; empty: it has none, or does not come to this machine
	folder string // where a wheel or documentation is written
	before map[string]fs.FileInfo
}

type buildKind int

const (
	containerBuild buildKind = iota + 1
	wheelBuild
	docsBuild
)

// newBuild recognises a build by its command line, and looks at what there is of it
// before. It returns nil for any other command.
func newBuild(dir string, args []string) *build {
	b := buildOf(args)
	if b == nil || b.kind == containerBuild {
		return b
	}
	if !filepath.IsAbs(b.folder) {
		b.folder = filepath.Join(dir, b.folder)
	}
	b.before = b.files()
	return b
}

// buildOf recognises the command line alone.
func buildOf(args []string) *build {
	if len(args) == 0 {
		return nil
	}
	tool := strings.TrimSuffix(filepath.Base(args[0]), ".exe")
	if strings.HasPrefix(tool, "python") && len(args) > 2 {
		switch {
		case args[1] == "-m":
			tool, args = args[2], args[2:]
		case filepath.Base(args[1]) == "setup.py" && args[2] == "bdist_wheel":
			tool, args = "setup.py", args[2:]
		}
	}
	line := commandLine{args: args[1:]}
	if b := containerBuildOf(tool, line); b != nil {
		b.tool = args[0]
		return b
	}
	if b := wheelBuildOf(tool, line); b != nil {
		return b
	}
	return docsBuildOf(tool, line)
}

// commandLine is what stands behind a program's name.
type commandLine struct{ args []string }

// words are the arguments that are no flags. Values of flags that stand before the
// second of them, such as those of a program and of its command, are named by valued.
func (c commandLine) words(valued ...string) []string {
	var words []string
	for i := 0; i < len(c.args); i++ {
		if a := c.args[i]; !strings.HasPrefix(a, "-") {
			words = append(words, a)
		} else if len(words) < 2 && slices.Contains(valued, a) {
			i++
		}
	}
	return words
}

// flag is the last value of a flag that has one of these names, or what is given
// for none.
func (c commandLine) flag(none string, names ...string) string {
	for i, a := range c.args {
		name, value, joined := strings.Cut(a, "=")
		if !slices.Contains(names, name) {
			continue
		}
		if joined {
			none = value
		} else if i+1 < len(c.args) {
			none = c.args[i+1]
		}
	}
	return none
}

func (c commandLine) has(names ...string) bool {
	return slices.ContainsFunc(c.args, func(a string) bool {
		name, _, _ := strings.Cut(a, "=")
		return slices.Contains(names, name)
	})
}

// subcommand is the first word, empty where there is none.
func (c commandLine) subcommand() string {
	if words := c.words(); len(words) > 0 {
		return words[0]
	}
	return ""
}

// begins reports whether the words begin with those of a phrase.
func begins(words []string, phrase string) bool {
	want := strings.Fields(phrase)
	return len(words) >= len(want) && slices.Equal(words[:len(want)], want)
}

// containerBuildOf knows the engines. An image that a builder keeps to itself, or
// sends elsewhere, has no size here: another of its tag may be older.
func containerBuildOf(tool string, line commandLine) *build {
	words := line.words("--context", "-c", "--host", "-H", "--config", "--log-level", "-l", "--builder", "--namespace", "-n", "--root", "--file", "-f", "--project-name", "-p")
	is := func(phrases ...string) bool {
		return slices.ContainsFunc(phrases, func(p string) bool { return begins(words, p) })
	}
	b := &build{kind: containerBuild}
	switch {
	case tool == "docker-compose" && is("build"), slices.Contains([]string{"docker", "podman", "nerdctl"}, tool) && is("compose build", "buildx bake"):
		return b
	case tool == "buildah" && is("bud", "build"):
		return b
	case slices.Contains([]string{"docker", "podman", "nerdctl"}, tool) && is("build", "image build", "builder build", "buildx build", "buildx b"):
	default:
		return nil
	}
	elsewhere := line.has("--push", "-o", "--output") || words[0] == "buildx" || os.Getenv("BUILDX_BUILDER") != "" || line.has("--builder")
	if line.has("--load") || !elsewhere {
		b.tag = line.flag("", "-t", "--tag")
	}
	return b
}

// wheelBuildOf knows the tools that build Python's wheels, and where they put them.
func wheelBuildOf(tool string, line commandLine) *build {
	first := line.subcommand()
	at := func(folder string, flags ...string) *build {
		return &build{kind: wheelBuild, folder: line.flag(folder, flags...)}
	}
	switch {
	case line.has("--sdist") && !line.has("--wheel"), tool == "build" && line.has("-s") && !line.has("-w", "--wheel"):
		return nil
	case tool == "build":
		return at("dist", "-o", "--outdir")
	case tool == "setup.py":
		return at("dist", "-d", "--dist-dir")
	case (tool == "pip" || tool == "pip3") && first == "wheel":
		return at(".", "-w", "--wheel-dir")
	case tool == "cibuildwheel":
		return at("wheelhouse", "--output-dir")
	case tool == "maturin" && first == "build":
		return at(filepath.Join("target", "wheels"), "-o", "--out")
	case tool == "uv" && first == "build":
		return at("dist", "-o", "--out-dir")
	case (tool == "poetry" || tool == "hatch" || tool == "flit" || tool == "pdm") && first == "build":
		return at("dist", "-o", "--output", "-d", "--dest")
	}
	return nil
}

// docsBuildOf knows the tools that build documentation, and where they put it.
func docsBuildOf(tool string, line commandLine) *build {
	first := line.subcommand()
	at := func(folder string) *build { return &build{kind: docsBuild, folder: folder} }
	switch {
	case tool == "mkdocs" && first == "build":
		return at(line.flag("site", "-d", "--site-dir"))
	case tool == "mdbook" && first == "build":
		return at(line.flag("book", "-d", "--dest-dir"))
	case tool == "jekyll" && (first == "build" || first == "b"):
		return at(line.flag("_site", "-d", "--destination"))
	case tool == "cargo" && first == "doc":
		return at(filepath.Join(line.flag("target", "--target-dir"), "doc"))
	case (tool == "sphinx-build" || tool == "sphinx") && len(line.args) >= 4 && line.args[0] == "-M":
		return at(filepath.Join(line.args[3], line.args[1]))
	case (tool == "sphinx-build" || tool == "sphinx") && len(line.args) >= 2:
		// Sources and output come last but for names of files, which are rare, or
		// first with the flags behind them.
		if !strings.HasPrefix(line.args[0], "-") {
			return at(line.args[1])
		}
		return at(line.args[len(line.args)-1])
	}
	return nil
}

// files are the files of the folder by their paths. A folder that is not there has
// none.
func (b *build) files() map[string]fs.FileInfo {
	found := map[string]fs.FileInfo{}
	_ = filepath.WalkDir(b.folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return nil // what cannot be read has no size
		}
		if b.kind == wheelBuild && d.IsDir() && path != b.folder {
			return fs.SkipDir
		}
		if info, err := d.Info(); err == nil && info.Mode().IsRegular() {
			found[path] = info
		}
		return nil
	})
	return found
}

// metrics are what is known after the command has ended. A time is that of a build
// that was done; a size that of what it wrote.
func (b *build) metrics(ctx context.Context, r probe.Result) []collect.Metric {
	if b == nil {
		return nil
	}
	success := 0.0
	if r.Status == 0 {
		success = 1
	}
	switch b.kind {
	case containerBuild:
		return b.container(ctx, r)
	case wheelBuild:
		ms := []collect.Metric{{Name: "build.wheel_success", Better: collect.Higher, Value: success}}
		if r.Status != 0 {
			return ms
		}
		var wheels, all int64
		for path, info := range b.files() {
			if was := b.before[path]; was != nil && was.ModTime().Equal(info.ModTime()) && was.Size() == info.Size() && os.SameFile(was, info) {
				continue
			}
			if all += info.Size(); filepath.Ext(path) == ".whl" {
				wheels += info.Size()
			}
		}
		ms = append(ms, sizes("artifact.wheel_mb", wheels)...)
		if filepath.Base(b.folder) == "dist" {
			ms = append(ms, sizes("artifact.dist_mb", all)...)
		}
		return ms
	}
	ms := []collect.Metric{{Name: "docs.build_success", Better: collect.Higher, Value: success}}
	if r.Status != 0 {
		return ms
	}
	var all int64
	for _, info := range b.files() {
		all += info.Size()
	}
	return append(ms, sizes("artifact.docs_mb", all)...)
}

// sizes is a metric of so many bytes, none of nothing.
func sizes(name string, bytes int64) []collect.Metric {
	if bytes == 0 {
		return nil
	}
	return []collect.Metric{{Name: name, Unit: "MB", Better: collect.Lower, Value: float64(bytes) / 1e6}}
}

// inspectTime bounds how long an engine may take to tell the size of an image.
const inspectTime = 10 * time.Second

// container asks the engine that built an image how large it is. One that does not
// tell leaves it out.
func (b *build) container(ctx context.Context, r probe.Result) []collect.Metric {
	if r.Status != 0 {
		return nil
	}
	ms := []collect.Metric{{Name: "container.build_seconds", Unit: "s", Better: collect.Lower, Value: r.Wall.Seconds()}}
	if b.tag == "" {
		return ms
	}
	ctx, cancel := context.WithTimeout(ctx, inspectTime)
	defer cancel()
	out, err := exec.CommandContext(ctx, b.tool, "image", "inspect", "--format", "{{.Size}}", b.tag).Output()
	if err != nil {
		return ms
	}
	bytes, err := strconv.ParseInt(strings.TrimSpace(string(out)), 10, 64)
	if err != nil {
		return ms
	}
	return append(ms, sizes("container.image_mb", bytes)...)
}
