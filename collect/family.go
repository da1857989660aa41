package collect

import (
	"cmp"
	"fmt"
	"maps"
	"sort"
	"strings"
	"time"
)

// Kind says what the values of a family mean.
type Kind uint8

// The kinds of families.
const (
	KindValue     Kind = iota // a value as it was measured, of a run or of a Custom
	KindCounter               // grows from Recorder.Started on
	KindUpDown                // a sum of steps up and down
	KindGauge                 // the current value
	KindHistogram             // Series.Distribution has it
	KindSummary               // Series.Summary has it
	KindInfo                  // always 1; the tags are the facts
	KindEnum                  // one series a state, by its tag state: 1 for the current one, 0 for others
)

// Family are all series of one name: what exporters write as one metric.
type Family struct {
	Name   string
	Kind   Kind
	Unit   Unit   // of the values; empty where nobody said
	Help   string // one line for people; empty where nobody said
	Series []Series
}

// Series is one series of a family at one time.
type Series struct {
	Tags         Tags // those that tell it apart; not to be changed
	Value        float64
	Distribution *Distribution // of a histogram or timer
	Summary      *SummaryStats // of a summary
}

// description is what a program says about a name.
type description struct {
	unit Unit
	help string
}

// Describe says in which unit the values of a name are and, in a line for
// people, what they mean. Runs carry the unit, and exporters both. Timers are in
// seconds without being told.
func (r *Recorder) Describe(name string, unit Unit, help string) {
	if r.off() {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.about == nil {
		r.about = map[string]description{}
	}
	r.about[name] = description{unit, help}
}

func (r *Recorder) description(name string) description {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.about[name]
}

// apply gives metrics the unit, but for those that count values.
func (d description) apply(to []Metric) {
	if d.unit == "" {
		return
	}
	for i := range to {
		if to[i].Unit == "" && !(len(to) > 4 && i == 0) {
			to[i].Unit = d.unit
		}
	}
}

// Started is when the recorder was made: its counters count from there. It is
// the zero time for a disabled recorder.
func (r *Recorder) Started() time.Time {
	if r.off() {
		return time.Time{}
	}
	return r.start
}

// Snapshot returns a run of what the instruments hold now, as Flush stores it,
// with an id of its own. What Record was called with is not among it: that is of
// the run which the next Flush makes.
func (r *Recorder) Snapshot() (Run, error) {
	if r.off() {
		return Run{}, nil
	}
	run := Run{Origin: r.options.Origin}
	var err error
	if run.ID, err = newID(); err != nil {
		return Run{}, fmt.Errorf("snapshot: %w", err)
	}
	run.Time = time.Now()
	run.Duration = run.Time.Sub(r.start).Seconds()
	run.Metrics = r.Metrics()
	return run, nil
}

// Families returns what all instruments hold, by name, so that a counter can be
// a counter in another system and a histogram a histogram. Series are in the
// order of their making. A gauge or state that was never set is not there, and
// neither is what Record was called with.
func (r *Recorder) Families() []Family {
	if r.off() {
		return nil
	}
	var all []Family
	taken := map[string]bool{}
	for _, n := range r.sorted() {
		about := r.description(n.name)
		f := Family{Name: n.name, Unit: about.unit, Help: about.help}
		for _, s := range n.list() {
			f.add(s)
		}
		if len(f.Series) > 0 {
			all = append(all, f)
			taken[n.name] = true
		}
	}
	for _, c := range r.registered() {
		for _, f := range MetricFamilies(r.custom(c)) {
			if taken[f.Name] {
				r.problem(fmt.Errorf("two metrics are called %q: the first counts", f.Name))
				continue
			}
			taken[f.Name] = true
			about := r.description(f.Name)
			f.Unit, f.Help = cmp.Or(f.Unit, about.unit), about.help
			all = append(all, f)
		}
	}
	sort.SliceStable(all, func(i, j int) bool { return all[i].Name < all[j].Name })
	return all
}

// add takes a series of an instrument into the family.
func (f *Family) add(s *series) {
	one := Series{Tags: s.tags}
	switch i := s.instrument.(type) {
	case *Counter:
		f.Kind, one.Value = KindCounter, i.Value()
	case *UpDownCounter:
		f.Kind, one.Value = KindUpDown, i.Value()
	case *Gauge:
		st := i.Stats()
		if st.Count == 0 {
			return
		}
		f.Kind, one.Value = KindGauge, st.Value
	case *Histogram:
		d := i.Snapshot()
		f.Kind, one.Distribution = KindHistogram, &d
	case *Timer:
		d := i.Snapshot()
		f.Kind, f.Unit, one.Distribution = KindHistogram, "s", &d
	case *Summary:
		st := i.Stats()
		f.Kind, one.Summary = KindSummary, &st
	case *Info:
		if one.Tags = i.Facts(); one.Tags == nil {
			return
		}
		f.Kind, one.Value = KindInfo, 1
	case *Enum:
		f.states(i, s.tags)
		return
	default:
		return
	}
	f.Series = append(f.Series, one)
}

func (f *Family) states(e *Enum, tags Tags) {
	now := e.State()
	if now == "" {
		return
	}
	f.Kind = KindEnum
	for _, state := range e.states {
		one := Series{Tags: withState(tags, state)}
		if state == now {
			one.Value = 1
		}
		f.Series = append(f.Series, one)
	}
}

func withState(tags Tags, state string) Tags {
	all := Tags{"state": state}
	maps.Copy(all, tags)
	all["state"] = state
	return all
}

// MetricFamilies returns the families of a run's metrics, by name. A record does
// not say what kind of instrument a value came from, so all are of KindValue.
// Metrics of one base whose units differ are families of their own.
func MetricFamilies(metrics []Metric) []Family {
	type key struct {
		base string
		unit Unit
	}
	at := map[key]int{}
	var all []Family
	for i := range metrics {
		m := &metrics[i]
		base, tags := SplitName(m.Name)
		k := key{base, m.Unit}
		n, ok := at[k]
		if !ok {
			n = len(all)
			at[k] = n
			all = append(all, Family{Name: base, Unit: m.Unit})
		}
		all[n].Series = append(all[n].Series, Series{Tags: tags, Value: m.Value})
	}
	sort.SliceStable(all, func(i, j int) bool {
		a, b := &all[i], &all[j]
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(string(a.Unit), string(b.Unit))) < 0
	})
	return all
}
