package listen

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/plumbline-ci/plumbline/collect"
)

func TestStatus(t *testing.T) {
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4")
		_, _ = w.Write([]byte("# TYPE depth gauge\ndepth 9\n# TYPE took summary\ntook{quantile=\"0.5\"} 2\ntook{quantile=\"0.99\"} 4\ntook_sum 6\ntook_count 3\n"))
	}))
	defer page.Close()
	l, err := Start(Options{Scrape: []string{page.URL}})
	if err != nil {
		t.Fatal(err)
	}
	l.g.statsd([]byte("hits:7|c\nage:3|g\nage:1|g\nusers:ann|s\nusers:bob|s\nwait:20|ms\nhttp.errors:1|c"))
	body := `{"resourceMetrics":[{"scopeMetrics":[{"metrics":[
		{"name":"sent","unit":"By","sum":{"aggregationTemporality":2,"isMonotonic":true,"dataPoints":[{"asInt":"5"}]}},
		{"name":"db_errors","sum":{"aggregationTemporality":2,"isMonotonic":true,"dataPoints":[{"asInt":"1"}]}},
		{"name":"open","sum":{"aggregationTemporality":2,"dataPoints":[{"asInt":"-2"}]}}]}]}]}`
	resp, err := http.Post("http://"+l.otlp.Addr().String()+"/v1/metrics", "application/json", bytes.NewReader([]byte(body)))
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%v, %v", resp, err)
	}
	resp.Body.Close()
	http.DefaultClient.CloseIdleConnections()
	got := map[string]collect.SeriesStatus{}
	for _, s := range l.Status() {
		got[s.Name] = s
	}
	for name, ok := range map[string]func(s collect.SeriesStatus) bool{
		"hits": func(s collect.SeriesStatus) bool { return s.Kind == collect.KindUpDown && s.Value == 7 },
		"age": func(s collect.SeriesStatus) bool {
			return s.Kind == collect.KindGauge && s.Value == 1 && s.Max == 3 && s.Min == 1
		},
		"users": func(s collect.SeriesStatus) bool { return s.Kind == collect.KindValue && s.Value == 2 },
		"wait": func(s collect.SeriesStatus) bool {
			return s.Kind == collect.KindHistogram && s.Max == 0.02 && s.Unit == "s"
		},
		"sent": func(s collect.SeriesStatus) bool {
			return s.Kind == collect.KindCounter && s.Value == 5 && s.Unit == "B"
		},
		"open":  func(s collect.SeriesStatus) bool { return s.Kind == collect.KindUpDown && s.Value == -2 },
		"depth": func(s collect.SeriesStatus) bool { return s.Value == 9 },
	} {
		if !ok(got[name]) {
			t.Errorf("%s: %+v", name, got[name])
		}
	}
	before := len(l.Status())
	l.Close()
	if after := len(l.Status()); after != before {
		t.Errorf("%d series at the end, %d before", after, before)
	}
}
