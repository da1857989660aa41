package export

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-ci/plumbline/collect"
	"github.com/plumbline-ci/plumbline/internal/servicetest"
)

// busy is a recorder of a program at work, which each scrape finds further on.
func busy(t *testing.T) http.Handler {
	t.Helper()
	rec := collect.NewRecorder(collect.Options{})
	rec.Describe("ram.avg_mb", "MB", "")
	rec.Describe("cpu.avg_load", "%", "")
	rec.Gauge("ram.avg_mb", nil).Set(64)
	rec.Gauge("cpu.avg_load", nil).Set(50)
	depth := 0.0
	scrape := Handler(rec)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec.Counter("http.requests", collect.Tags{"kind": "a"}).Add(10)
		rec.Counter("http.errors", collect.Tags{"kind": "a"}).Inc()
		rec.Counter("db.errors", collect.Tags{"kind": "a"}).Inc() // the same labels as of the others
		rec.Timer("query_seconds", nil).Observe(100 * time.Millisecond)
		depth = 7 - depth
		rec.Gauge("queue.depth", nil).Set(depth)
		scrape.ServeHTTP(w, r)
	})
}

// storedRuns is the page of two stored runs.
func storedRuns(t *testing.T) http.Handler {
	t.Helper()
	run := collect.Run{
		Origin:  collect.Origin{ID: "r1", Repository: "acme/widget", Name: "unit", Branch: "main", Commit: "0123abc", Time: time.Unix(1_700_000_000, 0), Duration: 12, Success: collect.Succeeded},
		Metrics: []collect.Metric{{Name: "test.total_seconds", Unit: "s", Value: 42.5}},
	}
	other := run
	other.ID, other.Branch = "r2", "next"
	var page strings.Builder
	all := func(yield func(collect.Run, error) bool) { _ = yield(run, nil) && yield(other, nil) }
	if err := Prometheus(&page, all); err != nil {
		t.Fatal(err)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4")
		_, _ = w.Write([]byte(page.String()))
	})
}

// chosen fills in what Grafana does: the variables, the most specific first.
var chosen = strings.NewReplacer(
	"$__rate_interval", "6s", "$__range", "10s", "$__interval", "1s", "$job", "program", "$instance", ".+", "$metric", ".+", "$histogram", "query_seconds_bucket",
	"$repository", "acme/widget|other", "$suite", ".*", "$branch", "main", "$stored", "test_total_seconds",
)

type answered struct {
	Result []struct {
		Metric map[string]string
		Value  [2]any
		Values [][2]any
	}
}

// last are the newest values of what a query gave, that may be a number.
func (a answered) last() (all []float64) {
	for _, r := range a.Result {
		v := r.Value
		if n := len(r.Values); n > 0 {
			v = r.Values[n-1]
		}
		text, _ := v[1].(string)
		if f, err := strconv.ParseFloat(text, 64); err == nil && !math.IsNaN(f) {
			all = append(all, f)
		}
	}
	return all
}

// TestGrafanaOfPrometheus asks a real Prometheus every query of the dashboard.
func TestGrafanaOfPrometheus(t *testing.T) {
	t.Parallel()
	d := servicetest.ReadDashboard(t, "prometheus.json", "prometheus")
	program, runs := httptest.NewServer(busy(t)), httptest.NewServer(storedRuns(t))
	defer program.Close()
	defer runs.Close()
	p := servicetest.StartPrometheus(t, map[string]string{"program": program.URL + "/metrics", "runs": runs.URL + "/metrics"})
	ask := func(q servicetest.Target) (a answered, err error) {
		now := float64(time.Now().UnixMilli()) / 1000
		expr := chosen.Replace(q.Expr)
		if q.Instant {
			return a, p.Ask("query", url.Values{"query": {expr}}, &a)
		}
		v := url.Values{"query": {expr}, "start": {fmt.Sprint(now - 3)}, "end": {fmt.Sprint(now)}, "step": {"1"}}
		return a, p.Ask("query_range", v, &a)
	}
	want := map[string]func(v []float64) bool{
		"Up":                   func(v []float64) bool { return len(v) == 1 && v[0] == 1 },
		"Errors per second":    func(v []float64) bool { return len(v) == 1 && v[0] > 0.5 && v[0] < 8 },
		"CPU":                  func(v []float64) bool { return len(v) == 1 && v[0] == 0.5 },
		"Memory":               func(v []float64) bool { return len(v) == 1 && v[0] == 64e6 },
		"Counters, per second": func(v []float64) bool { return len(v) == 3 && slices.Max(v) > 3 && slices.Max(v) < 40 },
		"Errors, per second":   func(v []float64) bool { return len(v) == 2 },
		"Gauges and values":    func(v []float64) bool { return slices.Contains(v, 64e6) },
		"Gauges, least and most": func(v []float64) bool {
			return slices.Contains(v, 64e6) && (slices.Min(v) == 0 || slices.Contains(v, 7))
		},
		"Timers and histograms, quantiles":         func(v []float64) bool { return len(v) == 1 && v[0] >= 0.0625 && v[0] <= 0.125 },
		"Timers and histograms, values per second": func(v []float64) bool { return len(v) == 1 && v[0] > 0.2 && v[0] < 4 },
		"Newest runs":                            func(v []float64) bool { return len(v) == 1 && v[0] == 1.7e12 },
		"Runs and their commits":                 func(v []float64) bool { return len(v) == 1 && v[0] == 1 },
		"Metric of the newest run":               func(v []float64) bool { return len(v) == 1 && v[0] == 42.5 },
		"Duration and success of the newest run": func(v []float64) bool { return len(v) == 1 && (v[0] == 12 || v[0] == 1) },
		"Series":                                 func(v []float64) bool { return len(v) == 1 && v[0] > 10 },
	}
	for _, panel := range d.Panels {
		for _, q := range panel.Targets {
			var a answered
			err := fmt.Errorf("it was not asked")
			right := want[panel.Title]
			for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(200 * time.Millisecond) {
				if a, err = ask(q); err == nil && right != nil && right(a.last()) {
					break
				}
			}
			if err != nil || right == nil || !right(a.last()) {
				t.Errorf("panel %q: %s gives %v, %v", panel.Title, chosen.Replace(q.Expr), a.last(), err)
			}
		}
	}
	for _, v := range d.Templating.List[1:] {
		if values := valuesOfVariable(t, p, v); len(values) == 0 {
			t.Errorf("variable %s has no values", v.Name)
		}
	}
}

var labelValues = regexp.MustCompile(`^label_values\((.*), (\w+)\)$`)

// valuesOfVariable asks for them as Grafana does.
func valuesOfVariable(t *testing.T, p *servicetest.Prometheus, v servicetest.Variable) (kept []string) {
	t.Helper()
	m := labelValues.FindStringSubmatch(v.Definition)
	if m == nil {
		t.Fatalf("variable %s: %q", v.Name, v.Definition)
	}
	var all []string
	if err := p.Ask("label/"+m[2]+"/values", url.Values{"match[]": {chosen.Replace(m[1])}}, &all); err != nil {
		t.Fatalf("variable %s: %v", v.Name, err)
	}
	for _, x := range all {
		// Grafana's expressions are JavaScript's, which look ahead and Go's do not.
		if v.Name != "metric" || !strings.HasSuffix(x, "_bucket") {
			kept = append(kept, x)
		}
	}
	if text, _ := json.Marshal(kept); v.Name == "branch" && string(text) != `["main","next"]` {
		t.Errorf("the branches are %s", text)
	}
	return kept
}
