package cli

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	broker "github.com/rabbitmq/amqp091-go"

	"github.com/plumbline-ci/plumbline/collect"
	"github.com/plumbline-ci/plumbline/collect/export"
	"github.com/plumbline-ci/plumbline/collect/export/amqp"
	"github.com/plumbline-ci/plumbline/collect/export/pushgateway"
	"github.com/plumbline-ci/plumbline/internal/servicetest"
)

// service is a program that embeds the recorder: an HTTP server that measures
// what it does and shows it at /metrics.
type service struct {
	rec    *collect.Recorder
	server *httptest.Server
	took   func() time.Duration // by a request; a test depends on no clock
}

// noisy are durations as they are measured: a request's differ by some per cent,
// and so do the run's as a whole.
func noisy(d time.Duration, run uint64) func() time.Duration {
	r := rand.New(rand.NewPCG(run, 5))
	level := 1 + 0.02*r.NormFloat64()
	return func() time.Duration { return time.Duration(float64(d) * (level + 0.05*r.ExpFloat64())) }
}

func startService(t *testing.T, store string, took func() time.Duration) *service {
	t.Helper()
	s := &service{took: took, rec: collect.NewRecorder(collect.Options{
		Path: store, Origin: collect.Origin{Branch: "main", Success: collect.Succeeded},
	})}
	requests := s.rec.CounterVec("http.requests", "code")
	work := s.rec.Timer("http.work_seconds", nil)
	mux := http.NewServeMux()
	mux.Handle("/metrics", export.Handler(s.rec))
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		work.Observe(s.took())
		requests.With("200").Inc()
		fmt.Fprintln(w, "done")
	})
	s.server = httptest.NewServer(mux)
	t.Cleanup(s.server.Close)
	return s
}

func (s *service) use(t *testing.T, times int) {
	t.Helper()
	for range times {
		fetch(t, s.server.URL)
	}
}

func fetch(t *testing.T, url string) string {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v", url, resp.Status, err)
	}
	return string(text)
}

func scraped(t *testing.T, url string) map[string]*dto.MetricFamily {
	t.Helper()
	p := expfmt.NewTextParser(model.LegacyValidation)
	families, err := p.TextToMetricFamilies(strings.NewReader(fetch(t, url)))
	if err != nil {
		t.Fatal(err)
	}
	return families
}

