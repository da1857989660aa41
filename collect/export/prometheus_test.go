package export

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/plumbline-ci/plumbline/collect"
)

// parsed reads the text format as Prometheus' own library does.
func parsed(t *testing.T, text string) map[string]*dto.MetricFamily {
	t.Helper()
	p := expfmt.NewTextParser(model.LegacyValidation)
	families, err := p.TextToMetricFamilies(strings.NewReader(text))
	if err != nil {
		t.Fatalf("the parser of Prometheus: %v\n%s", err, text)
	}
	return families
}

func asText(t *testing.T, all ...collect.Run) string {
	t.Helper()
	var b strings.Builder
	if err := Prometheus(&b, each(all, nil)); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// recorder has one of each instrument, some of them with names and tags that are
// hard to write.
func recorder() *collect.Recorder {
	rec := collect.NewRecorder(collect.Options{})
	rec.Describe("response.size", "kB", `How large "answers" are \ in all.`)
	rec.Describe("http.requests", "", "Requests.")
	rec.CounterVec("http.requests", "code", "route").With("200", "/\"a\\b\"\n{}").Add(3)
	rec.UpDownCounter("conns", nil).Add(-2)
	rec.Gauge("disk.used_pct", collect.Tags{"__name__": "x", "0": "y", "ключ": "значение", "": "empty", "a.b": "1", "a_b": "2"}).Set(7)
	rec.Describe("disk.used_pct", "%", "")
	d := rec.Timer("db.query_seconds", collect.Tags{"le": "x"})
	for _, ms := range []int{1, 2, 4, 100, 1500} {
		d.Observe(time.Duration(ms) * time.Millisecond)
	}
	sizes := rec.Histogram("response.size", nil)
	for _, kb := range []float64{0, -1, 1, 2, 3, 8} {
		sizes.Observe(kb)
	}
	rec.Histogram("empty", nil)
	rec.Summary("lag", collect.Tags{"quantile": "q"}).Observe(1.5)
	rec.Summary("lag.none", nil)
	rec.Info("build").Set(collect.Tags{"version": "1"})
	rec.Enum("state", nil, "starting", "up").Set("up")
	for _, same := range []string{"a.b", "a_b", "a/b", "conns_", "conns.", "db.query_seconds.count", "db_query_seconds_sum", "http_requests", "\xff", "", "9", "ログ"} {
		rec.Gauge(same, collect.Tags{"v": "\xff" + same}).Set(1)
	}
	return rec
}

func recorderText(t *testing.T) string {
	t.Helper()
	var b bytes.Buffer
	if err := encodeAll(&b, expfmt.FmtText, Gathered(Set{Families: recorder().Families()}, collect.Tags{"v": "label", "zone": "z"})); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestRecorderInPrometheus(t *testing.T) {
	t.Parallel()
	text := recorderText(t)
	families := parsed(t, text)
	if got, want := len(families), 10+12; got != want {
		t.Errorf("%d families, want %d: each instrument one\n%s", got, want, text)
	}
	for _, want := range []string{
		"# TYPE http_requests_total counter\nhttp_requests_total{code=\"200\",route=\"/\\\"a\\\\b\\\"\\n{}\",v=\"label\",zone=\"z\"} 3\n",
		"# HELP http_requests_total Requests.\n",
		"# TYPE conns gauge\nconns{v=\"label\",zone=\"z\"} -2\n",
		"disk_used_ratio{", `_0="y"`, `U___43a__43b__44e__447_="значение"`, `tag_name__="x"`, " 0.07\n",
		"# TYPE db_query_seconds histogram\n", `db_query_seconds_bucket{tag_le="x",v="label",zone="z",le="0.001953125"} 1`,
		`db_query_seconds_bucket{tag_le="x",v="label",zone="z",le="0.00390625"} 2`, `zone="z",le="+Inf"} 5`, `db_query_seconds_sum{tag_le="x",v="label",zone="z"} 1.607`,
		"# HELP response_size_bytes How large \"answers\" are \\\\ in all.\n",
		`response_size_bytes_bucket{v="label",zone="z",le="1000"} 3`, `response_size_bytes_bucket{v="label",zone="z",le="2000"} 4`,
		`response_size_bytes_bucket{v="label",zone="z",le="4000"} 5`, `response_size_bytes_bucket{v="label",zone="z",le="8000"} 6`,
		`empty_count{v="label",zone="z"} 0`, "# TYPE lag summary\n", `tag_quantile="q"`, `quantile="0.99"} 1.5`, "lag_none_count{",
		`build_info{v="label",version="1",zone="z"} 1`, `state{state="up",v="label",zone="z"} 1`, `state{state="starting",v="label",zone="z"} 0`,
		`run_v="label"`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}

// Prometheus' linter finds nothing in names that are not odd to begin with.
func TestLint(t *testing.T) {
	t.Parallel()
	rec := collect.NewRecorder(collect.Options{})
	rec.Counter("http.requests", nil).Inc()
	rec.Describe("http.sent", "MB", "")
	rec.Counter("http.sent", nil).Inc()
	rec.Timer("db.query", nil).Observe(time.Second)
	rec.Gauge("cpu.load_pct", nil).Set(1)
	rec.Describe("cpu.load_pct", "%", "")
	rec.Info("build").Set(collect.Tags{"version": "1"})
	run := runs()[0]
	for name, unit := range map[string]collect.Unit{
		"ram.peak_mb": "MB", "io.read_mb": "MB", "db.query_seconds.p99": "s", "db.query_seconds.count": "", "test.item_count": "count",
		"coverage.line_pct": "%", "coverage.lines_total": "", "bench/pkg/x.Parse.mb_per_s": "MB/s", "bench/pkg/x.Parse.bytes_per_op": "B/op",
		"bench/pkg/x.Parse.allocs_per_op": "allocs/op", "step": "ms", "wait": "min", "load_ns": "ns", "cache": "KiB", "in.flight": "requests",
	} {
		run.Metrics = append(run.Metrics, collect.Metric{Name: name, Unit: unit, Value: 1})
	}
	all := append(Gathered(OfRun(run), nil), Gathered(Set{Families: rec.Families()}, nil)...)
	problems, err := promlint.NewWithMetricFamilies(all).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		if !strings.Contains(p.Text, "camelCase") { // names of benchmarks are
			t.Errorf("%s: %s", p.Metric, p.Text)
		}
	}
	var names []string
	for _, f := range all {
		names = append(names, f.GetName())
	}
	for _, want := range []string{
		"http_sent_bytes_total", "db_query_seconds", "cpu_load_ratio", "ram_peak_bytes", "db_query_p99_seconds", "db_query_observations", "coverage_line_ratio",
		"coverage_lines_total", "bench_pkg_x_Parse_bytes_per_second", "bench_pkg_x_Parse_bytes_per_op", "step_seconds", "wait_seconds", "load_seconds", "cache_bytes", "in_flight_requests",
	} {
		if !strings.Contains(" "+strings.Join(names, " ")+" ", " "+want+" ") {
			t.Errorf("no %s among %s", want, names)
		}
	}
}

func TestUnits(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		unit collect.Unit
		name string
		in   float64
		want string
	}{
		{"s", "a.seconds", 12.3, "a_seconds 12.3"}, {"ms", "a", 328.1, "a_seconds 0.3281"}, {"ns/op", "a.ns_per_op", 328.1, "a_seconds_per_op 3.281e-07"},
		{"MB", "a_mb", 128.7, "a_bytes 1.287e+08"}, {"MiB", "a.mb", 1.5, "a_bytes 1.572864e+06"}, {"min", "a", 2, "a_seconds 120"}, {"%", "a_pct", 85.4, "a_ratio 0.854"},
		{"count", "a", 5, "a 5"}, {"", "a_mb", 5, "a_mb 5"}, {"/s", "a", 5, "a_s 5"}, {"=", "a", 5, "a 5"}, {"MB", "mb", 1, "mb_bytes 1e+06"},
		{"s", "a_seconds_p99", 1, "a_p99_seconds 1"}, {"s", "p99", 1, "p99_seconds 1"}, {"s", "a_max", 1, "a_max_seconds 1"}, {"TB", "a", 1e300, "a_bytes +Inf"},
	} {
		f := collect.Family{Name: row.name, Unit: row.unit, Series: []collect.Series{{Value: row.in}}}
		got := Gathered(Set{Families: []collect.Family{f}}, nil)[0]
		v := got.Metric[0].GetGauge().GetValue()
		text := fmt.Sprintf("%s %g", got.GetName(), v)
		if text != row.want {
			t.Errorf("%s in %s is %s, want %s", row.name, row.unit, text, row.want)
		}
	}
}

// Buckets are exact: of each, the values that do not exceed its end.
func TestOctaves(t *testing.T) {
	t.Parallel()
	rec := collect.NewRecorder(collect.Options{})
	h := rec.Histogram("h", nil)
	var values []float64
	for i := range 2000 {
		x := math.Exp(float64(i%97)/7 - 5)
		if i%3 == 0 {
			x = math.Ldexp(1, i%9-3)
		}
		values = append(values, x)
		h.Observe(x)
	}
	d := h.Snapshot()
	all := Octaves(&d)
	for i, b := range all {
		want := int64(0)
		for _, x := range values {
			if x <= b.High {
				want++
			}
		}
		if b.Count != want || i > 0 && b.High != 2*all[i-1].High {
			t.Errorf("bucket %d is %+v, want %d values", i, b, want)
		}
	}
	if len(all) == 0 || all[len(all)-1].Count != d.Count {
		t.Errorf("%+v has not all of %d values", all, d.Count)
	}
	for _, x := range []float64{0, 1e-300, -4} {
		h := rec.Histogram(fmt.Sprint("low", x), nil)
		h.Observe(x)
		if d := h.Snapshot(); len(Octaves(&d)) != 0 {
			t.Errorf("%g makes the buckets %v, want only the one of all", x, Octaves(&d))
		}
	}
}

// The newest run of each place is written, and no re-run.
func TestNewestRuns(t *testing.T) {
	t.Parallel()
	run := func(id, branch string, at int, v float64) collect.Run {
		return collect.Run{
			Origin:  collect.Origin{ID: id, Branch: branch, Time: time.Unix(int64(at), 0)},
			Metrics: []collect.Metric{{Name: "v", Value: v}},
		}
	}
	again := run("again", "main", 9, 9)
	again.RerunOf = "b"
	text := asText(t, run("b", "main", 2, 2), run("a", "main", 1, 1), run("c", "dev", 1, 3), again)
	for _, want := range []string{`v{branch="main"} 2`, `v{branch="dev"} 3`, `run_id="b"`, `run_id="c"`} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if got := len(parsed(t, text)["v"].Metric); got != 2 {
		t.Errorf("%d series of v, want 2", got)
	}
}

// referenceParser is OpenMetrics' own, of python3-prometheus-client.
const referenceParser = `
import sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families as read
n = 0
for f in read(sys.stdin.read()):
    n += len(f.samples)
print(n)
`

func openMetricsReader(t *testing.T) string {
	t.Helper()
	for _, python := range []string{"python3", "/usr/bin/python3"} {
		if exec.Command(python, "-c", "import prometheus_client.openmetrics.parser").Run() == nil {
			return python
		}
	}
	t.Skip("needs OpenMetrics' reference parser: python3-prometheus-client is not installed")
	return ""
}

func TestReferenceParserOfOpenMetrics(t *testing.T) {
	t.Parallel()
	python := openMetricsReader(t)
	var all []collect.Run
	for i := range 5 {
		for _, r := range runs() {
			r.Time = r.Time.Add(-time.Duration(i) * time.Minute) // backwards
			all = append(all, r)
		}
	}
	var history, scrape strings.Builder
	if err := OpenMetrics(&history, each(append(all, all[0]), nil)); err != nil {
		t.Fatal(err)
	}
	if err := encodeAll(&scrape, expfmt.FmtOpenMetrics_1_0_0, Gathered(Set{Families: recorder().Families()}, nil)); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{history.String(): fmt.Sprint(5 * (4 + 4 + 6 + 3 + 2)), scrape.String(): ""} {
		cmd := exec.Command(python, "-c", referenceParser)
		cmd.Stdin = strings.NewReader(text)
		out, err := cmd.CombinedOutput()
		if got := strings.TrimSpace(string(out)); err != nil || want != "" && got != want {
			t.Errorf("%v: %s samples, want %s\n%s", err, got, want, text)
		}
	}
}

// Whatever names, tags, units and text are, Prometheus reads as many series as
// there are.
func FuzzPrometheus(f *testing.F) {
	for _, s := range []string{"", "a.b", "le", "__name__", "\"\\\n{}", "\xff", "0", "ログ", "x_total", "a_seconds", "U__a", "# HELP"} {
		f.Add(s, s, s, uint8(len(s)))
	}
	f.Add("", "", " ", uint8(0)) // a unit and a name apart by a space
	f.Fuzz(func(t *testing.T, name, key, text string, kind uint8) {
		families := []collect.Family{
			{Name: name, Kind: collect.Kind(kind % 8), Unit: collect.Unit(text), Help: text},
			{Name: text, Kind: collect.Kind(kind / 8 % 8), Unit: collect.Unit(key), Help: name},
		}
		if name == text {
			families = families[:1]
		}
		for i := range families {
			d := collect.Distribution{Count: 3, Sum: 4, Buckets: []collect.Bucket{{High: 1, Count: 1}, {High: 4, Count: 2}}}
			one := collect.Series{Tags: collect.Tags{key: text, text: key}, Value: 1, Distribution: &d, Summary: &collect.SummaryStats{Count: 1}}
			families[i].Series = []collect.Series{one, {Tags: collect.Tags{"other": "x" + key}, Value: 2, Distribution: &d, Summary: &collect.SummaryStats{}}}
		}
		var b bytes.Buffer
		if err := encodeAll(&b, expfmt.FmtText, Gathered(Set{Families: families}, collect.Tags{key: "label"})); err != nil {
			t.Fatal(err)
		}
		if !utf8.Valid(b.Bytes()) {
			t.Errorf("%q is no UTF-8", b.String())
		}
		series := 0
		for _, f := range parsed(t, b.String()) {
			series += len(f.Metric)
		}
		if series != 2*len(families) {
			t.Errorf("%d series of %d families with 2 each:\n%s", series, len(families), b.String())
		}
	})
}

func TestHandler(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(Handler(recorder()))
	defer server.Close()
	for _, row := range []struct{ accept, encoding, kind, zipped string }{
		{"", "", "text/plain; version=0.0.4", ""},
		{"*/*", "identity", "text/plain; version=0.0.4", ""},
		{"application/openmetrics-text;version=1.0.0,text/plain;q=0.5", "gzip, deflate", "application/openmetrics-text; version=1.0.0", "gzip"},
		{"application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited", "gzip;q=0", "application/vnd.google.protobuf", ""},
		{"text/plain;version=0.0.4", "*;q=0.5", "text/plain; version=0.0.4", "gzip"},
	} {
		req, err := http.NewRequest(http.MethodGet, server.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Accept", row.accept)
		req.Header.Set("Accept-Encoding", row.encoding)
		resp, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		body := io.Reader(resp.Body)
		if got := resp.Header.Get("Content-Encoding"); got != row.zipped {
			t.Errorf("accept %q %q: encoding %q, want %q", row.accept, row.encoding, got, row.zipped)
		} else if got == "gzip" {
			if body, err = gzip.NewReader(resp.Body); err != nil {
				t.Fatal(err)
			}
		}
		if got := resp.Header.Get("Content-Type"); !strings.HasPrefix(got, row.kind) {
			t.Errorf("accept %q: content type %q, want %q", row.accept, got, row.kind)
		}
		if strings.Contains(row.kind, "openmetrics") {
			text, err := io.ReadAll(body)
			if err != nil || !bytes.HasSuffix(text, []byte("# EOF\n")) || !bytes.Contains(text, []byte("# TYPE http_requests counter\n")) {
				t.Errorf("%v: %s", err, text)
			}
		} else {
			families := 0
			for dec := expfmt.NewDecoder(body, expfmt.ResponseFormat(resp.Header)); ; families++ {
				if err := dec.Decode(new(dto.MetricFamily)); err == io.EOF {
					break
				} else if err != nil {
					t.Fatal(err)
				}
			}
			if families != 22 {
				t.Errorf("accept %q: %d families, want 22", row.accept, families)
			}
		}
		resp.Body.Close()
	}
	var status collect.Status
	answered := httptest.NewRecorder()
	ask := httptest.NewRequest(http.MethodGet, "/metrics", nil)
	ask.Header.Set("Accept", StatusType)
	rec, conns := recorder(), collect.SeriesStatus{Name: "conns", Kind: collect.KindUpDown, Value: -2}
	Handler(rec).ServeHTTP(answered, ask)
	if err := json.Unmarshal(answered.Body.Bytes(), &status); err != nil || len(status.Series) != len(rec.SeriesStatus()) || !slices.Contains(status.Series, conns) || answered.Header().Get("Content-Type") != StatusType {
		t.Errorf("a viewer is answered %v, %s", err, answered.Body)
	}
	resp, err := http.Post(server.URL, "text/plain", nil)
	if err != nil || resp.StatusCode != http.StatusMethodNotAllowed || resp.Header.Get("Allow") == "" {
		t.Errorf("POST is answered by %v, %v", resp.Status, err)
	}
	resp.Body.Close()
	none := httptest.NewRecorder()
	Handler(nil).ServeHTTP(none, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	if none.Code != http.StatusOK || none.Body.Len() != 0 {
		t.Errorf("a disabled recorder answers %d, %q", none.Code, none.Body.String())
	}
}
