package listen

import (
	"compress/gzip"
	"fmt"
	"io"
	"math"
	"mime"
	"net/http"
	"strconv"
	"strings"

	service "go.opentelemetry.io/proto/slim/otlp/collector/metrics/v1"
	common "go.opentelemetry.io/proto/slim/otlp/common/v1"
	otlp "go.opentelemetry.io/proto/slim/otlp/metrics/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/plumbline-ci/plumbline/collect"
)

// mostOTLP bounds one request, also after it is unpacked.
const mostOTLP = 16 << 20

// serveOTLP takes POST /v1/metrics, binary or JSON, packed with gzip or not.
func (g *gatherer) serveOTLP(w http.ResponseWriter, r *http.Request) {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	decode, encode := proto.Unmarshal, proto.Marshal
	switch kind {
	case "application/x-protobuf":
	case "application/json":
		decode, encode = protojson.UnmarshalOptions{DiscardUnknown: true}.Unmarshal, protojson.Marshal
	default:
		http.Error(w, "want application/x-protobuf or application/json", http.StatusUnsupportedMediaType)
		return
	}
	data, err := body(w, r)
	var request service.ExportMetricsServiceRequest
	if err == nil {
		err = decode(data, &request)
	}
	if err != nil {
		g.mu.Lock()
		g.lines++
		g.junk(nil, "OTLP: "+err.Error())
		g.mu.Unlock()
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	g.otlp(&request)
	answer, err := encode(&service.ExportMetricsServiceResponse{})
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", kind)
	_, _ = w.Write(answer) // a sender that is gone needs no answer
}

// body reads a request whole.
func body(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	in := io.Reader(http.MaxBytesReader(w, r.Body, mostOTLP))
	switch e := r.Header.Get("Content-Encoding"); e {
	case "", "identity":
	case "gzip":
		unpacked, err := gzip.NewReader(in)
		if err != nil {
			return nil, err
		}
		in = unpacked
	default:
		return nil, fmt.Errorf("content encoding %q: want gzip or none", e)
	}
	data, err := io.ReadAll(io.LimitReader(in, mostOTLP+1))
	if err == nil && len(data) > mostOTLP {
		err = fmt.Errorf("the request has more than %d MiB", mostOTLP>>20)
	}
	return data, err
}

// otlp adds what a request holds.
func (g *gatherer) otlp(request *service.ExportMetricsServiceRequest) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, r := range request.ResourceMetrics {
		from := collect.Name("", attributes(r.GetResource().GetAttributes()))
		for _, s := range r.ScopeMetrics {
			for _, m := range s.Metrics {
				g.otlpMetric(m, from)
			}
		}
	}
}

func (g *gatherer) otlpMetric(m *otlp.Metric, from string) {
	in := otlpPoints{g: g, name: clean(m.Name), from: from, unit: otlpUnit(m.Unit)}
	switch d := m.Data.(type) {
	case *otlp.Metric_Gauge:
		for _, p := range d.Gauge.DataPoints {
			in.gauge(p)
		}
	case *otlp.Metric_Sum:
		in.delta = d.Sum.AggregationTemporality == otlp.AggregationTemporality_AGGREGATION_TEMPORALITY_DELTA
		for _, p := range d.Sum.DataPoints {
			in.put(p.Attributes, p.StartTimeUnixNano, point{sum: valueOf(p), counter: true, falls: !d.Sum.IsMonotonic})
		}
	case *otlp.Metric_Histogram:
		in.delta = d.Histogram.AggregationTemporality == otlp.AggregationTemporality_AGGREGATION_TEMPORALITY_DELTA
		for _, p := range d.Histogram.DataPoints {
			in.put(p.Attributes, p.StartTimeUnixNano, histogramPoint(p))
		}
	case *otlp.Metric_ExponentialHistogram:
		in.delta = d.ExponentialHistogram.AggregationTemporality == otlp.AggregationTemporality_AGGREGATION_TEMPORALITY_DELTA
		for _, p := range d.ExponentialHistogram.DataPoints {
			in.put(p.Attributes, p.StartTimeUnixNano, exponentialPoint(p))
		}
	case *otlp.Metric_Summary:
		for _, p := range d.Summary.DataPoints {
			in.put(p.Attributes, p.StartTimeUnixNano, summaryPoint(p))
		}
	}
}

// otlpPoints puts the data points of one metric where they belong.
type otlpPoints struct {
	g          *gatherer
	name, from string
	unit       collect.Unit
	delta      bool
}