// stop ends a service, whose record goes to the store.
func (s *service) stop(t *testing.T) (id string) {
	t.Helper()
	id, err := s.rec.Flush("service", nil)
	if err == nil {
		_, err = s.rec.Close(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	s.server.Close()
	return id
}

// plumbline runs the program and returns its status and all that it printed.
func plumbline(t *testing.T, getenv func(string) string, args ...string) (int, string) {
	t.Helper()
	var out strings.Builder
	env := Env{Args: args, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out, Getenv: getenv, Now: time.Now}
	return Main(t.Context(), env), out.String()
}

func nothing(string) string { return "" }

// What a service records over its lives is judged like any other run.
func TestServiceIsGated(t *testing.T) {
	t.Parallel()
	store := t.TempDir()
	// What 20 requests say of the slowest of them is little, and no gate.
	config := filepath.Join(store, "rules.yml")
	if err := os.WriteFile(config, []byte(`rules: [{match: "*.p*", level: off}, {match: "*.max", level: off}]`), 0o666); err != nil {
		t.Fatal(err)
	}
	check := []string{"check", "--path", store, "--config", config}
	for i := range 16 {
		s := startService(t, store, noisy(10*time.Millisecond, uint64(i)))
		s.use(t, 20)
		f := scraped(t, s.server.URL+"/metrics")
		if got := f["http_requests_total"].GetMetric()[0].GetCounter().GetValue(); got != 20 {
			t.Fatalf("a scrape shows %g requests, want 20", got)
		}
		if h := f["http_work_seconds"].GetMetric()[0].GetHistogram(); h.GetSampleCount() != 20 {
			t.Errorf("a scrape shows the histogram %v", h)
		}
		s.stop(t)
	}
	if status, out := plumbline(t, nothing, check...); status != exitPass {
		t.Errorf("a service like its former lives: status %d\n%s", status, out)
	}
	s := startService(t, store, noisy(30*time.Millisecond, 99))
	s.use(t, 20)
	s.stop(t)
	if status, out := plumbline(t, nothing, check...); status != exitRegression || !strings.Contains(out, "http.work_seconds.mean") {
		t.Errorf("a service that takes three times as long: status %d\n%s", status, out)
	}
}

func TestServiceIsPushed(t *testing.T) {
	t.Parallel()
	gateway := servicetest.Pushgateway(t)
	store := t.TempDir()
	s := startService(t, store, noisy(time.Millisecond, 1))
	s.use(t, 3)
	to, err := pushgateway.New(pushgateway.Options{URL: gateway, Job: "service"})
	if err != nil {
		t.Fatal(err)
	}
	sendNow(t, s.rec, to)
	id := s.stop(t)
	// README's command, with the address of the test's server.
	status, out := plumbline(t, nothing, append(readmePush(t, "/metrics/job/", "http://localhost:9091", gateway), "--path", store, "--run", id)...)
	if status != exitPass {
		t.Fatalf("push: status %d\n%s", status, out)
	}
	families := scraped(t, gateway+"/metrics")
	if f := families["http_requests_total"]; f.GetType() != dto.MetricType_COUNTER || f.GetMetric()[0].GetCounter().GetValue() != 3 {
		t.Errorf("the Pushgateway has %v", f)
	}
	jobs := map[string]bool{}
	for _, name := range []string{"http_requests_total", "http_work_p99_seconds"} {
		for _, m := range families[name].GetMetric() {
			for _, l := range m.Label {
				jobs[name+" "+l.GetName()+" "+l.GetValue()] = true
			}
		}
	}
	if !jobs["http_requests_total job service"] || !jobs["http_work_p99_seconds job nightly"] {
		t.Errorf("the Pushgateway has the labels %v", jobs)
	}
}

func sendNow(t *testing.T, rec *collect.Recorder, to export.Sender) {
	t.Helper()
	set, err := export.OfRecorder(rec)
	if err == nil {
		err = to.Send(t.Context(), set)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestServiceIsQueued(t *testing.T) {
	t.Parallel()
	server := servicetest.RabbitMQ(t)
	store := t.TempDir()
	s := startService(t, store, noisy(time.Millisecond, 1))
	s.use(t, 3)
	to, err := amqp.New(amqp.Options{URL: server, Queue: "runs", Declare: true})
	if err != nil {
		t.Fatal(err)
	}
	defer to.Close()
	sendNow(t, s.rec, to)
	id := s.stop(t)
	status, out := plumbline(t, nothing, append(readmePush(t, "queue=runs", "amqp://localhost", server), "--path", store)...)
	if status != exitPass || strings.Contains(out, "guest") {
		t.Fatalf("push: status %d\n%s", status, out)
	}
	conn, err := broker.Dial(server)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	channel, err := conn.Channel()
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for range 2 {
		m, _, err := channel.Get("runs", true)
		if err != nil {
			t.Fatal(err)
		}
		r, err := collect.Decode(m.Body)
		if v, ok := r.Metric("http.requests[code=200]"); err != nil || !ok || v.Value != 3 {
			t.Errorf("a message is %s, %v", m.Body, err)
		}
		ids = append(ids, r.ID)
	}
	if ids[0] == id || ids[1] != id {
		t.Errorf("the queue has the runs %q, want one of the recorder and %s", ids, id)
	}
}

// README's other commands, with a receiver that takes what comes.
func TestReadmePush(t *testing.T) {
	t.Parallel()
	store := t.TempDir()
	s := startService(t, store, noisy(time.Millisecond, 1))
	s.use(t, 1)
	s.stop(t)
	var token string
	web := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		token = r.Header.Get("Authorization") + r.Header.Get("X-Tenant")
		_, _ = io.Copy(io.Discard, r.Body)
	}))
	defer web.Close()
	getenv := func(name string) string {
		return map[string]string{"PLUMBLINE_PUSH_TOKEN": "s3cr", "OTEL_EXPORTER_OTLP_HEADERS": "x-tenant=a%20b"}[name]
	}
	status, out := plumbline(t, getenv, append(readmePush(t, "otlp+http", "http://localhost:4318", web.URL), "--path", store)...)
	if status != exitPass || token != "Bearer s3cra b" {
		t.Errorf("to OpenTelemetry: status %d, token %q\n%s", status, token, out)
	}
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	status, out = plumbline(t, nothing, append(readmePush(t, "dogstatsd:", "localhost:8125", c.LocalAddr().String()), "--path", store)...)
	if status != exitPass {
		t.Errorf("to DogStatsD: status %d\n%s", status, out)
	}
	_ = c.SetReadDeadline(time.Now().Add(30 * time.Second))
	datagram := make([]byte, 1<<16)
	n, _, err := c.ReadFrom(datagram)
	if err != nil || !strings.Contains(string(datagram[:n]), "http.requests:1|g|#branch:main,code:200") {
		t.Errorf("the server gets %q, %v", datagram[:n], err)
	}
}

// readmePush is the command of README's section that has a text, with another
// address in place of one that it has.
func readmePush(t *testing.T, text, address, with string) []string {
	t.Helper()
	for line := range strings.Lines(blockWith(t, "plumbline push --to")) {
		line, _, _ = strings.Cut(line, "#")
		if strings.Contains(line, text) && strings.Contains(line, address) {
			return strings.Fields(strings.ReplaceAll(strings.Replace(line, address, with, 1), "'", ""))[1:]
		}
	}
	t.Fatalf("README has no command with %q and %q", text, address)
	return nil
}
