package dash

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func unzip(t *testing.T, text []byte) []byte {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return plain
}

// names are those of a list of things by a key.
func names(c *client, path, key string) (all []string) {
	c.t.Helper()
	for {
		p := get[struct {
			Items []map[string]any `json:"items"`
			Next  *string          `json:"next_cursor"`
		}](c, path)
		for _, i := range p.Items {
			text, _ := i[key].(string)
			all = append(all, text)
		}
		if p.Next == nil {
			return all
		}
		base, _, _ := strings.Cut(path, "&cursor=")
		path = base + "&cursor=" + *p.Next
	}
}

func TestLists(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{}, history()...)
	all := names(c, "/api/v1/runs?limit=1000", "run_id")
	if len(all) != 45 || all[0] != "again" || all[44] != "bare" {
		t.Fatalf("the runs are %q, want 45 from again to bare", all)
	}
	if diff := cmp.Diff(all, names(c, "/api/v1/runs?limit=7", "run_id")); diff != "" {
		t.Errorf("pages of seven have other runs than one page (-want +got):\n%s", diff)
	}
	for _, row := range []struct {
		path, key string
		want      []string
	}{
		{"/api/v1/repositories?limit=2", "repository", []string{"", "o/r", "p/q"}},
		{"/api/v1/repositories?q=O/", "repository", []string{"o/r"}},
		{"/api/v1/suites?limit=1", "type", []string{"test", "build", ""}},
		{"/api/v1/suites?repository=p/q", "job", []string{"wheel"}},
		{"/api/v1/suites?q=unit", "suite", []string{"unit"}},
		{"/api/v1/branches?repository=o/r", "branch", []string{"main", "dev"}},
		{"/api/v1/branches?suite=unit&q=de", "branch", []string{"dev"}},
		{"/api/v1/runs?repository=p/q", "run_id", []string{"other"}},
		{"/api/v1/runs?branch=dev&suite=unit", "run_id", []string{"dev-1", "dev-0"}},
		{"/api/v1/runs?commit=0000001", "run_id", []string{"main-01"}},
		{"/api/v1/runs?type=build&repository=p/q", "run_id", []string{"other"}},
		{"/api/v1/runs?since=2026-01-10T12:00:00Z&until=2026-01-10T13:00:00Z", "run_id", []string{"main-01", "main-00"}},
		{"/api/v1/runs?until=2026-01-10&limit=2&suite=unit&repository=o/r&since=2026-01-10T22:30:00Z", "run_id", []string{"main-11"}},
		{"/api/v1/runs?repository=none/none", "run_id", nil},
		{"/api/v1/metrics?repository=p/q", "name", []string{"build.seconds"}},
		{"/api/v1/metrics?suite=unit&q=CASE+testb", "name", []string{"test.case_seconds[case=TestB,suite=pkg]"}},
		{"/api/v1/metrics?q=" + url.QueryEscape("<script> %"), "name", []string{hostile}},
		{"/api/v1/metrics?q=test.&limit=2", "name", []string{"test.case_seconds[case=TestA,suite=pkg]", "test.case_seconds[case=TestB,suite=pkg]", "test.flaky", "test.passed", "test.total_seconds"}},
	} {
		if diff := cmp.Diff(row.want, names(c, row.path, row.key)); diff != "" {
			t.Errorf("GET %s differs (-want +got):\n%s", row.path, diff)
		}
	}
}

func TestRun(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{}, history()...)
	r := get[runDetail](c, "/api/v1/runs/main-39?q=ns_per&limit=5")
	if r.ID != "main-39" || r.Total != 1 || len(r.Metrics) != 1 || r.Metrics[0].Name != hostile || len(r.Metrics[0].Samples) != 3 || r.Runner.Cores != 4 || !*r.Success {
		t.Errorf("the run is %+v, want main-39 with the one metric", r)
	}
	if r = get[runDetail](c, "/api/v1/runs/latest"); r.ID != "dev-1" || r.Total != 7 {
		t.Errorf("latest is %s with %d metrics, want dev-1 with 7", r.ID, r.Total)
	}
	verdict := get[struct{ Verdict string }](c, "/api/v1/runs/main-25/verdict")
	if verdict.Verdict != "regression" {
		t.Errorf("the verdict on main-25 is %q, want a regression: the level has just risen by half", verdict.Verdict)
	}
	x := get[struct {
		Series struct{ Points []point }
		Judged struct{ Status string }
		Head   *point
		Reruns []point
	}](c, "/api/v1/runs/main-39/series?metric=test.total_seconds")
	if x.Head == nil || x.Head.ID != "main-39" || len(x.Reruns) != 1 || x.Reruns[0].ID != "again" || len(x.Series.Points) != 40 || x.Judged.Status == "" {
		t.Errorf("the series of main-39 is %+v, want its head, one second look and 40 points", x)
	}
	c.refused(404, `no run "nosuch"`, "GET", "/api/v1/runs/nosuch", "")
	c.refused(404, "ambiguous", "GET", "/api/v1/runs/main", "")
	c.refused(404, "nosuch", "GET", "/api/v1/runs/nosuch/verdict", "")
	c.refused(400, "metric: it is missing", "GET", "/api/v1/runs/main-39/series", "")
}

