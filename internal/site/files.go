package site

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"iter"
	"path"
	"slices"
	"strings"

	_ "embed" // the site's own script and style

	"github.com/plumbline-ci/plumbline/check/report/html"
	"github.com/plumbline-ci/plumbline/check/report/picture"
)

//go:embed assets/site.js
var script string

//go:embed assets/site.css
var style string

// file is one of a site's, by its path with slashes. Its text is made when it is
// asked for.
type file struct {
	name string
	text func() ([]byte, error)
}

func textFile(name, text string) file {
	return file{name, func() ([]byte, error) { return []byte(text), nil }}
}

// files are all of a site's.
func files(suites []Suite) iter.Seq[file] {
	suites = slices.Clone(suites)
	slices.SortStableFunc(suites, func(a, b Suite) int {
		return cmp.Or(strings.Compare(a.Newest.Repository, b.Newest.Repository), strings.Compare(a.title(), b.title()), strings.Compare(a.folder(), b.folder()))
	})
	return func(yield func(file) bool) {
		for _, f := range []file{
			{"index.html", func() ([]byte, error) { return indexPage(suites), nil }},
			textFile("assets/site.js", html.ChartScript+";\n"+script),
			textFile("assets/site.css", html.Theme+html.ChartStyle+style),
		} {
			if !yield(f) {
				return
			}
		}
		for i := range suites {
			for f := range suites[i].files() {
				f.name = path.Join(suites[i].folder(), f.name)
				if !yield(f) {
					return
				}
			}
		}
	}
}

// files are those of a suite, in its folder.
func (s *Suite) files() iter.Seq[file] {
	return func(yield func(file) bool) {
		parts := s.parts()
		all := append([]file{
			{"list.js", func() ([]byte, error) { return s.list(parts) }},
			{"index.html", func() ([]byte, error) { return s.page(), nil }},
		}, drawn("verdict", s.Verdict)...)
		for _, p := range parts {
			all = append(all, file{fmt.Sprintf("data/%d.js", p.number), func() ([]byte, error) { return s.data(p) }})
		}
		for _, f := range all {
			if !yield(f) {
				return
			}
		}
		for j, m := range s.History.Metrics {
			if !s.pictured(m.Name) {
				continue
			}
			for _, f := range s.pictures(j) {
				if !yield(f) {
					return
				}
			}
		}
	}
}

// data are the histories of some metrics.
func (s *Suite) data(p part) ([]byte, error) {
	rows := make([]row, 0, len(p.metrics))
	for _, j := range p.metrics {
		rows = append(rows, newRow(s.series(j)))
	}
	return call("part", p.number, rows)
}

// pictures are the chart and the badges of a metric.
func (s *Suite) pictures(j int) []file {
	m := s.History.Metrics[j]
	name := slug(m.Name)
	chart := file{"charts/" + name + ".svg", func() ([]byte, error) {
		var b bytes.Buffer
		err := picture.SVG(&b, s.series(j), picture.Options{})
		return b.Bytes(), err
	}}
	return append(drawn("badges/"+name, s.badge(m)), chart)
}

// drawn is a badge as a drawing and for shields.io.
func drawn(name string, b picture.Badge) []file {
	of := func(write func(io.Writer) error) func() ([]byte, error) {
		return func() ([]byte, error) {
			var text bytes.Buffer
			err := write(&text)
			return text.Bytes(), err
		}
	}
	return []file{{name + ".svg", of(b.WriteSVG)}, {name + ".json", of(b.WriteEndpoint)}}
}
