package listen

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"math"
	"net/http"
	"strings"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/plumbline-ci/plumbline/collect"
)

// The limits of a page.
const (
	mostPage    = 32 << 20
	scrapeLimit = 5 * time.Second
)

// target is one endpoint that is scraped.
type target struct {
	url    string
	tries  int
	good   int
	err    error // of the last try
	client *http.Client
}

// scrape reads the page once. What fails is kept for the end: a service may start
// late and end early.
func (t *target) scrape(ctx context.Context, g *gatherer) {
	t.tries++
	ctx, cancel := context.WithTimeout(ctx, scrapeLimit)
	defer cancel()
	families, err := t.read(ctx)
	if ctx.Err() != nil && err != nil && t.good > 0 {
		return
	}
	t.err = err
	if err != nil {
		return
	}
	t.good++
	g.page(families, t.url, t.tries == 1)
}

func (t *target) read(ctx context.Context) (map[string]*dto.MetricFamily, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, t.url, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept", "text/plain;version=0.0.4;q=1,application/openmetrics-text;version=1.0.0;q=0.5,*/*;q=0.1")
	response, err := t.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answers %s", t.url, response.Status)
	}
	data, err := io.ReadAll(io.LimitReader(response.Body, mostPage+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", t.url, err)
	}
	if len(data) > mostPage {
		return nil, fmt.Errorf("%s gives more than %d MiB", t.url, mostPage>>20)
	}
	if strings.HasPrefix(response.Header.Get("Content-Type"), "application/openmetrics-text") {
		if !bytes.HasSuffix(bytes.TrimSpace(data), []byte("# EOF")) {
			return nil, fmt.Errorf("%s: the page is cut off: want # EOF at its end", t.url)
		}
		data = plainText(data)
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", t.url, err)
	}
	return families, nil
}

// plainText turns OpenMetrics into the older text: without exemplars, units and
// times, which there are seconds, and with the type of a counter at the name of
// its sample, which ends in _total.
func plainText(page []byte) []byte {
	var out bytes.Buffer
	lines := bufio.NewScanner(bytes.NewReader(page))
	lines.Buffer(nil, mostPage)
	for lines.Scan() {
		line := lines.Text()
		switch {
		case strings.HasPrefix(line, "# TYPE ") && strings.HasSuffix(line, " counter"):
			line = strings.TrimSuffix(line, " counter") + "_total counter"
		case strings.HasPrefix(line, "# TYPE "):
			line = strings.NewReplacer(" gaugehistogram", " untyped", " stateset", " gauge", " info", " gauge", " unknown", " untyped").Replace(line)
		case strings.HasPrefix(line, "#"):
			continue
		default:
			line = sampleOf(line)
			if name, _, _ := strings.Cut(line, " "); strings.HasSuffix(name, "_created") || strings.Contains(name, "_created{") {
				continue // the time when it began
			}
		}
		out.WriteString(line + "\n")
	}
	return out.Bytes()
}

// sampleOf is a line of OpenMetrics without exemplar and time.
func sampleOf(line string) string {
	name, rest := line, ""
	if at := strings.IndexByte(line, '{'); at >= 0 && at < strings.IndexByte(line, ' ') {
		end := endOfLabels(line, at)
		name, rest = line[:end], line[end:]
	} else if at := strings.IndexByte(line, ' '); at >= 0 {
		name, rest = line[:at], line[at:]
	}
	rest, _, _ = strings.Cut(rest, "#")
	if fields := strings.Fields(rest); len(fields) > 0 {
		return name + " " + fields[0]
	}
	return line
}

// endOfLabels is where the braces that open at a place are closed.
func endOfLabels(line string, at int) int {
	quoted := false
	for i := at; i < len(line); i++ {
		switch {
		case line[i] == '\\' && quoted:
			i++
		case line[i] == '"':
			quoted = !quoted
		case line[i] == '}' && !quoted:
			return i + 1
		}
	}
	return len(line)
}

// page adds what a page says. What a service had counted before the command began
// is not the run's.
func (g *gatherer) page(families map[string]*dto.MetricFamily, from string, before bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for name, f := range families {
		for _, m := range f.Metric {
			g.lines++
			tags := collect.Tags{}
			for _, l := range m.Label {
				if len(tags) < mostTags {
					tags[clean(l.GetName())] = clean(l.GetValue())
				}
			}
			p, counts := pagePoint(f.GetType(), m)
			if counts {
				t := g.total(clean(name), tags, pageUnit(name))
				if t != nil && !math.IsNaN(p.sum) && !math.IsInf(p.sum, 0) {
					t.page(p, from, before)
				}
				continue
			}
			v := cmp.Or(m.GetGauge().GetValue(), m.GetUntyped().GetValue())
			if s := g.open("p"+collect.Name(name, tags), clean(name), 'g', tags); s != nil && !math.IsNaN(v) && !math.IsInf(v, 0) {
				s.g.Set(v)
			}
		}
	}
}

func (t *total) page(p point, from string, before bool) {
	s := t.stream(from)
	s.set(p)
	if before {
		s.before.add(p, 1)
	}
}

// pageUnit is what the name of a distribution says, as Prometheus asks for.
func pageUnit(name string) collect.Unit {
	switch {
	case strings.HasSuffix(name, "_seconds"):
		return "s"
	case strings.HasSuffix(name, "_bytes"):
		return "B"
	}
	return ""
}

// pagePoint is a sample that adds up by itself; it is not for a gauge.
func pagePoint(kind dto.MetricType, m *dto.Metric) (p point, ok bool) {
	switch kind {
	case dto.MetricType_COUNTER:
		return point{sum: m.GetCounter().GetValue(), counter: true}, true
	case dto.MetricType_SUMMARY:
		p = point{sum: m.Summary.GetSampleSum(), count: float64(m.Summary.GetSampleCount()), quantiles: map[float64]float64{}}
		for _, q := range m.Summary.Quantile {
			p.quantiles[q.GetQuantile()] = q.GetValue()
		}
		return p, true
	case dto.MetricType_HISTOGRAM:
		p = point{sum: m.Histogram.GetSampleSum(), count: float64(m.Histogram.GetSampleCount()), bins: map[float64]bin{}}
		from, below := math.Inf(-1), 0.0
		for _, b := range m.Histogram.Bucket {
			n := float64(b.GetCumulativeCount())
			p.bins[b.GetUpperBound()] = bin{from, n - below}
			from, below = b.GetUpperBound(), n
		}
		if _, ends := p.bins[math.Inf(1)]; !ends && p.count > below {
			p.bins[math.Inf(1)] = bin{from, p.count - below}
		}
		return p, true
	}
	return point{}, false
}
