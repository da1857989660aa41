package otlp_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"iter"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	service "go.opentelemetry.io/proto/slim/otlp/collector/metrics/v1"
	common "go.opentelemetry.io/proto/slim/otlp/common/v1"
	metrics "go.opentelemetry.io/proto/slim/otlp/metrics/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/plumbline-ci/plumbline/collect"
	"github.com/plumbline-ci/plumbline/collect/export"
	"github.com/plumbline-ci/plumbline/collect/export/otlp"
)

// receiver decodes requests as a collector does, and answers in turn.
type receiver struct {
	t       *testing.T
	got     []*service.ExportMetricsServiceRequest
	headers []http.Header
	paths   []string
	answers []func(http.ResponseWriter)
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	z, err := gzip.NewReader(req.Body)
	if err != nil || req.Header.Get("Content-Encoding") != "gzip" || req.Header.Get("Content-Type") != "application/x-protobuf" {
		r.t.Errorf("the request is %v, %v", req.Header, err)
		return
	}
	text, err := io.ReadAll(z)
	m := new(service.ExportMetricsServiceRequest)
	if err := errors.Join(err, proto.Unmarshal(text, m)); err != nil {
		r.t.Error(err)
	}
	r.got, r.headers, r.paths = append(r.got, m), append(r.headers, req.Header), append(r.paths, req.URL.RequestURI())
	if n := len(r.got); n <= len(r.answers) {
		r.answers[n-1](w)
	}
}

func serve(t *testing.T, answers ...func(http.ResponseWriter)) (*receiver, string) {
	t.Helper()
	r := &receiver{t: t, answers: answers}
	server := httptest.NewServer(r)
	t.Cleanup(server.Close)
	return r, server.URL
}

func send(t *testing.T, o otlp.Options, s export.Set) error {
	t.Helper()
	o.Wait = time.Millisecond
	to, err := otlp.New(o)
	if err != nil {
		t.Fatal(err)
	}
	defer to.Close()
	return to.Send(t.Context(), s)
}

func stored() export.Set {
	return export.OfRun(collect.Run{
		Origin:  collect.Origin{ID: "r1", Name: "unit", Branch: "main", Repository: "o/r", Time: time.Unix(1772600767, 5).UTC()},
		Metrics: []collect.Metric{{Name: "build.seconds", Unit: "s", Value: 12.3}, {Name: "io[k=\xff]", Unit: "MB/s", Value: 4}},
	})
}

func TestRecorder(t *testing.T) {
	t.Parallel()
	rec := collect.NewRecorder(collect.Options{})
	rec.Describe("size", "MiB", "How large.")
	rec.Counter("requests", collect.Tags{"code": "200"}).Add(3)
	rec.UpDownCounter("conns", nil).Add(-1)
	rec.Gauge("depth", nil).Set(2)
	h := rec.Histogram("size", nil)
	for _, x := range []float64{-1, 1, 3, 3, 16} {
		h.Observe(x)
	}
	rec.Summary("lag", nil).Observe(1.5)
	s, err := export.OfRecorder(rec)
	if err != nil {
		t.Fatal(err)
	}
	r, url := serve(t)
	if err := send(t, otlp.Options{URL: url}, s); err != nil {
		t.Fatal(err)
	}
	at, start := uint64(s.Run.Time.UnixNano()), uint64(s.Start.UnixNano())
	number := func(start uint64, v float64, tags ...*common.KeyValue) []*metrics.NumberDataPoint {
		return []*metrics.NumberDataPoint{{StartTimeUnixNano: start, TimeUnixNano: at, Attributes: tags, Value: &metrics.NumberDataPoint_AsDouble{AsDouble: v}}}
	}
	var quantiles []*metrics.SummaryDataPoint_ValueAtQuantile
	for _, q := range []float64{0.5, 0.9, 0.95, 0.99} {
		quantiles = append(quantiles, &metrics.SummaryDataPoint_ValueAtQuantile{Quantile: q, Value: 1.5})
	}
	want := []*metrics.Metric{
		{Name: "conns", Data: &metrics.Metric_Sum{Sum: &metrics.Sum{AggregationTemporality: 2, DataPoints: number(start, -1)}}},
		{Name: "depth", Data: &metrics.Metric_Gauge{Gauge: &metrics.Gauge{DataPoints: number(0, 2)}}},
		{Name: "lag", Data: &metrics.Metric_Summary{Summary: &metrics.Summary{DataPoints: []*metrics.SummaryDataPoint{
			{StartTimeUnixNano: start, TimeUnixNano: at, Count: 1, Sum: 1.5, QuantileValues: quantiles},
		}}}},
		{Name: "requests", Data: &metrics.Metric_Sum{Sum: &metrics.Sum{
			AggregationTemporality: 2, IsMonotonic: true,
			DataPoints: number(start, 3, &common.KeyValue{Key: "code", Value: &common.AnyValue{Value: &common.AnyValue_StringValue{StringValue: "200"}}}),
		}}},
		{Name: "size", Unit: "MiBy", Description: "How large.", Data: &metrics.Metric_Histogram{Histogram: &metrics.Histogram{
			AggregationTemporality: 2, DataPoints: []*metrics.HistogramDataPoint{{
				StartTimeUnixNano: start, TimeUnixNano: at, Count: 5, Sum: proto.Float64(22), Min: proto.Float64(-1), Max: proto.Float64(16),
				ExplicitBounds: []float64{1, 2, 4, 8, 16}, BucketCounts: []uint64{2, 0, 2, 0, 1, 0},
			}},
		}}},
	}
	if diff := cmp.Diff(want, r.got[0].ResourceMetrics[0].ScopeMetrics[0].Metrics, protocmp.Transform()); diff != "" {
		t.Errorf("the server gets (-want +got):\n%s", diff)
	}
	if r.paths[0] != "/v1/metrics" {
		t.Errorf("the path is %s", r.paths[0])
	}
}

