package otlp

import (
	"maps"
	"slices"
	"strings"
	"time"

	service "go.opentelemetry.io/proto/slim/otlp/collector/metrics/v1"
	common "go.opentelemetry.io/proto/slim/otlp/common/v1"
	metrics "go.opentelemetry.io/proto/slim/otlp/metrics/v1"
	resource "go.opentelemetry.io/proto/slim/otlp/resource/v1"

	"github.com/plumbline-ci/plumbline/collect"
	"github.com/plumbline-ci/plumbline/collect/export"
)

// Request returns a set as the message that OTLP sends, and the number of its
// data points.
func Request(set export.Set) (r *service.ExportMetricsServiceRequest, points int) {
	at := times{at: nanos(set.Run.Time), start: nanos(set.Start)}
	families := slices.Clone(set.Families)
	if set.Stored() {
		families = append(families, set.About()...)
	}
	scope := &metrics.ScopeMetrics{Scope: &common.InstrumentationScope{Name: "github.com/plumbline-ci/plumbline/collect"}}
	for i := range families {
		f := &families[i]
		if len(f.Series) > 0 {
			scope.Metrics = append(scope.Metrics, at.metric(f))
			points += len(f.Series)
		}
	}
	return &service.ExportMetricsServiceRequest{ResourceMetrics: []*metrics.ResourceMetrics{{
		Resource:     &resource.Resource{Attributes: attributes(where(set))},
		ScopeMetrics: []*metrics.ScopeMetrics{scope},
	}}}, points
}

func nanos(t time.Time) uint64 {
	if t.Unix() <= 0 {
		return 0
	}
	return uint64(t.UnixNano())
}

// times are of all points of a request.
type times struct{ at, start uint64 }

func (t times) metric(f *collect.Family) *metrics.Metric {
	m := &metrics.Metric{Name: valid(f.Name), Description: valid(f.Help), Unit: ucum(f.Unit)}
	const cumulative = metrics.AggregationTemporality_AGGREGATION_TEMPORALITY_CUMULATIVE
	switch f.Kind {
	case collect.KindCounter, collect.KindUpDown:
		m.Data = &metrics.Metric_Sum{Sum: &metrics.Sum{
			DataPoints: t.numbers(f, t.start), AggregationTemporality: cumulative, IsMonotonic: f.Kind == collect.KindCounter,
		}}
	case collect.KindHistogram:
		h := &metrics.Histogram{AggregationTemporality: cumulative}
		for i := range f.Series {
			h.DataPoints = append(h.DataPoints, t.histogram(&f.Series[i]))
		}
		m.Data = &metrics.Metric_Histogram{Histogram: h}
	case collect.KindSummary:
		s := new(metrics.Summary)
		for i := range f.Series {
			s.DataPoints = append(s.DataPoints, t.summary(&f.Series[i]))
		}
		m.Data = &metrics.Metric_Summary{Summary: s}
	default:
		m.Data = &metrics.Metric_Gauge{Gauge: &metrics.Gauge{DataPoints: t.numbers(f, 0)}}
	}
	return m
}

func (t times) numbers(f *collect.Family, start uint64) []*metrics.NumberDataPoint {
	all := make([]*metrics.NumberDataPoint, len(f.Series))
	for i, s := range f.Series {
		all[i] = &metrics.NumberDataPoint{
			Attributes: attributes(s.Tags), StartTimeUnixNano: start, TimeUnixNano: t.at,
			Value: &metrics.NumberDataPoint_AsDouble{AsDouble: s.Value},
		}
	}
	return all
}

func (t times) histogram(s *collect.Series) *metrics.HistogramDataPoint {
	d := s.Distribution
	p := &metrics.HistogramDataPoint{
		Attributes: attributes(s.Tags), StartTimeUnixNano: t.start, TimeUnixNano: t.at, Count: uint64(d.Count), Sum: &d.Sum,
	}
	if d.Count > 0 {
		p.Min, p.Max = &d.Min, &d.Max
	}
	below := int64(0)
	for _, b := range export.Octaves(d) {
		p.ExplicitBounds = append(p.ExplicitBounds, b.High)
		p.BucketCounts = append(p.BucketCounts, uint64(b.Count-below))
		below = b.Count
	}
	p.BucketCounts = append(p.BucketCounts, uint64(d.Count-below))
	return p
}

func (t times) summary(s *collect.Series) *metrics.SummaryDataPoint {
	p := &metrics.SummaryDataPoint{
		Attributes: attributes(s.Tags), StartTimeUnixNano: t.start, TimeUnixNano: t.at, Count: uint64(s.Summary.Count), Sum: s.Summary.Sum,
	}
	if s.Summary.Count > 0 {
		for _, q := range export.Quantiles(s.Summary) {
			p.QuantileValues = append(p.QuantileValues, &metrics.SummaryDataPoint_ValueAtQuantile{Quantile: q.Of, Value: q.Value})
		}
	}
	return p
}

// attributes are tags by key.
func attributes(tags collect.Tags) []*common.KeyValue {
	all := make([]*common.KeyValue, 0, len(tags))
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		all = append(all, &common.KeyValue{
			Key: valid(key), Value: &common.AnyValue{Value: &common.AnyValue_StringValue{StringValue: valid(tags[key])}},
		})
	}
	return all
}

// valid is text that protobuf takes.
func valid(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }

// conventions are the names that OpenTelemetry has for where a run is from.
var conventions = map[string]string{
	"repository": "vcs.repository.name", "branch": "vcs.ref.head.name", "workflow": "cicd.pipeline.name", "job": "cicd.pipeline.task.name",
	"os": "os.type", "arch": "host.arch", "suite": "plumbline.suite", "type": "plumbline.type",
}

func where(set export.Set) collect.Tags {
	tags := collect.Tags{"service.name": set.Subject()}
	for key, value := range set.Where() {
		tags[conventions[key]] = value
	}
	return tags
}

// units are those that UCUM spells otherwise.
var units = map[string]string{
	"us": "us", "µs": "us", "μs": "us", "sec": "s", "seconds": "s",
	"B": "By", "bytes": "By", "byte": "By", "kB": "kBy", "KB": "kBy", "MB": "MBy", "GB": "GBy", "TB": "TBy",
	"KiB": "KiBy", "MiB": "MiBy", "GiB": "GiBy", "TiB": "TiBy", "percent": "%", "pct": "%", "count": "1",
}

// ucum is a unit in the code that OpenTelemetry uses. A word that is no unit
// there is an annotation.
func ucum(u collect.Unit) string {
	text := valid(string(u))
	if text == "" {
		return ""
	}
	if what, per, ok := strings.Cut(text, "/"); ok && what != "" && per != "" {
		return ucum(collect.Unit(what)) + "/" + ucum(collect.Unit(per))
	}
	if code, ok := units[text]; ok {
		return code
	}
	if slices.Contains([]string{"s", "ms", "ns", "min", "h", "d", "%", "1"}, text) {
		return text
	}
	return "{" + strings.Map(func(r rune) rune {
		if r <= ' ' || r > '~' || r == '{' || r == '}' {
			return '_'
		}
		return r
	}, text) + "}"
}
