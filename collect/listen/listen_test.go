package listen

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.uber.org/goleak"

	"github.com/plumbline-ci/plumbline/collect"
	"github.com/plumbline-ci/plumbline/collect/export"
	"github.com/plumbline-ci/plumbline/collect/export/otlp"
	"github.com/plumbline-ci/plumbline/collect/export/statsd"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// said writes metrics as text, a line each.
func said(ms []collect.Metric) string {
	var b strings.Builder
	for _, m := range ms {
		fmt.Fprintf(&b, "%s=%.6g%s\n", m.Name, m.Value, m.Unit)
	}
	return b.String()
}

func TestStatsd(t *testing.T) {
	for name, tt := range map[string]struct{ lines, want, note string }{
		"counters":     {"a:1|c\na:2|c\na:1|c|@0.1\nb:-2|c", "a=13\nb=-2\n", ""},
		"gauge":        {"g:3|g\ng:+4|g\ng:-1|g", "g=6\ng.max=7\ng.mean=5.33333\ng.min=3\n", ""},
		"timing":       {"t:320|ms|@0.5", "t.count=2\nt.max=0.32s\nt.mean=0.32s\nt.p50=0.32s\nt.p90=0.32s\nt.p95=0.32s\nt.p99=0.32s\n", ""},
		"distribution": {"d:4|d\nd:4|d", "d.count=2\nd.max=4\nd.mean=4\nd.p50=4\nd.p90=4\nd.p95=4\nd.p99=4\n", ""},
		"several":      {"h:1:1|h\r\n", "h.count=2\nh.max=1\nh.mean=1\nh.p50=1\nh.p90=1\nh.p95=1\nh.p99=1\n", ""},
		"set":          {"s:alice|s\ns:bob|s\ns:alice|s\ns:a:b|s", "s=3\n", ""},
		"tags":         {"r:1|c|#code:200,route:/,new\nr:1|c|#route:/,new,code:200|c:abc|T1656581400", "r[code=200,new=true,route=/]=2\n", ""},
		"influx":       {"r,code=200,b=x:1|c\nr;b=x;code=200:2|c", "r[b=x,code=200]=3\n", ""},
		"unfit":        {"a[b]=c:1|c|#k[]:v=w", "a_b__c[k__=v_w]=1\n", ""},
		"others":       {"_e{5,4}:title|text\n_sc|up|0", "", "2 events and service checks"},
		"two kinds":    {"a:1|c\na:2|g", "a=1\n", `metric "a" is a UpDownCounter and is asked for as a Gauge`},
		"junk":         {"a:1|c\nhello\n", "a=1\n", `1 of 2 lines that the command sent could not be read; the first: "hello": want NAME:VALUE|TYPE`},
		"no type":      {"a:1|q", "", "want the type c, g, ms, h, d or s"},
		"no number":    {"a:x|c", "", "the value is no finite number"},
		"not finite":   {"a:NaN|g", "", "the value is no finite number"},
		"no value":     {"a:|c", "", "want a value before the type"},
		"bad rate":     {"a:1|c|@2", "", "want a sampling rate over 0 and at most 1"},
		"negative":     {"t:-1|ms", "", "want a time in milliseconds"},
	} {
		t.Run(name, func(t *testing.T) {
			g := newGatherer()
			g.statsd([]byte(tt.lines))
			if got := said(g.metrics()); got != tt.want {
				t.Errorf("metrics are\n%swant\n%s", got, tt.want)
			}
			notes := strings.Join(g.told(), "\n")
			if tt.note == "" && notes != "" || !strings.Contains(notes, tt.note) {
				t.Errorf("notes are %q, want %q", notes, tt.note)
			}
		})
	}
}

// TestCaps sends names and tags without end: memory stays, and a note tells.
func TestCaps(t *testing.T) {
	g := newGatherer()
	for i := range 150_000 {
		g.statsd(fmt.Appendf(nil, "requests:1|c|#id:%d\nname.%d:1|c\nusers:%d|s\nfine:1|c", i, i, i))
	}
	ms := g.metrics()
	if len(ms) > mostPerName+mostNames {
		t.Errorf("%d metrics, want at most %d", len(ms), mostPerName+mostNames)
	}
	at, found := slices.BinarySearchFunc(ms, "fine", func(m collect.Metric, n string) int { return strings.Compare(m.Name, n) })
	if !found || ms[at].Value != 150_000 {
		t.Errorf("fine is not 150,000 among\n%.500s", said(ms))
	}
	if notes := strings.Join(g.told(), "\n"); !strings.Contains(notes, "values that the command sent were left out, those of ") {
		t.Errorf("notes are %q", notes)
	}
	if len(g.series) > mostSpellings || len(g.sets["users"]) > mostValues {
		t.Errorf("%d spellings and %d values are kept", len(g.series), len(g.sets["users"]))
	}
}