func TestStored(t *testing.T) {
	t.Parallel()
	r, url := serve(t)
	header := http.Header{"x-key": {"k"}}
	if err := send(t, otlp.Options{URL: strings.Replace(url, "://", "://u:p@", 1) + "/in?tenant=a", Header: header}, stored()); err != nil {
		t.Fatal(err)
	}
	resource := map[string]string{}
	for _, a := range r.got[0].ResourceMetrics[0].Resource.Attributes {
		resource[a.Key] = a.Value.GetStringValue()
	}
	want := map[string]string{"service.name": "unit", "plumbline.suite": "unit", "vcs.ref.head.name": "main", "vcs.repository.name": "o/r"}
	if !maps.Equal(resource, want) {
		t.Errorf("the resource is %v, want %v", resource, want)
	}
	var got []string
	for _, m := range r.got[0].ResourceMetrics[0].ScopeMetrics[0].Metrics {
		p := m.GetGauge().GetDataPoints()
		if len(p) != 1 || p[0].TimeUnixNano != 1772600767000000005 || p[0].StartTimeUnixNano != 0 {
			t.Errorf("%s is %v", m.Name, p)
		}
		got = append(got, m.Name+" "+m.Unit)
	}
	if want := []string{"build.seconds s", "io MBy/s", "plumbline.run ", "plumbline.run_timestamp_seconds s"}; !slices.Equal(got, want) {
		t.Errorf("the metrics are %q, want %q", got, want)
	}
	if r.paths[0] != "/in?tenant=a" || r.headers[0].Get("Authorization") != "Basic dTpw" || r.headers[0].Get("X-Key") != "k" {
		t.Errorf("the request is for %s with %v", r.paths[0], r.headers[0])
	}
}

// answer is a status with a body.
func answer(code int, kind string, body []byte, header ...string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		w.Header().Set("Content-Type", kind)
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(code)
		_, _ = w.Write(body)
	}
}

