package postgres

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-ci/plumbline/collect"
	"github.com/plumbline-ci/plumbline/internal/servicetest"
)

// sheet fills in what Grafana does of its macros and variables.
var sheet = strings.NewReplacer(
	"$__timeFilter(time)", "time BETWEEN '2026-01-01T00:00:00Z' AND '2026-03-31T00:00:00Z'",
	"${repository:sqlstring}", "'acme/widget','it''s'", "${suite:sqlstring}", "'unit',''", "${branch:sqlstring}", "'main','next'",
	"${metric:sqlstring}", "'test.total_seconds','coverage.line_pct'",
)

// left finds what the sheet does not know.
var left = regexp.MustCompile(`\$[_{a-z]`)

// TestGrafana asks a real PostgreSQL every query of the dashboard, about runs that a
// store has put there.
func TestGrafana(t *testing.T) {
	t.Parallel()
	d := servicetest.ReadDashboard(t, "postgres.json", "grafana-postgresql-datasource")
	p := servicetest.StartPostgres(t)
	s := open(t, p.Address("postgres", "", "postgres"))
	for i := range 20 {
		at := time.Date(2026, 2, 1+i/2, 8+i%2, 0, 0, 0, time.UTC)
		run := collect.Run{
			Origin:  collect.Origin{ID: fmt.Sprint("r", i), Repository: "acme/widget", Name: "unit", Branch: []string{"main", "next"}[i%2], Commit: fmt.Sprintf("%07d", i), Type: "test", Time: at},
			Metrics: []collect.Metric{{Name: "coverage.line_pct", Unit: "%", Value: 80}, {Name: "test.total_seconds", Unit: "s", Value: float64(10 + i)}, {Name: "other", Value: 1}},
		}
		if err := s.Put(t.Context(), run); err != nil {
			t.Fatal(err)
		}
	}
	page, err := os.ReadFile("../../../.github/docs/grafana.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rights, _ := strings.Cut(string(page), "```sql\n")
	rights, _, _ = strings.Cut(rights, "```")
	p.SQL(t, "postgres", rights)
	ask := func(text string) []string {
		text = sheet.Replace(text)
		if left.MatchString(text) {
			t.Errorf("%s: a variable or macro is not known", text)
		}
		return strings.Split(p.SQL(t, "postgres", "SET ROLE grafana;"+text), "\n")
	}
	// The lines that each panel gives, and one of them.
	want := map[string]struct {
		lines int
		line  string
	}{
		"Runs":                             {1, "20"},
		"Samples":                          {1, "40"},
		"Runs a day":                       {10, "2026-02-01 00:00:00+00|unit|2"},
		"History":                          {40, "2026-02-10 09:00:00+00|test.total_seconds unit next|29"},
		"Median, least and most of a day":  {10, "2026-02-10 00:00:00+00|80|80|80"},
		"Newest against the median before": {4, "test.total_seconds|unit|main|s|28|18|55.55555555555556|0000018"},
		"Newest runs":                      {20, "2026-02-10 09:00:00+00|acme/widget|unit|next|test|0000019|3|r19"},
		"Spread of the chosen metrics":     {2, "test.total_seconds|s|20|10|19.5|29|5.916079783099616"},
	}
	seen := 0
	for _, panel := range d.Panels {
		for _, q := range panel.Targets {
			seen++
			w, got := want[panel.Title], ask("SET timezone = 'UTC';"+q.RawSQL)
			if len(got) != w.lines || !slices.Contains(got, w.line) {
				t.Errorf("panel %q gives %d lines:\n%s\nwant %d, of which one is %s", panel.Title, len(got), strings.Join(got, "\n"), w.lines, w.line)
			}
			if q.Format == "time_series" && !strings.Contains(q.RawSQL, "AS time") && !strings.Contains(q.RawSQL, "SELECT time") {
				t.Errorf("panel %q is a course of time without one: %s", panel.Title, q.RawSQL)
			}
		}
	}
	if seen != len(want) {
		t.Errorf("the dashboard has %d queries, want %d", seen, len(want))
	}
	for name, values := range map[string]string{
		"repository": "acme/widget", "suite": "unit", "branch": "main\nnext", "metric": "coverage.line_pct\nother\ntest.total_seconds",
	} {
		i := slices.IndexFunc(d.Templating.List, func(v servicetest.Variable) bool { return v.Name == name })
		if i < 0 {
			t.Errorf("there is no variable %s", name)
		} else if got := strings.Join(ask(d.Templating.List[i].Definition), "\n"); got != values {
			t.Errorf("variable %s has the values %q, want %q", name, got, values)
		}
	}
}