func (o otlpPoints) gauge(p *otlp.NumberDataPoint) {
	o.g.lines++
	tags := attributes(p.Attributes)
	s := o.g.open("o"+collect.Name(o.name, tags), o.name, 'g', tags)
	if v := valueOf(p); s != nil && !math.IsNaN(v) && !math.IsInf(v, 0) {
		s.g.Set(v)
	}
}

func (o otlpPoints) put(kvs []*common.KeyValue, start uint64, p point) {
	o.g.lines++
	if math.IsNaN(p.sum) || math.IsInf(p.sum, 0) {
		o.g.junk([]byte(o.name), "the sum is no finite number")
		return
	}
	t := o.g.total(o.name, attributes(kvs), o.unit)
	if t == nil {
		return
	}
	key := ""
	if !o.delta {
		key = o.from + strconv.FormatUint(start, 36)
	}
	switch s := t.stream(key); {
	case s == nil:
		o.g.left(o.name)
	case o.delta:
		s.last.add(p, 1)
	default:
		s.set(p)
	}
}

func valueOf(p *otlp.NumberDataPoint) float64 {
	if v, ok := p.Value.(*otlp.NumberDataPoint_AsInt); ok {
		return float64(v.AsInt)
	}
	return p.GetAsDouble()
}

func histogramPoint(p *otlp.HistogramDataPoint) point {
	out := point{sum: p.GetSum(), count: float64(p.Count), bins: map[float64]bin{}}
	from := math.Inf(-1)
	for i, n := range p.BucketCounts {
		to := math.Inf(1)
		if i < len(p.ExplicitBounds) {
			to = p.ExplicitBounds[i]
		}
		out.bins[to] = bin{from, float64(n)}
		from = to
	}
	if p.Min != nil && p.Max != nil {
		out.min, out.max, out.bounded = *p.Min, *p.Max, true
	}
	return out
}

// exponentialPoint has the bounds that OTLP defines: base^index to
// base^(index+1), where base is 2^(2^-scale).
func exponentialPoint(p *otlp.ExponentialHistogramDataPoint) point {
	out := point{sum: p.GetSum(), count: float64(p.Count), bins: map[float64]bin{}}
	width := math.Exp2(-float64(p.Scale))
	bound := func(i int) float64 { return math.Exp2(width * float64(i)) }
	for i, n := range p.GetPositive().GetBucketCounts() {
		at := int(p.Positive.Offset) + i
		out.bins[bound(at+1)] = bin{bound(at), float64(n)}
	}
	for i, n := range p.GetNegative().GetBucketCounts() {
		at := int(p.Negative.Offset) + i
		out.bins[-bound(at)] = bin{-bound(at + 1), float64(n)}
	}
	if p.ZeroCount > 0 {
		out.bins[p.ZeroThreshold] = bin{-p.ZeroThreshold, float64(p.ZeroCount)}
	}
	if p.Min != nil && p.Max != nil {
		out.min, out.max, out.bounded = *p.Min, *p.Max, true
	}
	return out
}

func summaryPoint(p *otlp.SummaryDataPoint) point {
	out := point{sum: p.Sum, count: float64(p.Count), quantiles: map[float64]float64{}}
	for _, q := range p.QuantileValues {
		out.quantiles[q.Quantile] = q.Value
	}
	return out
}

// attributes become tags; what is no string, number or truth value is left out.
func attributes(kvs []*common.KeyValue) collect.Tags {
	tags := collect.Tags{}
	for _, kv := range kvs {
		if len(tags) == mostTags {
			break
		}
		var text string
		switch v := kv.GetValue().GetValue().(type) {
		case *common.AnyValue_StringValue:
			text = v.StringValue
		case *common.AnyValue_IntValue:
			text = strconv.FormatInt(v.IntValue, 10)
		case *common.AnyValue_BoolValue:
			text = strconv.FormatBool(v.BoolValue)
		case *common.AnyValue_DoubleValue:
			text = strconv.FormatFloat(v.DoubleValue, 'g', -1, 64)
		default:
			continue
		}
		if k := clean(kv.Key); k != "" {
			tags[k] = clean(text)
		}
	}
	return tags
}

// otlpUnit turns a unit of UCUM into ours. Braces are an annotation: {request}.
func otlpUnit(u string) collect.Unit {
	switch u {
	case "1":
		return ""
	case "By":
		return "B"
	case "KiBy", "MiBy", "GiBy":
		return collect.Unit(strings.TrimSuffix(u, "y"))
	case "By/s":
		return "B/s"
	}
	if strings.HasPrefix(u, "{") {
		return ""
	}
	return collect.Unit(clean(u))
}
