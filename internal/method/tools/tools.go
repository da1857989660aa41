package tools

import "fmt"

// Series is one metric of a run and of the runs before it.
type Series struct {
	Past  []float64 // oldest first, NaN where a run did not measure it
	Head  float64
	Lower bool // less is better
	// Newest is how many of the last values, the head among them, an alert may be
	// about; 0: the head alone. It concerns rules that look for change points.
	Newest int
}

// Tool is a rule under the name of who offers it.
type Tool struct {
	Name   string
	Alerts func(s Series) bool
}

// All are the tools, with the settings that their documentation suggests and
// some around them.
func All() []Tool {
	var all []Tool
	add := func(alerts func(Series) bool, format string, args ...any) {
		all = append(all, Tool{fmt.Sprintf(format, args...), alerts})
	}
	for _, p := range []float64{200, 150, 120, 110} {
		add(Ratio(p/100), "github-action-benchmark %g%%", p)
	}
	for _, p := range []float64{10, 20, 25} {
		add(Percentage(p/100), "bencher percentage %g%%", p)
	}
	for _, p := range []float64{0.977, 0.99} {
		add(ZScore(p), "bencher z-score %g", p)
	}
	for _, p := range []float64{0.95, 0.977, 0.98, 0.99} {
		add(TTest(p), "bencher t-test %g", p)
	}
	for _, p := range []float64{0.98, 0.99} {
		add(LogNormal(p), "bencher log-normal %g", p)
	}
	for _, k := range []float64{1.5, 3} {
		add(IQR(k), "bencher IQR %g", k)
	}
	for _, k := range []float64{3, 6} {
		add(DeltaIQR(k), "bencher delta-IQR %g", k)
	}
	return all
}

// beyond reports whether the head is worse than a middle by more than a distance.
func (s Series) beyond(middle, distance float64) bool {
	if s.Lower {
		return s.Head > middle+distance
	}
	return s.Head < middle-distance
}
