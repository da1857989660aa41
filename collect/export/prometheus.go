package export

import (
	"bufio"
	"bytes"
	"cmp"
	"io"
	"iter"
	"math"
	"slices"
	"strings"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"

	"github.com/plumbline-ci/plumbline/collect"
)

// Prometheus writes the newest run of each place (repository, branch, suite ...)
// in Prometheus' text format 0.0.4, as the textfile collector of the node
// exporter and others read it. Where a run is from are labels of all its metrics,
// names and values are in base units, and nothing has a timestamp. Runs that only
// confirm another one are left out.
func Prometheus(w io.Writer, runs iter.Seq2[collect.Run, error]) error {
	newest := map[string]collect.Run{}
	var end error
	for r, err := range runs {
		if err != nil {
			end = err // the runs so far are written
			break
		}
		if r.RerunOf != "" {
			continue
		}
		place := collect.Name("", Set{Run: r}.Where())
		if old, ok := newest[place]; !ok || !r.Time.Before(old.Time) {
			newest[place] = r
		}
	}
	e := newExposition()
	for _, r := range inOrder(newest) {
		e.addRun(OfRun(r))
	}
	if err := e.write(w, expfmt.MetricFamilyToText); end == nil {
		end = err
	}
	return end
}

func inOrder[V any](m map[string]V) []V {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	all := make([]V, len(keys))
	for i, k := range keys {
		all[i] = m[k]
	}
	return all
}

// Gathered returns a set as the families that Prometheus' own libraries work
// with, by name; those of a stored run have what is known of the run (About)
// among them. Labels are put on all metrics; a tag of the same name wins, and the
// label is then called run_NAME.
func Gathered(s Set, labels collect.Tags) []*dto.MetricFamily {
	e := newExposition()
	e.add(s.Families, labels)
	if s.Stored() {
		e.add(s.About(), labels)
	}
	return e.families()
}

// exposition are families as Prometheus has them.
type exposition struct {
	names  *namer
	byName map[string]*exposed
}

type exposed struct {
	family *dto.MetricFamily
	seen   map[string]bool // series by their labels
}

func newExposition() *exposition {
	return &exposition{names: newNamer(), byName: map[string]*exposed{}}
}

func (e *exposition) addRun(s Set) {
	e.add(s.Families, s.Where())
	e.add(s.About(), s.Where())
}

func (e *exposition) add(families []collect.Family, labels collect.Tags) {
	for i := range families {
		f := &families[i]
		x, got := e.family(f)
		for k := range f.Series {
			m := metric(got, &f.Series[k])
			m.Label = labelPairs(f.Series[k].Tags, labels, got.typ)
			// Tags that differ may be the same labels: an empty value is none.
			if key := labelKey(m.Label); !x.seen[key] {
				x.seen[key] = true
				x.family.Metric = append(x.family.Metric, m)
			}
		}
	}
}

// family finds or makes the family of one of ours.
func (e *exposition) family(f *collect.Family) (*exposed, named) {
	got := e.names.name(f)
	x := e.byName[got.name]
	if x == nil {
		x = &exposed{&dto.MetricFamily{Name: &got.name, Type: &got.typ}, map[string]bool{}}
		help := strings.ToValidUTF8(cmp.Or(f.Help, f.Name), "\uFFFD")
		x.family.Help = &help
		unit := cmp.Or(got.unit.name, endUnit(strings.TrimSuffix(got.name, "_total")))
		if unit != "" && strings.HasSuffix(strings.TrimSuffix(got.name, "_total"), "_"+unit) {
			x.family.Unit = &unit
		}
		e.byName[got.name] = x
	}
	return x, got
}

func (e *exposition) families() []*dto.MetricFamily {
	all := make([]*dto.MetricFamily, 0, len(e.byName))
	for _, x := range inOrder(e.byName) {
		all = append(all, x.family)
	}
	return all
}

// metric makes one series of a family, without its labels.
func metric(n named, s *collect.Series) *dto.Metric {
	v := n.unit.in(s.Value)
	switch n.typ {
	case dto.MetricType_COUNTER:
		return &dto.Metric{Counter: &dto.Counter{Value: &v}}
	case dto.MetricType_HISTOGRAM:
		return &dto.Metric{Histogram: histogram(n.unit, s.Distribution)}
	case dto.MetricType_SUMMARY:
		return &dto.Metric{Summary: summary(n.unit, s.Summary)}
	case dto.MetricType_UNTYPED:
		return &dto.Metric{Untyped: &dto.Untyped{Value: &v}}
	}
	return &dto.Metric{Gauge: &dto.Gauge{Value: &v}}
}

func histogram(u baseUnit, d *collect.Distribution) *dto.Histogram {
	n, sum := uint64(d.Count), u.in(d.Sum)
	h := &dto.Histogram{SampleCount: &n, SampleSum: &sum}
	for _, b := range Octaves(d) {
		high, below := u.in(b.High), uint64(b.Count)
		h.Bucket = append(h.Bucket, &dto.Bucket{UpperBound: &high, CumulativeCount: &below})
	}
	return h
}

