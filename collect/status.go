package collect

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"time"
)

// Status is what a program's recorder, or a run under way, holds at one moment,
// for somebody who watches it.
type Status struct {
	// Name is the program or the command, for people.
	Name    string    `json:"name"`
	PID     int       `json:"pid"`
	Started time.Time `json:"started"`
	// Time is the moment, by the clock that Started is of.
	Time time.Time `json:"time"`
	// Series are by name.
	Series []SeriesStatus `json:"series,omitempty"`
	// Usage is the course of processor and memory, the oldest first, as far as it
	// is known: the newest 120 moments.
	Usage []Usage `json:"usage,omitempty"`
	// Problems are those of the recorder, a line each.
	Problems []string `json:"problems,omitempty"`
	// Ended says that the run is over, and Exit with which status.
	Ended bool `json:"ended,omitempty"`
	Exit  int  `json:"exit,omitempty"`
}

// SeriesStatus is one series of a Status. What a kind does not have is 0.
type SeriesStatus struct {
	Name string `json:"name"` // with its tags
	Kind Kind   `json:"kind"`
	Unit Unit   `json:"unit,omitempty"`
	// Value is the current one, of a counter its sum.
	Value float64 `json:"value,omitempty"`
	// State is that of an enum.
	State string `json:"state,omitempty"`
	// Count is how many values there were, of a gauge, histogram or summary, and
	// what follows is of all of them; a summary has no Min and Max.
	Count int64   `json:"count,omitempty"`
	Min   float64 `json:"min,omitempty"`
	Mean  float64 `json:"mean,omitempty"`
	Max   float64 `json:"max,omitempty"`
	P50   float64 `json:"p50,omitempty"`
	P95   float64 `json:"p95,omitempty"`
	P99   float64 `json:"p99,omitempty"`
	// Errors says that a counter counts errors.
	Errors bool `json:"errors,omitempty"`
}

// Usage is what a process, or a command with all its processes, used up to one
// moment.
type Usage struct {
	Time time.Time `json:"time"`
	CPU  float64   `json:"cpu"` // seconds of processor time since its beginning
	RSS  int64     `json:"rss"` // bytes of memory
}

// MostUsage is how many moments a Status tells of.
const MostUsage = 120

// userOf is a Custom that knows what the process uses, as probe.Sampler does.
type userOf interface {
	// Usage returns the newest moments, the oldest of them first.
	Usage(most int) []Usage
}

// Status returns what the recorder holds now. What Record was called with is not
// among it: that is of the run which the next Flush makes.
func (r *Recorder) Status() Status {
	if r.off() {
		return Status{}
	}
	s := Status{Name: filepath.Base(os.Args[0]), PID: os.Getpid(), Started: r.start, Time: time.Now(), Series: r.SeriesStatus()}
	for _, c := range r.registered() {
		if u, ok := c.Custom.(userOf); ok {
			s.Usage = u.Usage(MostUsage)
		}
	}
	if err := r.Problems(); err != nil {
		s.Problems = strings.Split(err.Error(), "\n")
	}
	return s
}

// SeriesStatus returns the series of all instruments by name, but for those that
// have no value yet.
func (r *Recorder) SeriesStatus() []SeriesStatus {
	if r.off() {
		return nil
	}
	var all []SeriesStatus
	for _, n := range r.sorted() {
		unit := r.description(n.name).unit
		for _, s := range n.list() {
			one := SeriesStatus{Name: s.name, Unit: unit, Errors: CountsErrors(n.name)}
			if one.take(s.instrument) {
				all = append(all, one)
			}
		}
	}
	for _, c := range r.registered() {
		for _, m := range r.custom(c) {
			all = append(all, SeriesStatus{Name: m.Name, Unit: m.Unit, Value: m.Value})
		}
	}
	sort.SliceStable(all, func(i, j int) bool { return all[i].Name < all[j].Name })
	return slices.CompactFunc(all, func(a, b SeriesStatus) bool { return a.Name == b.Name })
}

// CountsErrors reports whether a counter of this name counts errors.
func CountsErrors(base string) bool {
	return strings.HasSuffix(base, ".errors") || strings.HasSuffix(base, "_errors")
}

// take reads an instrument, and reports whether it has a value.
func (s *SeriesStatus) take(i instrument) bool {
	switch i := i.(type) {
	case *Counter:
		s.Kind, s.Value = KindCounter, i.Value()
		return true
	case *UpDownCounter:
		s.Kind, s.Value = KindUpDown, i.Value()
		return true
	case *Gauge:
		st := i.Stats()
		s.Kind, s.Value, s.Count, s.Min, s.Mean, s.Max = KindGauge, st.Value, st.Count, st.Min, st.Mean, st.Max
	case *Histogram:
		s.distribution(i.Snapshot())
	case *Timer:
		s.Unit = "s"
		s.distribution(i.Snapshot())
	case *Summary:
		st := i.Stats()
		s.Kind, s.Count, s.Mean, s.P50, s.P95, s.P99 = KindSummary, st.Count, st.Sum/float64(st.Count), st.P50, st.P95, st.P99
	case *Info:
		s.Kind, s.Value, s.Name = KindInfo, 1, Name(s.Name, i.Facts())
		return i.Facts() != nil
	case *Enum:
		s.Kind, s.State = KindEnum, i.State()
		return s.State != ""
	default:
		return false
	}
	s.Errors = false
	return s.Count > 0 && !math.IsInf(s.Mean, 0) // a sum may have grown past all numbers
}

func (s *SeriesStatus) distribution(d Distribution) {
	s.Kind, s.Count = KindHistogram, d.Count
	if d.Count > 0 {
		s.Min, s.Mean, s.Max = d.Min, d.Mean(), d.Max
		s.P50, s.P95, s.P99 = d.Quantile(0.50), d.Quantile(0.95), d.Quantile(0.99)
	}
}

// kindNames are the kinds as a Status has them, in their order.
var kindNames = [...]string{"value", "counter", "updown", "gauge", "histogram", "summary", "info", "enum"}

func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return fmt.Sprintf("kind %d", uint8(k))
}

// MarshalText implements encoding.TextMarshaler.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler. A kind that a newer program
// has is a plain value here.
func (k *Kind) UnmarshalText(text []byte) error {
	*k = Kind(max(slices.Index(kindNames[:], string(text)), 0))
	return nil
}
