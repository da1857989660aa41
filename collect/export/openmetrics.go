package export

import (
	"bufio"
	"bytes"
	"cmp"
	"io"
	"iter"
	"slices"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"

	"github.com/plumbline-ci/plumbline/collect"
)

// OpenMetrics writes the history of each metric as OpenMetrics 1.0, with the
// time of each run, as promtool tsdb create-blocks-from openmetrics takes it.
// All values of a metric stand together there, so it keeps 16 bytes of each in
// memory. Where two runs of one place have one time, the later one counts.
func OpenMetrics(w io.Writer, runs iter.Seq2[collect.Run, error]) error {
	h := history{exposition: newExposition(), byName: map[string]map[string]*track{}, known: map[seriesKey]*track{}, places: map[string]int{}}
	var end error
	for r, err := range runs {
		if err != nil {
			end = err // the runs so far are written
			break
		}
		h.add(r)
	}
	if err := h.write(w); end == nil {
		end = err
	}
	return end
}

// history are the values of each series over time.
type history struct {
	*exposition
	byName map[string]map[string]*track // by family and labels
	// Where a metric of a place goes is found out once and not for each run.
	known  map[seriesKey]*track
	places map[string]int
}

type seriesKey struct {
	place int
	name  string
	unit  collect.Unit
}

type track struct {
	unit   baseUnit
	labels []*dto.LabelPair
	points []point
}

type point struct {
	at    int64 // milliseconds since 1970
	value float64
}

func (h *history) add(r collect.Run) {
	s := Set{Run: r}
	where, at := s.Where(), r.Time.UnixMilli()
	name := collect.Name("", where)
	place, ok := h.places[name]
	if !ok {
		place = len(h.places)
		h.places[name] = place
	}
	for i := range r.Metrics {
		m := &r.Metrics[i]
		key := seriesKey{place, m.Name, m.Unit}
		t := h.known[key]
		if t == nil {
			f := collect.MetricFamilies(r.Metrics[i : i+1])[0]
			t = h.track(&f, f.Series[0].Tags, where)
			h.known[key] = t
		}
		t.points = append(t.points, point{at, t.unit.in(m.Value)})
	}
	for _, f := range s.About() {
		for _, one := range f.Series {
			t := h.track(&f, one.Tags, where)
			t.points = append(t.points, point{at, t.unit.in(one.Value)})
		}
	}
}

// track finds or makes the track of a series.
func (h *history) track(f *collect.Family, tags, where collect.Tags) *track {
	_, got := h.family(f)
	tracks := h.byName[got.name]
	if tracks == nil {
		tracks = map[string]*track{}
		h.byName[got.name] = tracks
	}
	labels := labelPairs(tags, where, got.typ)
	key := labelKey(labels)
	t := tracks[key]
	if t == nil {
		t = &track{unit: got.unit, labels: labels}
		tracks[key] = t
	}
	return t
}

func (h *history) write(w io.Writer) error {
	b := bufio.NewWriterSize(w, 64<<10)
	var text bytes.Buffer
	for _, x := range inOrder(h.exposition.byName) {
		for i, t := range inOrder(h.byName[x.family.GetName()]) {
			x.family.Metric = t.metrics(x.family.GetType())
			text.Reset()
			if _, err := expfmt.MetricFamilyToOpenMetrics(&text, x.family); err != nil {
				return err
			}
			lines := text.Bytes()
			if i > 0 {
				lines = headless(lines)
			}
			if _, err := b.Write(lines); err != nil {
				return err
			}
		}
	}
	if _, err := expfmt.FinalizeOpenMetrics(b); err != nil {
		return err
	}
	return b.Flush()
}

// metrics are the values by time, of each time the last one.
func (t *track) metrics(typ dto.MetricType) []*dto.Metric {
	slices.SortStableFunc(t.points, func(a, b point) int { return cmp.Compare(a.at, b.at) })
	all := make([]*dto.Metric, 0, len(t.points))
	for i := range t.points {
		p := &t.points[i]
		if i+1 < len(t.points) && t.points[i+1].at == p.at {
			continue
		}
		m := &dto.Metric{Label: t.labels, TimestampMs: &p.at}
		if typ == dto.MetricType_UNTYPED {
			m.Untyped = &dto.Untyped{Value: &p.value}
		} else {
			m.Gauge = &dto.Gauge{Value: &p.value}
		}
		all = append(all, m)
	}
	return all
}