func partial(t *testing.T, rejected int64, text string) []byte {
	t.Helper()
	b, err := proto.Marshal(&service.ExportMetricsServiceResponse{
		PartialSuccess: &service.ExportMetricsPartialSuccess{RejectedDataPoints: rejected, ErrorMessage: text},
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	const pb = "application/x-protobuf"
	busy := answer(http.StatusServiceUnavailable, "text/plain", []byte("busy"), "Retry-After", "0")
	var warned string
	for _, row := range []struct {
		name    string
		answers []func(http.ResponseWriter)
		tries   int
		want    string
	}{
		{"taken", nil, 1, ""},
		{"busy at first", []func(http.ResponseWriter){busy, answer(502, "", nil), answer(429, "", nil)}, 4, ""},
		{"always busy", []func(http.ResponseWriter){busy, busy, busy, busy, busy}, 5, "refused it: 503 Service Unavailable: busy"},
		{"wrong", []func(http.ResponseWriter){answer(400, pb, []byte("\x08\x03\x12\x0abad\n names"))}, 1, "refused it: 400 Bad Request: bad names"},
		{"broken", []func(http.ResponseWriter){answer(500, "text/html", bytes.Repeat([]byte("<b>x</b>"), 5000))}, 1, "refused it: 500 Internal Server Error: <b>x"},
		{"some left out", []func(http.ResponseWriter){answer(200, pb, partial(t, 2, "too old"))}, 1, "refused it: 2 of 4 values: too old"},
		{"with a remark", []func(http.ResponseWriter){answer(200, pb, partial(t, 0, "use deltas"))}, 1, ""},
	} {
		r, url := serve(t, row.answers...)
		url = strings.Replace(url, "://", "://u:s3cr%2Ft@", 1) + "?token=s3cr"
		err := send(t, otlp.Options{URL: url, Warn: func(s string) { warned = s }}, stored())
		if row.want == "" && err != nil || row.want != "" && (err == nil || !strings.Contains(err.Error(), row.want) || strings.Contains(err.Error(), "s3cr") || len(err.Error()) > 1000) {
			t.Errorf("%s: Send returns %v, want %q", row.name, err, row.want)
		}
		if len(r.got) != row.tries {
			t.Errorf("%s: %d requests, want %d", row.name, len(r.got), row.tries)
		}
	}
	if warned != "use deltas" {
		t.Errorf("the server's remark is told as %q", warned)
	}
}

// A server that asks for more patience than there is gets no second request.
func TestRetryAfter(t *testing.T) {
	t.Parallel()
	r, url := serve(t, answer(429, "", nil, "Retry-After", "3600"))
	to, err := otlp.New(otlp.Options{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	timer := time.AfterFunc(time.Second, cancel)
	defer timer.Stop()
	if err := to.Send(ctx, stored()); err == nil || !strings.Contains(err.Error(), "429 Too Many Requests") || len(r.got) != 1 {
		t.Errorf("Send returns %v after %d requests", err, len(r.got))
	}
	if err := to.Send(t.Context(), export.Set{}); !errors.Is(err, export.ErrNothing) {
		t.Errorf("Send of nothing returns %v", err)
	}
	for url, want := range map[string]string{"grpc://h:4317": "want the address of an OTLP receiver", "http://u:s3cr#@h": "cannot be read"} {
		if _, err := otlp.New(otlp.Options{URL: url}); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "s3cr") {
			t.Errorf("%s: %v, want %q", url, err, want)
		}
	}
}

func TestJSON(t *testing.T) {
	t.Parallel()
	runs := func(end error) iter.Seq2[collect.Run, error] {
		return func(yield func(collect.Run, error) bool) {
			for range 2 {
				if !yield(stored().Run, nil) {
					return
				}
			}
			if end != nil {
				yield(collect.Run{}, end)
			}
		}
	}
	var b strings.Builder
	if err := otlp.JSON(&b, runs(nil)); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
	if len(lines) != 2 || !strings.Contains(lines[0], `"timeUnixNano":"1772600767000000005"`) {
		t.Errorf("JSON writes %s", b.String())
	}
	back := new(service.ExportMetricsServiceRequest)
	if err := protojson.Unmarshal([]byte(lines[1]), back); err != nil {
		t.Fatal(err)
	}
	want, points := otlp.Request(stored())
	if diff := cmp.Diff(want, back, protocmp.Transform()); diff != "" || points != 4 {
		t.Errorf("%d points; JSON comes back as (-want +got):\n%s", points, diff)
	}
	broken := errors.New("torn")
	b.Reset()
	if err := otlp.JSON(&b, runs(broken)); !errors.Is(err, broken) || strings.Count(b.String(), "\n") != 2 {
		t.Errorf("JSON returns %v after %q", err, b.String())
	}
}