func summary(u baseUnit, st *collect.SummaryStats) *dto.Summary {
	n, sum := uint64(st.Count), u.in(st.Sum)
	s := &dto.Summary{SampleCount: &n, SampleSum: &sum}
	if n == 0 {
		return s
	}
	for _, q := range Quantiles(st) {
		q.Value = u.in(q.Value)
		s.Quantile = append(s.Quantile, &dto.Quantile{Quantile: &q.Of, Value: &q.Value})
	}
	return s
}

// Quantile is one of a summary.
type Quantile struct{ Of, Value float64 }

// Quantiles are those of a summary.
func Quantiles(st *collect.SummaryStats) []Quantile {
	return []Quantile{{0.5, st.P50}, {0.9, st.P90}, {0.95, st.P95}, {0.99, st.P99}}
}

// Octaves merges the buckets of a distribution into one for each power of two,
// from the first that has values to the last: of each, how many values do not
// exceed its high end. Other systems want few buckets, and the same ones each
// time: these stay while values stay in their range. They are exact.
func Octaves(d *collect.Distribution) []collect.Bucket {
	var all []collect.Bucket
	below := int64(0)
	for _, b := range d.Buckets {
		high := octave(b.High)
		for len(all) > 0 && all[len(all)-1].High < high {
			all = append(all, collect.Bucket{High: 2 * all[len(all)-1].High, Count: below})
		}
		below += b.Count
		switch {
		case len(all) > 0:
			all[len(all)-1].Count = below
		case b.High > lowestBucket: // those that are too small to be told apart are below all
			all = append(all, collect.Bucket{High: high, Count: below})
		}
	}
	return all
}

// lowestBucket ends the bucket of what is too small to be told apart.
var lowestBucket = math.Ldexp(1, -40)

// octave is the smallest power of two that is not below x.
func octave(x float64) float64 {
	mantissa, exp := math.Frexp(x)
	if mantissa == 0.5 {
		return x
	}
	return math.Ldexp(1, exp)
}

// labelPairs are the labels of one series, by name, each name once.
func labelPairs(tags, labels collect.Tags, typ dto.MetricType) []*dto.LabelPair {
	all := make(map[string]string, len(tags)+len(labels))
	put := func(key, value, prefix string) {
		name := labelName(key, typ)
		if _, taken := all[name]; taken {
			name = prefix + name
		}
		for _, taken := all[name]; taken; _, taken = all[name] {
			name += "_"
		}
		all[name] = strings.ToValidUTF8(value, "\uFFFD")
	}
	for _, part := range []struct {
		tags   collect.Tags
		prefix string
	}{{tags, "tag_"}, {labels, "run_"}} {
		for _, key := range sortedKeys(part.tags) {
			if part.tags[key] != "" {
				put(key, part.tags[key], part.prefix)
			}
		}
	}
	pairs := make([]*dto.LabelPair, 0, len(all))
	for _, name := range sortedKeys(all) {
		value := all[name]
		pairs = append(pairs, &dto.LabelPair{Name: &name, Value: &value})
	}
	return pairs
}

func sortedKeys[M ~map[string]string](m M) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// labelName is a tag's key as a label. Those that begin with two underscores are
// Prometheus' own, and le and quantile tell buckets apart.
func labelName(key string, typ dto.MetricType) string {
	name := legacyName(key)
	if foreign(key) {
		name = lossless(key)
	}
	histogram := typ == dto.MetricType_HISTOGRAM && name == "le"
	if histogram || typ == dto.MetricType_SUMMARY && name == "quantile" || strings.HasPrefix(name, "__") || name == "_" {
		return "tag_" + strings.TrimLeft(name, "_")
	}
	return name
}

func labelKey(pairs []*dto.LabelPair) string {
	var b strings.Builder
	for _, p := range pairs {
		b.WriteString(p.GetName())
		b.WriteByte(0xff) // in no valid text
		b.WriteString(p.GetValue())
		b.WriteByte(0xff)
	}
	return b.String()
}

// write writes all families with one of expfmt's functions.
func (e *exposition) write(w io.Writer, encode func(io.Writer, *dto.MetricFamily) (int, error)) error {
	b := bufio.NewWriterSize(w, 64<<10)
	for _, f := range e.families() {
		if len(f.Metric) == 0 {
			continue
		}
		if _, err := encode(b, f); err != nil {
			return err
		}
	}
	return b.Flush()
}

// headless cuts the comments off what expfmt wrote of a family.
func headless(text []byte) []byte {
	for bytes.HasPrefix(text, []byte("# ")) {
		_, text, _ = bytes.Cut(text, []byte("\n"))
	}
	return text
}