// environment is what the listener tells a command.
func environment(l *Listener, user map[string]string) map[string]string {
	env := map[string]string{}
	for _, kv := range l.Env(func(k string) string { return user[k] }) {
		k, v, _ := strings.Cut(kv, "=")
		env[k] = v
	}
	return env
}

// send uses our own senders, which are those of other libraries.
func send(t *testing.T, to export.Sender, err error, rec *collect.Recorder) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	set, err := export.OfRecorder(rec)
	if err == nil {
		err = to.Send(t.Context(), set)
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := to.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestListener(t *testing.T) {
	l, err := Start(Options{})
	if err != nil {
		t.Fatal(err)
	}
	env := environment(l, nil)
	udp := collect.NewRecorder(collect.Options{})
	udp.Counter("udp.jobs", collect.Tags{"queue": "mail"}).Add(3)
	to, err := statsd.New(statsd.Options{URL: "dogstatsd://" + env[StatsdEnv]})
	send(t, to, err, udp)
	want := "file.rows=7\nudp.jobs[queue=mail]=3\nweb.hits[code=200]=5\n"
	if runtime.GOOS != "windows" {
		unix := collect.NewRecorder(collect.Options{})
		unix.Gauge("unix.depth", nil).Set(4)
		to, err := statsd.New(statsd.Options{URL: "unix://" + env[SocketEnv]})
		send(t, to, err, unix)
	}
	web := collect.NewRecorder(collect.Options{})
	web.Counter("web.hits", collect.Tags{"code": "200"}).Add(5)
	sender, err := otlp.New(otlp.Options{URL: env["OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"]})
	send(t, sender, err, web)
	f, err := os.OpenFile(env[FileEnv], os.O_APPEND|os.O_WRONLY, 0)
	if err == nil {
		_, err = fmt.Fprintf(f, "file.rows:7|c\n")
	}
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
	found := l.Close()
	if runtime.GOOS != "windows" {
		want = "file.rows=7\nudp.jobs[queue=mail]=3\nunix.depth=4\nunix.depth.max=4\nunix.depth.mean=4\nunix.depth.min=4\nweb.hits[code=200]=5\n"
	}
	if got := said(found.Metrics); got != want || found.Notes != nil || found.Err != nil {
		t.Errorf("found\n%s%q %v, want\n%s", got, found.Notes, found.Err, want)
	}
	if _, err := os.Stat(l.dir); !os.IsNotExist(err) {
		t.Errorf("the folder is still there: %v", err)
	}
}

// TestEnvLeavesTheUsers sets no variable that means the same as one that is set.
func TestEnvLeavesTheUsers(t *testing.T) {
	l, err := Start(Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	all := environment(l, nil)
	users := environment(l, map[string]string{"STATSD_HOST": "stats", "DD_AGENT_HOST": "dd", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://otel"})
	for name := range maps.Keys(users) {
		if !strings.HasPrefix(name, "PLUMBLINE_") {
			t.Errorf("%s is set beside the user's own", name)
		}
	}
	inner, err := Start(Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer inner.Close()
	for name, value := range environment(inner, all) {
		if value == all[name] && name != "STATSD_HOST" && name != "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL" {
			t.Errorf("a run inside a run leaves %s=%s, which is the outer one's", name, value)
		}
	}
	if len(environment(inner, all)) != len(all) {
		t.Errorf("a run inside a run sets %v, want as many as %v", environment(inner, all), all)
	}
	for _, name := range []string{"STATSD_HOST", "STATSD_PORT", "DD_DOGSTATSD_URL", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"} {
		if all[name] == "" {
			t.Errorf("%s is not set", name)
		}
	}
}

// TestFlood sends a million datagrams from outside of our own process' pace: each
// is read, or the system says that it dropped it.
func TestFlood(t *testing.T) {
	l, err := Start(Options{})
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("udp", environment(l, nil)[StatsdEnv])
	if err != nil {
		t.Fatal(err)
	}
	const packets = 1_000_000
	for range packets {
		if _, err := conn.Write([]byte("hits:1|c|#route:/")); err != nil {
			t.Fatal(err)
		}
	}
	conn.Close()
	lost := lostDatagrams(l.udp)
	found := l.Close()
	if len(found.Metrics) != 1 {
		t.Fatalf("metrics are %s", said(found.Metrics))
	}
	if got := found.Metrics[0].Value + float64(lost); runtime.GOOS == "linux" && got != packets {
		t.Errorf("%v were read and %d dropped, want %d in all", found.Metrics[0].Value, lost, packets)
	}
	if told := strings.Contains(strings.Join(found.Notes, "\n"), "datagrams that came faster"); told != (lost > 0) {
		t.Errorf("%d were dropped, and the notes are %q", lost, found.Notes)
	}
}

// TestScrape reads the page of a real client library: counters count from the
// beginning of the run, gauges are all that was seen.
func TestScrape(t *testing.T) {
	for _, open := range []bool{false, true} {
		registry := prometheus.NewRegistry()
		hits := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "hits_total", Help: "Hits {with} # and \"quotes\"."}, []string{"route"})
		depth := prometheus.NewGauge(prometheus.GaugeOpts{Name: "depth"})
		took := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "took_seconds", Buckets: []float64{1, 2, 4}})
		registry.MustRegister(hits, depth, took)
		page := promhttp.HandlerFor(registry, promhttp.HandlerOpts{EnableOpenMetrics: open})
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if open {
				r.Header.Set("Accept", "application/openmetrics-text;version=1.0.0")
			}
			page.ServeHTTP(w, r)
		}))
		hits.WithLabelValues(`a}"b`).Add(10)
		took.Observe(3)
		l, err := Start(Options{Scrape: []string{server.URL}, Every: time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		hits.WithLabelValues(`a}"b`).(prometheus.ExemplarAdder).AddWithExemplar(5, prometheus.Labels{"trace": "# {"})
		depth.Set(8)
		for range 4 {
			took.Observe(1.5)
		}
		found := l.Close()
		server.Close()
		want := "depth=8\ndepth.max=8\ndepth.mean=4\ndepth.min=0\nhits_total[route=a}\"b]=5\ntook_seconds.count=4\ntook_seconds.mean=1.5s\ntook_seconds.p50=1.5s\ntook_seconds.p90=1.9s\ntook_seconds.p95=1.95s\ntook_seconds.p99=1.99s\n"
		if got := said(found.Metrics); got != want || found.Err != nil || found.Notes != nil {
			t.Errorf("OpenMetrics %v: found\n%s%v %v, want\n%s", open, got, found.Err, found.Notes, want)
		}
	}
}

