package pushgateway_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/plumbline-ci/plumbline/collect"
	"github.com/plumbline-ci/plumbline/collect/export"
	"github.com/plumbline-ci/plumbline/collect/export/pushgateway"
	"github.com/plumbline-ci/plumbline/internal/servicetest"
)

// series are all samples that a server shows, as NAME{label="value"...} VALUE.
func series(t *testing.T, server string) string {
	t.Helper()
	resp, err := http.Get(server + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var b strings.Builder
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	p := expfmt.NewTextParser(model.LegacyValidation)
	families, err := p.TextToMetricFamilies(strings.NewReader(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	for name, f := range families {
		if f.GetType() == dto.MetricType_COUNTER && !strings.HasSuffix(name, "_total") {
			continue
		}
		if _, err := expfmt.MetricFamilyToText(&b, f); err != nil {
			t.Fatal(err)
		}
	}
	return b.String()
}

func send(t *testing.T, o pushgateway.Options, s export.Set) {
	t.Helper()
	to, err := pushgateway.New(o)
	if err == nil {
		err = to.Send(t.Context(), s)
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := to.Close(); err != nil {
		t.Error(err)
	}
}

func stored() export.Set {
	return export.OfRun(collect.Run{
		Origin: collect.Origin{ID: "r1", Name: "unit tests", Branch: "feature/a b+c", Job: "linux", Time: time.Unix(1772600767, 0), Success: collect.Succeeded},
		Metrics: []collect.Metric{
			{Name: "build.seconds", Unit: "s", Value: 12.3}, {Name: "job.seconds[branch=b,job=a]", Unit: "s", Value: 4}, {Name: "ram.peak_mb", Unit: "MB", Value: 128.7},
			{Name: `odd "name"[case=x"\` + "\n" + `y]`, Value: 1},
		},
	})
}

func TestRealPushgateway(t *testing.T) {
	t.Parallel()
	server := servicetest.Pushgateway(t)

	send(t, pushgateway.Options{URL: server}, stored())
	got := series(t, server)
	for _, want := range []string{
		`build_seconds{branch="feature/a b+c",ci_job="linux",instance="",job="unit tests"} 12.3`,
		`job_seconds{branch="feature/a b+c",ci_job="linux",exported_branch="b",exported_job="a",instance="",job="unit tests"} 4`,
		`ram_peak_bytes{branch="feature/a b+c",ci_job="linux",instance="",job="unit tests"} 1.287e+08`,
		`odd__name_{branch="feature/a b+c",case="x\"\\\ny",ci_job="linux",instance="",job="unit tests"} 1`,
		`run_id="r1"`, "plumbline_run_success{",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}

	// A recorder's counters are counters, and a second push replaces the first.
	rec := collect.NewRecorder(collect.Options{})
	rec.Counter("http.requests", collect.Tags{"code": "200"}).Add(3)
	rec.Timer("db.query_seconds", nil).Observe(time.Second)
	for _, gone := range []string{"first", "second"} {
		rec.Register("own", own(gone))
		s, err := export.OfRecorder(rec)
		if err != nil {
			t.Fatal(err)
		}
		send(t, pushgateway.Options{URL: server + "/metrics/job/svc/zone@base64/ZXUvMQ"}, s)
	}
	got = series(t, server)
	for _, want := range []string{
		"# TYPE http_requests_total counter\n", `http_requests_total{code="200",instance="",job="svc",zone="eu/1"} 3`,
		"# TYPE db_query_seconds histogram\n", `db_query_seconds_count{instance="",job="svc",zone="eu/1"} 1`, "second{", "build_seconds{",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if strings.Contains(got, "first{") {
		t.Error("what is gone is still there after a push")
	}
}

type own string

func (o own) Metrics() []collect.Metric { return []collect.Metric{{Name: string(o), Value: 1}} }
func (own) Sent()                       {}

// What a server says about a push is told, and no secret is.
func TestRefusals(t *testing.T) {
	t.Parallel()
	var auth string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		auth = r.Header.Get("Authorization")
		http.Error(w, strings.Repeat("the disk is full ", 10000), http.StatusInsufficientStorage)
	}))
	defer server.Close()
	for name, o := range map[string]pushgateway.Options{
		"Basic dXNlcjpzM2NyL3Q=": {URL: strings.Replace(server.URL, "://", "://user:s3cr%2Ft@", 1) + "/base?token=s3cr"},
		"Bearer s3cr/t":          {URL: server.URL + "/base", Token: "s3cr/t"},
	} {
		to, err := pushgateway.New(o)
		if err != nil {
			t.Fatal(err)
		}
		err = to.Send(t.Context(), stored())
		if err == nil || !strings.Contains(err.Error(), "507") || !strings.Contains(err.Error(), "disk is full") || strings.Contains(err.Error(), "s3cr") || len(err.Error()) > 4000 {
			t.Errorf("Send returns %v", err)
		}
		if auth != name {
			t.Errorf("the server sees %q, want %q", auth, name)
		}
	}
	to, err := pushgateway.New(pushgateway.Options{URL: "http://user:s3cr@" + servicetest.FreeAddress(t)})
	if err != nil {
		t.Fatal(err)
	}
	if err := to.Send(t.Context(), stored()); err == nil || strings.Contains(err.Error(), "s3cr") {
		t.Errorf("Send to nobody returns %v", err)
	}
	if err := to.Send(t.Context(), export.Set{}); !errors.Is(err, export.ErrNothing) {
		t.Errorf("Send of nothing returns %v", err)
	}
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ url, want string }{
		{"http://h:9091", ""}, {"https://u:p@h/base/metrics/job/a/b/c/", ""}, {"http://h/metrics/job@base64/YS9i", ""},
		{"ftp://h", "want the address of a Pushgateway"}, {"http:///x", "want the address"}, {"localhost:9091", "cannot be read"},
		{"http://h/metrics/job", "want pairs"}, {"http://h/metrics/job/", "want pairs"}, {"http://h/metrics/job//a/b", "job in the address"}, {"http://h/metrics/job/a/b", "want pairs"},
		{"http://h/metrics/job@base64/s3cr*", `label "job"`}, {"http://u:s3cr/t@h", "cannot be read"}, {"http://u:12/s3cr@h", "cannot be read"},
		{"http://u:s3cr#x@h", "cannot be read"}, {"http://u:%zzs3cr@h", "cannot be read"},
	} {
		_, err := pushgateway.New(pushgateway.Options{URL: row.url})
		switch {
		case row.want == "" && err != nil:
			t.Errorf("%s: %v", row.url, err)
		case row.want != "" && (err == nil || !strings.Contains(err.Error(), row.want) || strings.Contains(err.Error(), "s3cr")):
			t.Errorf("%s: %v, want %q", row.url, err, row.want)
		}
	}
}

func Example() {
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
	}))
	defer server.Close()
	rec := collect.NewRecorder(collect.Options{})
	rec.Counter("jobs.done", nil).Inc()

	to, err := pushgateway.New(pushgateway.Options{URL: server.URL, Job: "worker"})
	if err != nil {
		panic(err)
	}
	defer to.Close()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	cancel() // a program ends: the last values are sent
	export.Every(ctx, time.Minute, rec, to, func(err error) { panic(err) })
	// Output:
}