func TestSeries(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{}, history()...)
	type answer struct {
		Metric  metricName
		Suite   string
		Runs    int
		Thinned bool
		Points  []point
		Levels  []level
		Shifts  []struct {
			Status        string
			Before, After struct {
				ID string `json:"run_id"`
			}
		}
	}
	x := get[answer](c, "/api/v1/series?metric=test.total_seconds")
	if x.Suite != "unit" || x.Runs != 40 || len(x.Points) != 40 || x.Points[0].ID != "main-00" || x.Metric.Unit != "s" || x.Metric.Better != "lower" {
		t.Errorf("the series is %+v, want 40 runs of main, the oldest first, in s", x)
	}
	if len(x.Shifts) != 1 || x.Shifts[0].Before.ID != "main-24" || x.Shifts[0].After.ID != "main-25" || x.Shifts[0].Status != "regressed" {
		t.Errorf("the shifts are %+v, want one from main-24 to main-25", x.Shifts)
	}
	if len(x.Levels) != 2 || x.Levels[0].Runs != 25 || x.Levels[1].Runs != 15 || x.Levels[0].Value > 10.2 || x.Levels[1].Value < 14.5 {
		t.Errorf("the levels are %+v, want 25 runs at 10 s and 15 at 15 s", x.Levels)
	}
	x = get[answer](c, "/api/v1/series?metric=test.total_seconds&points=10")
	if !x.Thinned || len(x.Points) != 10 || x.Points[0].ID != "main-00" || x.Points[9].ID != "main-39" || x.Runs != 40 || len(x.Levels) != 2 {
		t.Errorf("the thinned series is %+v, want 10 points from the first run to the last, and all levels", x)
	}
	if x = get[answer](c, "/api/v1/series?branch=dev&metric="+url.QueryEscape(hostile)); len(x.Points) != 2 || x.Metric.Name != hostile {
		t.Errorf("the series of dev is %+v, want its two runs, though they may be no baseline", x)
	}
	if x = get[answer](c, "/api/v1/series?metric=test.passed&suite=unit&since=2026-01-11"); len(x.Points) != 28 {
		t.Errorf("the series since a day has %d points, want 28", len(x.Points))
	}
	c.refused(404, `metric "nosuch"`, "GET", "/api/v1/series?metric=nosuch", "")
	c.refused(404, "finds names", "GET", "/api/v1/series?metric=m&repository=o/r", "")
}

// A level is of runs that were searched: of older ones nobody knows whether they have
// one.
func TestLevelsOfLongSeries(t *testing.T) {
	t.Parallel()
	runs := many(260, 1)
	for i := range 30 {
		runs[i].Metrics[0].Value = 9
	}
	for i := 210; i < 260; i++ {
		runs[i].Metrics[0].Value *= 2
	}
	c := newClient(t, Options{}, runs...)
	x := get[series](c, "/api/v1/series?metric="+url.QueryEscape(benchMetric(0)))
	if len(x.Points) != 260 || len(x.Levels) != 2 || x.Levels[0].Runs != 150 || !x.Levels[0].From.Equal(runs[60].Time) || x.Levels[1].Runs != 50 || x.Levels[0].Value > 1.2 {
		t.Errorf("%d points have the levels %+v, want one of 150 runs and one of 50", len(x.Points), x.Levels)
	}
}