// TestScrapeLate reads a service that the command itself starts: all it counted
// is the run's. One that never answers is an error.
func TestScrapeLate(t *testing.T) {
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	free.Close()
	l, err := Start(Options{Scrape: []string{"http://" + address + "/metrics"}, Every: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	late, err := net.Listen("tcp", address)
	if err != nil {
		l.Close()
		t.Skipf("the port is taken: %v", err)
	}
	go func() {
		_ = http.Serve(late, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "# TYPE n counter\nn 12\n")
		}))
	}()
	found := l.Close()
	late.Close()
	if got := said(found.Metrics); got != "n=12\n" || found.Err != nil {
		t.Errorf("found %q, %v", got, found.Err)
	}
	http.DefaultClient.CloseIdleConnections()

	for body, want := range map[string]string{"n 1 2 3 4\n": "text format parsing error", "": ""} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if body == "" {
				w.WriteHeader(http.StatusNotFound)
			}
			_, _ = io.WriteString(w, body)
		}))
		l, err := Start(Options{Scrape: []string{server.URL}, Every: time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		found := l.Close()
		server.Close()
		if found.Err == nil || !strings.Contains(found.Err.Error(), "it never answered as it should") || !strings.Contains(found.Err.Error(), want) {
			t.Errorf("a page of %q gives %v", body, found.Err)
		}
	}
}

func TestOTLPRefuses(t *testing.T) {
	g := newGatherer()
	for _, tt := range []struct {
		kind, packed, body string
		want               int
	}{
		{"text/plain", "", "", http.StatusUnsupportedMediaType},
		{"application/x-protobuf", "", "\xff\xff", http.StatusBadRequest},
		{"application/json", "", "{", http.StatusBadRequest},
		{"application/json", "gzip", "{}", http.StatusBadRequest},
		{"application/json", "br", "{}", http.StatusBadRequest},
		{"application/json", "", strings.Repeat(" ", mostOTLP+1), http.StatusBadRequest},
		{"application/json; charset=utf-8", "", "{}", http.StatusOK},
	} {
		r := httptest.NewRequest(http.MethodPost, "/v1/metrics", strings.NewReader(tt.body))
		r.Header.Set("Content-Type", tt.kind)
		r.Header.Set("Content-Encoding", tt.packed)
		w := httptest.NewRecorder()
		g.serveOTLP(w, r)
		if w.Code != tt.want {
			t.Errorf("%s %s %.10q gives %d, want %d", tt.kind, tt.packed, tt.body, w.Code, tt.want)
		}
	}
	if g.bad != 5 {
		t.Errorf("%d are counted as bad, want 5", g.bad)
	}
}

