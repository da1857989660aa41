package site

import (
	"bytes"
	"cmp"
	"fmt"
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

// File is one of a site's, by its path with slashes.
type File struct {
	Name string
	Text []byte
}

// Files are all of a site's, one made after the other.
func Files(suites []Suite) iter.Seq2[File, error] {
	suites = slices.Clone(suites)
	slices.SortStableFunc(suites, func(a, b Suite) int {
		return cmp.Or(strings.Compare(a.Newest.Repository, b.Newest.Repository), strings.Compare(a.title(), b.title()), strings.Compare(a.folder(), b.folder()))
	})
	return func(yield func(File, error) bool) {
		for _, f := range []File{
			{"index.html", indexPage(suites)},
			{"assets/site.js", []byte(html.ChartScript + ";\n" + script)},
			{"assets/site.css", []byte(html.Theme + html.ChartStyle + style)},
		} {
			if !yield(f, nil) {
				return
			}
		}
		for i := range suites {
			for f, err := range suites[i].files() {
				f.Name = path.Join(suites[i].folder(), f.Name)
				if !yield(f, err) {
					return
				}
			}
		}
	}
}

// files are those of a suite, in its folder.
func (s *Suite) files() iter.Seq2[File, error] {
	return func(yield func(File, error) bool) {
		parts := s.parts()
		list, err := s.list(parts)
		if !yield(File{"list.js", list}, err) || !yield(File{"index.html", s.page()}, nil) {
			return
		}
		for f, err := range drawn("verdict", s.Verdict) {
			if !yield(f, err) {
				return
			}
		}
		for _, p := range parts {
			if !s.part(p, yield) {
				return
			}
		}
	}
}

// part makes the data of some metrics, and their pictures.
func (s *Suite) part(p part, yield func(File, error) bool) bool {
	rows := make([]row, 0, len(p.metrics))
	for _, j := range p.metrics {
		series := s.series(j)
		name := slug(series.Name)
		var chart bytes.Buffer
		if err := picture.SVG(&chart, series, picture.Options{}); !yield(File{"charts/" + name + ".svg", chart.Bytes()}, err) {
			return false
		}
		for f, err := range drawn("badges/"+name, s.badge(s.History.Metrics[j])) {
			if !yield(f, err) {
				return false
			}
		}
		rows = append(rows, newRow(series))
	}
	text, err := call("part", p.number, rows)
	return yield(File{fmt.Sprintf("data/%d.js", p.number), text}, err)
}

// drawn is a badge as a drawing and for shields.io.
func drawn(name string, b picture.Badge) iter.Seq2[File, error] {
	return func(yield func(File, error) bool) {
		var svg, endpoint bytes.Buffer
		if err := b.WriteSVG(&svg); !yield(File{name + ".svg", svg.Bytes()}, err) {
			return
		}
		err := b.WriteEndpoint(&endpoint)
		yield(File{name + ".json", endpoint.Bytes()}, err)
	}
}