func TestCompare(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{}, history()...)
	x := get[comparison](c, "/api/v1/compare?head=main-30&base=main-10&limit=2")
	if x.Items[0].Name != "test.total_seconds" || x.Items[0].Change != "worse" || *x.Items[0].DeltaPct < 40 || x.Total != 7 || x.Next == nil {
		t.Errorf("the comparison is %+v, want test.total_seconds first, worse by half", x)
	}
	x = get[comparison](c, "/api/v1/compare?head=branch:dev&base=branch:main&runs=3")
	changes := map[string]string{}
	for _, d := range x.Items {
		changes[d.Name] = d.Change
	}
	if len(x.Head.Runs) != 2 || len(x.Base.Runs) != 3 || x.Base.Runs[0].ID != "main-39" || changes["only.dev"] != "added" || changes["test.passed"] != "removed" {
		t.Errorf("the comparison of branches is %+v, want two runs and three, one metric added and one removed", x)
	}
	c.refused(404, "base=branch:nosuch: no stored run fits", "GET", "/api/v1/compare?head=latest&base=branch:nosuch", "")
	c.refused(400, "head: it is missing; want latest, a run_id", "GET", "/api/v1/compare?base=latest", "")
}

func TestTestsAndSizes(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{}, history()...)
	slow := get[slowTests](c, "/api/v1/tests/slow?suite=unit&branch=main&limit=1")
	if slow.Total != 2 || slow.Items[0].Case != "TestB" || slow.Items[0].Suite != "pkg" || slow.Items[0].Runs != 20 || slow.Next == nil || slow.Run.ID != "main-39" || slow.Sum < 4 {
		t.Errorf("the slowest tests are %+v, want TestB of pkg first of two", slow)
	}
	if slow = get[slowTests](c, "/api/v1/tests/slow?repository=p/q"); slow.Run != nil || slow.Total != 0 {
		t.Errorf("the tests of a suite without any are %+v, want none", slow)
	}
	flaky := get[struct {
		Runs  int
		Items []flakyCount
	}](c, "/api/v1/tests/flaky?suite=unit&branch=main&runs=10")
	if flaky.Runs != 10 || len(flaky.Items) != 1 || flaky.Items[0].FlakyRuns != 5 || flaky.Items[0].NewestID != "main-39" {
		t.Errorf("the flaky tests are %+v, want 5 of 10 runs", flaky)
	}
	sizes := get[struct{ Items []artifactSize }](c, "/api/v1/sizes?suite=unit&branch=main")
	if len(sizes.Items) != 1 || sizes.Items[0].Label != "dist" || sizes.Items[0].Encoding != "gzip" || sizes.Items[0].Value != 2.39 || *sizes.Items[0].DeltaPct < 8 {
		t.Errorf("the sizes are %+v, want dist in gzip with 2.39 MB and 8 %% more", sizes)
	}
	c.refused(404, "no stored run fits", "GET", "/api/v1/sizes?repository=none/none", "")
}

func TestTrendsAndStatistics(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{}, history()...)
	trend := get[struct {
		Trend  struct{ Verdict string }
		Shifts []struct{ Name string }
	}](c, "/api/v1/trends?suite=unit")
	if trend.Trend.Verdict != "regression" || trend.Shifts[0].Name != "test.total_seconds" {
		t.Errorf("the trend is %+v, want the shift of test.total_seconds", trend)
	}
	stats := get[paged[gateStatistics]](c, "/api/v1/statistics")
	i := slices.IndexFunc(stats.Items, func(g gateStatistics) bool { return g.Repository == "o/r" })
	if len(stats.Items) != 3 || i < 0 {
		t.Fatalf("the statistics are %+v, want those of three suites", stats)
	}
	if g := stats.Items[i]; g.Runs == 0 || g.Alerting == 0 || g.Lasted == 0 || g.Rerun != 1 || g.TookBack != 0 || g.Noisiest[0].Name != "test.total_seconds" {
		t.Errorf("the statistics of o/r are %+v, want alerts on test.total_seconds that lasted", g)
	}
	c.refused(404, "no stored run fits", "GET", "/api/v1/trends?repository=none/none", "")
}

