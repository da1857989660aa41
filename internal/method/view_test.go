package main

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/collect"
)

// stepped is a history of one metric that is 20 % worse from run 60 on.
func stepped() *history {
	rng := rand.New(rand.NewPCG(1, 2))
	h := &history{runs: 120, metrics: []collect.Metric{{Name: "a", Unit: "MB", Better: collect.Lower}}, columns: [][]float64{nil}}
	for i := range h.runs {
		x := 100 + rng.NormFloat64()
		if i >= 60 {
			x *= 1.2
		}
		h.columns[0] = append(h.columns[0], x)
	}
	return h
}

func TestWorsenings(t *testing.T) {
	t.Parallel()
	h := stepped()
	if got := h.worsenings(); len(got) != 1 || !got[place{0, 60}] {
		t.Errorf("worsenings = %v, want the metric at run 60", got)
	}
	h.metrics[0].Better = collect.Higher
	if got := h.worsenings(); len(got) != 0 {
		t.Errorf("worsenings of what got better = %v, want none", got)
	}
}

func TestReplay(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name                       string
		at, from                   int // told of at this run, as begun there
		found, later, news, untrue float64
	}{
		{"in its third run", 62, 60, 1, 1, 1, 0},
		{"in its fifth", 64, 59, 0, 1, 1, 0},
		{"as of long before", 62, 50, 0, 0, 1, 0},
		{"too late", 65, 60, 0, 0, 1, 0},
		{"what is none", 40, 40, 0, 0, 1, 1},
	} {
		h, sum := stepped(), tally{}
		v := view{watch: func(*history) func(int) []told {
			return func(head int) []told {
				if head != row.at {
					return nil
				}
				return []told{{before: row.from - 1, from: row.from}}
			}
		}}
		v.replay(h, h.worsenings(), &sum)
		if sum[viewFound] != (ratio{row.found, 1}) || sum[viewLater] != (ratio{row.later, 1}) || sum[viewAlert].hit != row.news || sum[viewFalse].hit != row.untrue {
			t.Errorf("%s: found %v, later %v, news %v, false %v", row.name, sum[viewFound], sum[viewLater], sum[viewAlert], sum[viewFalse])
		}
	}
}

// The trend tells of a shift once.
func TestTrendView(t *testing.T) {
	t.Parallel()
	h := stepped()
	v := trend("trend", check.Thresholds{})
	watch, news := v.watch(h), 0
	for head := 50; head < 80; head++ {
		for _, x := range watch(head) {
			if !alike(x.from, 60) {
				t.Errorf("run %d: told of a shift at run %d, want 60", head, x.from)
			}
			if !x.again {
				news++
			}
		}
	}
	if news != 1 || !v.fails(&history{runs: 75, metrics: h.metrics, columns: [][]float64{h.columns[0][:75]}}) {
		t.Errorf("told of the shift %d times, want once, and a history that ends then to fail", news)
	}
}

// The page has the second table too.
func TestDocsHaveTheViews(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("..", "..", ".github", "docs", "method.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(text), "\n| lasting shifts |")
	lines := strings.Split("| lasting shifts |"+table, "\n")
	want := gridOf("lasting shifts", viewColumns(), nil)[0]
	if got := strings.Trim(lines[0], "| "); got != strings.Join(want, " | ") {
		t.Errorf("columns of the page = %q, want %q", got, want)
	}
	for i, v := range views() {
		if i+2 >= len(lines) || !strings.Contains(table, "\n| "+v.name+" | ") {
			t.Errorf("the page has no row of %q", v.name)
		}
	}
}