// TestOTLPKinds reads every kind of metric, in JSON as the specification writes it.
func TestOTLPKinds(t *testing.T) {
	request := `{"resourceMetrics":[{"resource":{"attributes":[{"key":"service.instance.id","value":{"stringValue":"1"}}]},"scopeMetrics":[{"metrics":[
	{"name":"sum","unit":"By","sum":{"aggregationTemporality":2,"isMonotonic":true,"dataPoints":[{"startTimeUnixNano":"1","asInt":"%[1]d","attributes":[{"key":"k","value":{"intValue":"3"}}]}]}},
	{"name":"falls","sum":{"aggregationTemporality":2,"dataPoints":[{"startTimeUnixNano":"1","asDouble":%[2]v}]}},
	{"name":"delta","sum":{"aggregationTemporality":1,"isMonotonic":true,"dataPoints":[{"asInt":"5"}]}},
	{"name":"level","gauge":{"dataPoints":[{"asDouble":%[2]v}]}},
	{"name":"hist","unit":"ms","histogram":{"aggregationTemporality":1,"dataPoints":[{"count":"4","sum":6,"bucketCounts":["0","4","0"],"explicitBounds":[1,2],"min":1,"max":2}]}},
	{"name":"exp","unit":"s","exponentialHistogram":{"aggregationTemporality":2,"dataPoints":[{"startTimeUnixNano":"1","count":"3","sum":9,"scale":0,"zeroCount":"0","positive":{"offset":1,"bucketCounts":["3"]}}]}},
	{"name":"quant","summary":{"dataPoints":[{"startTimeUnixNano":"1","count":"2","sum":8,"quantileValues":[{"quantile":0.5,"value":3}]}]}}
	]}]}]}`
	g := newGatherer()
	for _, v := range []int{7, 9} {
		r := httptest.NewRequest(http.MethodPost, "/v1/metrics", strings.NewReader(fmt.Sprintf(request, v, 10-v)))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		g.serveOTLP(w, r)
		if w.Code != http.StatusOK {
			t.Fatalf("answer %d: %s", w.Code, w.Body)
		}
	}
	want := `delta=10
exp.count=3
exp.mean=3s
exp.p50=3s
exp.p90=3.8s
exp.p95=3.9s
exp.p99=3.98s
falls=1
hist.count=8
hist.max=2ms
hist.mean=1.5ms
hist.p50=1.5ms
hist.p90=1.9ms
hist.p95=1.95ms
hist.p99=1.99ms
level=1
level.max=3
level.mean=2
level.min=1
quant.count=2
quant.mean=4
quant.p50=3
sum[k=3]=9B
`
	if got := said(g.metrics()); got != want {
		t.Errorf("metrics are\n%swant\n%s", got, want)
	}
}

// FuzzStatsd sends any bytes: names are fit for a record and values finite.
func FuzzStatsd(f *testing.F) {
	for _, s := range []string{"a:1|c|@0.1|#k:v", "g:+3|g\nt:1:2|ms", "_e{1,2}:a|b", "a;k=v:1|c", "s:x|s", ":|", "a,b=c,d=:1e308|h\na:1e308|h"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, datagram []byte) {
		g := newGatherer()
		g.statsd(datagram)
		g.told()
		ms := g.metrics()
		run := collect.Run{Origin: collect.Origin{ID: "r", Time: time.Unix(0, 0)}, Metrics: ms}
		line, err := collect.AppendRecord(nil, run)
		if err != nil {
			t.Fatalf("%q: no record can be made of %s: %v", datagram, said(ms), err)
		}
		if _, err := collect.Decode(bytes.TrimSpace(line)); err != nil {
			t.Fatalf("%q: the record cannot be read: %v", datagram, err)
		}
		for _, m := range ms {
			if math.IsNaN(m.Value) || math.IsInf(m.Value, 0) {
				t.Errorf("%q: %s = %v", datagram, m.Name, m.Value)
			}
		}
	})
}

// FuzzOTLP and FuzzPage read any bytes without harm.
func FuzzOTLP(f *testing.F) {
	f.Add([]byte(`{"resourceMetrics":[]}`), true)
	f.Add([]byte("\x0a\x02\x12\x00"), false)
	f.Fuzz(func(t *testing.T, body []byte, text bool) {
		r := httptest.NewRequest(http.MethodPost, "/v1/metrics", bytes.NewReader(body))
		r.Header.Set("Content-Type", map[bool]string{true: "application/json", false: "application/x-protobuf"}[text])
		g := newGatherer()
		g.serveOTLP(httptest.NewRecorder(), r)
		for _, m := range g.metrics() {
			if math.IsNaN(m.Value) || math.IsInf(m.Value, 0) {
				t.Errorf("%s = %v", m.Name, m.Value)
			}
		}
	})
}

func BenchmarkStatsd(b *testing.B) {
	g := newGatherer()
	line := []byte("http.requests:1|c|#code:200,route:/users")
	b.ReportAllocs()
	for b.Loop() {
		g.statsd(line)
	}
}
