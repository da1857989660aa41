package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/plumbline-ci/plumbline/check"
)

// What a chart is drawn of.
const (
	chartRuns  = 50 // the newest runs
	chartLeast = 2  // runs without which there is no line to look at
)

// worst is the metric that matters most of those that got worse, nil where none
// did.
func (p *Page) worst() *check.Comparison {
	for _, s := range p.Sections {
		if (s.Status == check.Regressed || s.Status == check.Suspect) && len(s.Metrics) > 0 {
			return &s.Metrics[0]
		}
	}
	return nil
}

// chart draws the history of the worst metric in a fold, in the language of
// mermaid: its values up to the head's, and what was expected at worst. It is
// empty where there is nothing to draw.
func (p *Page) chart() string {
	c := p.worst()
	if c == nil || len(c.History) < chartLeast {
		return ""
	}
	known := slices.DeleteFunc(slices.Clone(c.History[max(0, len(c.History)-chartRuns):]), func(v float64) bool { return !finite(v) })
	values, limit, unit := append(known, c.Head), bound(c), plain(string(c.Unit))
	if !drawable(values) {
		for i := range values {
			values[i] *= 100 / c.Baseline
		}
		limit, unit = limit*100/c.Baseline, "per cent of the baseline"
	}
	if len(values) <= chartLeast || !drawable(values) {
		return ""
	}
	lines := [][]float64{values}
	legend := ""
	if finite(limit) && drawable([]float64{limit}) {
		lines = append(lines, slices.Repeat([]float64{limit}, len(values)))
		legend = "The level line is what was expected at worst.\n\n"
	}
	return "\n<details><summary>history of " + element(shorten(clean(c.Name, maxName), nameColumns)) +
		"</summary>\n\n" + mermaid(cmp.Or(unit, "value"), lines) + "\n" + legend + "</details>\n"
}

// bound is the value that the head should not have been past, NaN where there
// is none.
func bound(c *check.Comparison) float64 {
	switch said := expected(c); {
	case strings.HasPrefix(said, "≤"):
		return c.High
	case strings.HasPrefix(said, "≥"):
		return c.Low
	}
	return math.NaN()
}

// mermaid is a block with lines of equal length over the runs.
func mermaid(unit string, lines [][]float64) string {
	all := slices.Concat(lines...)
	low, high := slices.Min(all), slices.Max(all)
	margin := (high - low) / 10
	if margin == 0 {
		margin = math.Abs(high) / 10
	}
	var b strings.Builder
	b.WriteString("```mermaid\nxychart-beta\n")
	fmt.Fprintf(&b, "    x-axis \"baseline runs, oldest first, then the head\" 1 --> %d\n", len(lines[0]))
	fmt.Fprintf(&b, "    y-axis \"%s\" %s --> %s\n", unit, plot(low-margin), plot(high+margin))
	for _, l := range lines {
		b.WriteString("    line [" + plots(l) + "]\n")
	}
	b.WriteString("```\n")
	return b.String()
}

// drawable reports whether mermaid can read the values: it knows no exponents,
// and labels an axis with all digits that there are.
func drawable(values []float64) bool {
	most := 0.0
	for _, v := range values {
		if !finite(v) {
			return false
		}
		most = max(most, math.Abs(v))
	}
	return most >= 1e-2 && most < 1e7
}

func plots(values []float64) string {
	parts := make([]string, len(values))
	for i, v := range values {
		parts[i] = plot(v)
	}
	return strings.Join(parts, ", ")
}

// plot writes a number with five figures and no exponent.
func plot(v float64) string {
	v, _ = strconv.ParseFloat(strconv.FormatFloat(v, 'g', 5, 64), 64)
	return strconv.FormatFloat(v, 'f', -1, 64)
}

// plain is what of a text from outside may stand in the source of a chart.
func plain(s string) string {
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		switch {
		case r == '%', r == '/', r == '.', r == '_', r == '-', r >= '0' && r <= '9', r < 0x80 && letter(byte(r)):
			return r
		}
		return ' '
	}, clean(s, maxUnit))), " ")
}