// Every parameter of the description is one that the server takes, and the other way
// round; what is wrong with one is said.
func TestParameters(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{}, history()...)
	for _, r := range routes {
		path := strings.TrimPrefix(r.path, "GET ")
		operation, _ := c.d.at("paths", path, "get")
		var want []string
		for _, p := range operation.(map[string]any)["parameters"].([]any) {
			m := p.(map[string]any)
			if ref, ok := m["$ref"].(string); ok {
				found, _ := c.d.at(strings.Split(strings.TrimPrefix(ref, "#/"), "/")...)
				m = found.(map[string]any)
			}
			if m["in"] == "query" {
				want = append(want, m["name"].(string))
			}
		}
		got := strings.Fields(r.parameters)
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(want, got) {
			t.Errorf("%s takes %q, and is described with %q", path, got, want)
		}
		c.refused(400, "there is no such parameter; ", "GET", strings.ReplaceAll(path, "{id}", "latest")+"?nosuch=1", "")
	}
	for path, says := range map[string]string{
		"runs?limit=0": `limit: "0": want a whole number from 1 to 1000`, "runs?limit=1001": "from 1 to 1000", "runs?limit=x": "want a whole number",
		"runs?cursor=%25": "want the next_cursor", "metrics?cursor=AAAA!": "want the next_cursor", "suites?cursor=eA": "want the next_cursor", "runs?cursor=eABi": "want the next_cursor",
		"runs?since=yesterday": "want a time such as", "runs?until=1": "want a time such as", "runs?commit=1": "want a commit", "runs?commit=12345;drop": "cannot be read",
		"runs?branch=a&branch=b": "it is there 2 times", "series?points=5&metric=m": "from 10 to 5000",
		"runs?branch=" + strings.Repeat("x", 1001): "want 1000 at most", "series?metric=" + strings.Repeat("x", 10001): "want 10000 at most",
		"statistics?cursor=eA": "want the next_cursor", "compare?head=latest&base=latest&runs=99": "from 1 to 50", "sizes?runs=0": "from 1 to 200",
		"repositories?limit=-1": "want a whole number", "branches?cursor=%00": "want the next_cursor", "runs/latest?limit=0": "from 1 to 1000",
		"tests/slow?runs=x": "whole number", "tests/flaky?runs=x": "whole number", "events?x=1": "this takes none",
	} {
		c.refused(400, says, "GET", "/api/v1/"+path, "")
	}
}

func TestMethods(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	c.refused(405, "want GET or HEAD or POST", "DELETE", "/api/v1/runs", "")
	c.refused(405, "want GET or HEAD", "PUT", "/api/v1/runs/latest/verdict", "")
	c.refused(405, "want GET or HEAD", "POST", "/api/v1/events", "")
	c.refused(404, "describes what there is", "GET", "/api/v1/nosuch", "")
	c.refused(404, "describes what there is", "GET", "/api/", "")
	c.refused(406, "want application/json", "GET", "/api/v1/runs", "", "Accept", "text/html")
	c.refused(404, "no runs yet", "GET", "/api/v1/runs/latest", "")
	if answer, _ := c.ask("DELETE", "/api/v1/suites", ""); answer.Header.Get("Allow") != "GET, HEAD" {
		t.Errorf("Allow is %q, want GET, HEAD", answer.Header.Get("Allow"))
	}
	answer, body := c.ask("GET", "/api/v1/openapi.json", "", "Accept-Encoding", "gzip")
	if plain := unzip(t, body); answer.StatusCode != 200 || !json.Valid(plain) || !bytes.Equal(plain, description) {
		t.Errorf("the description is %d with %d bytes, want that of the package", answer.StatusCode, len(plain))
	}
	if answer, body = c.ask("HEAD", "/api/v1/runs", ""); answer.StatusCode != 200 || len(body) > 0 || answer.Header.Get("ETag") == "" {
		t.Errorf("HEAD = %d with %q and %v, want 200 with the headers alone", answer.StatusCode, body, answer.Header)
	}
}

func TestETags(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{}, history()...)
	for _, zip := range []string{"", "gzip"} {
		answer, body := c.ask("GET", "/api/v1/runs", "", "Accept-Encoding", zip)
		tag := answer.Header.Get("ETag")
		if answer.Header.Get("Content-Encoding") != zip || tag == "" || strings.HasPrefix(tag, "W/") || !strings.Contains(answer.Header.Get("Vary"), "Accept-Encoding") {
			t.Errorf("Accept-Encoding %q gives the headers %v, want that encoding and a strong tag", zip, answer.Header)
		}
		if zip != "" && len(body) > 4000 {
			t.Errorf("%d bytes are compressed, want a fraction of the text", len(body))
		}
		for _, sent := range []string{tag, `"x", ` + tag, "W/" + tag, "*"} {
			if again, body := c.ask("GET", "/api/v1/runs", "", "Accept-Encoding", zip, "If-None-Match", sent); again.StatusCode != http.StatusNotModified || len(body) > 0 || again.Header.Get("ETag") != tag {
				t.Errorf("If-None-Match %s = %d with %d bytes, want 304", sent, again.StatusCode, len(body))
			}
		}
		if again, _ := c.ask("GET", "/api/v1/runs", "", "Accept-Encoding", zip, "If-None-Match", `"other"`); again.StatusCode != 200 {
			t.Errorf("another tag = %d, want the answer", again.StatusCode)
		}
	}
}
