package cli

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestBuildOf(t *testing.T) {
	t.Setenv("BUILDX_BUILDER", "")
	target := filepath.Join("target", "wheels")
	for line, want := range map[string]build{
		"docker build -t app:1 .":                     {kind: containerBuild, tool: "docker", tag: "app:1"},
		"/usr/bin/docker --context x build . --tag=a": {kind: containerBuild, tool: "/usr/bin/docker", tag: "a"},
		"podman image build -t a -t b .":              {kind: containerBuild, tool: "podman", tag: "b"},
		"docker buildx build -t a .":                  {kind: containerBuild, tool: "docker"},
		"docker buildx build --load -t a .":           {kind: containerBuild, tool: "docker", tag: "a"},
		"docker build --push -t a .":                  {kind: containerBuild, tool: "docker"},
		"docker build .":                              {kind: containerBuild, tool: "docker"},
		"docker compose -f c.yml build web":           {kind: containerBuild, tool: "docker"},
		"docker-compose build":                        {kind: containerBuild, tool: "docker-compose"},
		"buildah bud -t a":                            {kind: containerBuild, tool: "buildah"},
		"python3 -m build":                            {kind: wheelBuild, folder: "dist"},
		"python -m build --wheel --outdir out":        {kind: wheelBuild, folder: "out"},
		"python3.12 -m pip wheel . -w wheels":         {kind: wheelBuild, folder: "wheels"},
		"python setup.py bdist_wheel":                 {kind: wheelBuild, folder: "dist"},
		"pip wheel --no-deps .":                       {kind: wheelBuild, folder: "."},
		"uv build":                                    {kind: wheelBuild, folder: "dist"},
		"cibuildwheel --platform linux":               {kind: wheelBuild, folder: "wheelhouse"},
		"maturin build --release":                     {kind: wheelBuild, folder: target},
		"mkdocs build --strict -d public":             {kind: docsBuild, folder: "public"},
		"mdbook build":                                {kind: docsBuild, folder: "book"},
		"sphinx-build -b html docs out":               {kind: docsBuild, folder: "out"},
		"sphinx-build docs out -W":                    {kind: docsBuild, folder: "out"},
		"python -m sphinx -M html docs out":           {kind: docsBuild, folder: filepath.Join("out", "html")},
		"cargo doc --no-deps":                         {kind: docsBuild, folder: filepath.Join("target", "doc")},
		"docker run --rm app build":                   {},
		"docker":                                      {},
		"python -m build --sdist":                     {},
		"python -m pytest":                            {},
		"uv run build":                                {},
		"go build":                                    {},
		"cargo build":                                 {},
		"mkdocs serve":                                {},
		"sh -c docker":                                {},
	} {
		got := buildOf(strings.Fields(line))
		if got == nil {
			got = &build{}
		}
		if got.kind != want.kind || got.tool != want.tool || got.tag != want.tag || got.folder != want.folder {
			t.Errorf("buildOf(%s) = %+v, want %+v", line, *got, want)
		}
	}
	t.Setenv("BUILDX_BUILDER", "remote")
	if got := buildOf([]string{"docker", "build", "-t", "a", "."}); got == nil || got.tag != "" {
		t.Errorf("with a builder of its own: %+v, want no tag", got)
	}
}
