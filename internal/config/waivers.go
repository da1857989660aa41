package config

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"github.com/plumbline-ci/plumbline/check"
)

func (d *decoder) waivers(n ast.Node, t *check.Thresholds) {
	d.list(n, "waivers", func(n ast.Node) {
		var w check.Waiver
		if d.waiver(n, "waiver", &w, nil) {
			t.Waivers = append(t.Waivers, w)
		}
	})
}

// accepted reads the levels that are the new normal: waivers that say since
// when, and need no end.
func (d *decoder) accepted(n ast.Node, t *check.Thresholds) {
	d.list(n, "accepted", func(n ast.Node) {
		var a check.Acceptance
		if d.waiver(n, "accepted level", &a.Waiver, &a.Since) {
			t.Accepted = append(t.Accepted, a)
		}
	})
}

// waiver reads one item of either list, and reports whether it is sound.
func (d *decoder) waiver(n ast.Node, what string, w *check.Waiver, since *check.Since) bool {
	var until ast.Node
	before := len(d.problems)
	fields := []field{
		{"metric", func(n ast.Node) { w.Metric, _ = d.text(n, "metric") }},
		{"ceiling", func(n ast.Node) { w.Ceiling = d.limit(n, "ceiling") }},
		{"until", func(n ast.Node) {
			until = n
			w.Until, _ = value(d, n, "until", wantDay, parseDay)
		}},
		{"reason", func(n ast.Node) { w.Reason, _ = d.text(n, "reason") }},
		{"issue", func(n ast.Node) { w.Issue, _ = d.count(n, "issue", 1, 1<<31-1) }},
	}
	if since != nil {
		fields = append(fields, field{"since", func(n ast.Node) { *since, _ = value(d, n, "since", wantSince, parseSince) }})
	}
	d.section(n, article(what), fields)
	at := d.resolve(n)
	switch {
	case len(d.problems) > before:
	case w.Metric == "":
		d.fail(at, `%s without metric; want the metrics that it is for, such as metric: "bench/**"`, what)
	case since != nil && since.Text == "":
		d.fail(at, "%s for %q without since; want the commit or the day that brought it, such as since: %s", what, w.Metric,
			d.now.UTC().Format(time.DateOnly))
	case since == nil && w.Until.IsZero():
		d.fail(at, "%s for %q without until; want its last day, such as until: %s", what, w.Metric,
			d.now.UTC().AddDate(0, 0, 30).Format(time.DateOnly))
	case w.Reason == "":
		d.fail(at, `%s for %q without reason; want why the change is accepted, in quotes`, what, w.Metric)
	case !w.Until.IsZero() && w.Until.Before(d.now):
		d.fail(until, "%s for %q expired on %s; remove it, or set a day from %s on", what, w.Metric,
			w.Until.Format(time.DateOnly), d.now.UTC().Format(time.DateOnly))
	}
	return len(d.problems) == before
}

func article(what string) string {
	if strings.HasPrefix(what, "a") {
		return "an " + what
	}
	return "a " + what
}

const wantSince = `a commit of 7 digits or more, a day such as 2026-05-30, or a time such as "2026-05-30T14:30:00Z"`

var commitRE = regexp.MustCompile(`^[0-9A-Fa-f]{7,64}$`)

// parseSince reads a commit, or the first moment of a day in UTC, or a time.
func parseSince(s string) (check.Since, error) {
	s = strings.TrimSpace(s)
	if commitRE.MatchString(s) {
		return check.Since{Text: s, Commit: strings.ToLower(s)}, nil
	}
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(layout, s); err == nil {
			return check.Since{Text: s, Time: t}, nil
		}
	}
	if s == "" {
		return check.Since{}, errors.New("it is empty; want " + wantSince)
	}
	return check.Since{}, fmt.Errorf("%q is neither; want %s", s, wantSince)
}
