package check

import (
	"slices"
	"time"

	"github.com/plumbline-ci/plumbline/collect"
)

// Status is the outcome of one metric.
type Status string

// The outcomes of a metric.
const (
	Regressed    Status = "regressed"
	Suspect      Status = "suspect"
	Improved     Status = "improved"
	Unchanged    Status = "unchanged"
	New          Status = "new"
	Missing      Status = "missing"
	Inconclusive Status = "inconclusive"
	Waived       Status = "waived"
)

// Level says what a regression of a metric does.
type Level string

// The levels: Fail gates, Warn only reports, Off is not judged.
const (
	Fail Level = "fail"
	Warn Level = "warn"
	Off  Level = "off"
)

// Verdict is the outcome of a run.
type Verdict string

// The verdicts of a run. SuspectRun and InconclusiveRun do not gate unless the
// configuration asks for it.
const (
	Pass            Verdict = "pass"
	Regression      Verdict = "regression"
	SuspectRun      Verdict = "suspect"
	InconclusiveRun Verdict = "inconclusive"
)

// Result is a whole comparison. Renderers show it and decide nothing.
type Result struct {
	Verdict Verdict
	// Fails says that the run does not pass the gate: exit status 1.
	Fails    bool
	Head     collect.Origin
	Baseline Window
	// Metrics are in the order of importance: what gates first, then by size of
	// the effect within a status, then by name.
	Metrics []Comparison
	// Counts has every status. Metrics of level Off are listed but not counted.
	Counts map[Status]int
	// Gated are the reasons, in words, why Verdict is not Pass.
	Gated []string
	// Notes tell what a reader must know to trust the verdict: runs left out, a
	// baseline on other machines, waivers about to expire.
	Notes []string
	// Unread is why a baseline that was to be had could not be read; see Blind.
	Unread string

	telling []telling
}

// Blind marks a result whose baseline was to be had and could not be read, for
// the reason given. What failed without one, such as a budget, still fails;
// nothing else was judged, and that is no pass: on is Thresholds.OnInconclusive.
func (r *Result) Blind(reason string, on Action) {
	if !r.Fails {
		r.Verdict = InconclusiveRun
	}
	r.Unread = reason
	r.Fails = r.Fails || on == ActFail
	r.Gated = append(r.Gated, reason)
	r.Notes = slices.DeleteFunc(r.Notes, func(n string) bool { return n == firstRun })
}

// Window describes the baseline that a result stands on.
type Window struct {
	Runs           int
	Branch         string // empty when the runs come from several
	Newest, Oldest time.Time
	NewestCommit   string
	SameRunner     int // runs on the head's kind of machine
	OtherRunner    int // on another kind; the rest do not say theirs, or the head does not
}

// Comparison is the verdict on one metric with the figures behind it. A figure
// that is not known is NaN; nothing is ever compared with an invented number.
type Comparison struct {
	Name   string
	Status Status
	Level  Level
	Unit   collect.Unit
	Better collect.Direction // never Unknown
	// Head is the value of the head run. Baseline is the level that it was
	// compared with: the median of the newest runs since the last lasting shift,
	// or the newest run's value of a metric that is counted, or the median of
	// what runs there are where it was not judged.
	Head, Baseline float64
	// DeltaPct is the change in per cent of Baseline: positive means larger, not
	// worse. It is the change as it was measured, with the run effect in it.
	DeltaPct float64
	// P is how often clean runs show a change for the worse as large as this one:
	// the share of all past (metric, run) pairs of the family that stood out from
	// their own past as much, each with its own scale and without its run's
	// effect, with the head counted among them. Beyond the largest of them it
	// follows the tail that the gate's threshold is read from. It is 1 for no
	// change for the worse, and where there are re-runs it is about the change
	// that those which must agree all reach. A metric without noise has the rank
	// of the head among its own past runs instead. Q is P after Benjamini and
	// Hochberg over the metrics of one level. Both are told, not decided by: the
	// gate's promise is about whole runs, and its threshold is read from what
	// the worst metric of each past run showed.
	P, Q float64
	// Low and High bound the values that pass for noise, in the metric's unit,
	// with the effect of this run on all timings put in, so that Head is outside
	// where the change stood out.
	Low, High float64
	// Limit is the threshold in words: "5%", "0.5pp", "max 50".
	Limit string
	// MinDetectablePct is the smallest change for the worse, in per cent of
	// Baseline, that stands out and is past the limit: it is found every second
	// time, a larger one more often. 0 where any change is found.
	MinDetectablePct float64
	Runs             int // baseline runs that have the metric
	// Confirmation is what re-runs made of it.
	Confirmation Confirmation
	// NormalisedBy is the ruler that Head, Baseline and History were normalised by;
	// empty: they are as measured.
	NormalisedBy string
	// Samples tells what is inside runs from what is between them; nil where neither
	// the head nor a baseline run has samples.
	Samples *Samples
	// Reason says in words why the status is what it is.
	Reason string
	// History are the baseline's values, oldest first, for a sparkline. It may
	// share the baseline's memory.
	History []float64
}
