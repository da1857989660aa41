package check

import (
	"time"

	"github.com/plumbline-ci/plumbline/collect"
)

// Thresholds say what the user allows. The zero value is the default gate.
type Thresholds struct {
	// FalseAlarmRate is the share of clean runs, 0 to 1, that may alert: of whole
	// runs, not of metrics. 0 means 0.05.
	FalseAlarmRate float64
	// MinRuns is how many baseline runs a metric needs to be judged from
	// history. 0 means 6.
	MinRuns int
	// Confirm is how many re-runs must agree before a metric is Regressed; with
	// fewer looks than that it is Suspect. 0: one look decides. With 2 or more the
	// head run is judged more strictly, for they take out what chance brought.
	Confirm int
	// OnInconclusive and OnMissing say what such metrics do to the verdict. Empty
	// means pass and warn.
	OnInconclusive, OnMissing Action
	// Limit is the allowed change of every metric that no rule gives a limit.
	// Nil means none but what the noise asks for.
	Limit *Limit
	// Against is what all metrics are compared with that no rule says it of.
	Against Against
	// Rules are tried in order; the first whose Match fits a metric decides, and
	// the built-in rules come after them.
	Rules []Rule
	// Ruler is the metric that tells how fast a run's machine was, by which its
	// timings are normalised; empty: they are taken as they are.
	Ruler   string
	Waivers []Waiver
	// Accepted are the levels that got worse on purpose.
	Accepted []Acceptance
	// Now is the day that waivers and acceptances are judged on. Zero means the head run's time.
	Now time.Time
}

// RunsNeeded is MinRuns, or the default where it is 0.
func (t *Thresholds) RunsNeeded() int {
	if t.MinRuns <= 0 {
		return defaultMinRuns
	}
	return t.MinRuns
}

// Action is what a state does to the verdict.
type Action string

// The actions. Passing says nothing, warning says it in the report, failing gates.
const (
	ActPass Action = "pass"
	ActWarn Action = "warn"
	ActFail Action = "fail"
)

// Rule is what the user says about the metrics that Match fits: * stands for
// any run of characters but /, ** for any at all, ? for one but /; all else,
// brackets included, is literal.
type Rule struct {
	Match  string
	Better collect.Direction // Unknown: as the run says, or as unit and name tell
	Limit  *Limit            // the allowed change for the worse
	Max    *float64          // budgets in the metric's unit; they need no history
	Min    *float64
	// Against is what the metrics are compared with; nil: as all others.
	Against *Against
	Level   Level // empty: as the built-in rules say, which is Fail for most
}

// Limit is an allowed change.
type Limit struct {
	Value float64 // not negative
	Kind  LimitKind
	Unit  collect.Unit // of an Amount: the unit that the user wrote, or empty
}

// LimitKind says what a limit counts in.
type LimitKind int8

// The kinds of limit.
const (
	Percent LimitKind = iota // of the baseline
	Points                   // percentage points, of metrics in per cent
	Amount                   // the metric's unit
)

// Waiver lets a known regression pass until a day.
type Waiver struct {
	Metric string // a pattern as in Rule.Match
	// Ceiling is how far the metric may be from what it is compared with: its
	// baseline, or the budget that it broke. Past it the metric regresses all the
	// same. Nil: any change is waived.
	Ceiling *Limit
	Until   time.Time // the last day that counts; zero: no end
	Reason  string
	Issue   int
}

// The defaults of Thresholds. Six runs are the fewest for which the share of
// false alarms was measured on real histories.
const (
	defaultFalseAlarmRate = 0.05
	defaultMinRuns        = 6
)

// withDefaults replaces what was left empty, and what is out of range.
func (t Thresholds) withDefaults(head collect.Origin) Thresholds {
	if !(t.FalseAlarmRate > 0 && t.FalseAlarmRate < 1) {
		t.FalseAlarmRate = defaultFalseAlarmRate
	}
	t.MinRuns = t.RunsNeeded()
	if t.OnInconclusive == "" {
		t.OnInconclusive = ActPass
	}
	if t.OnMissing == "" {
		t.OnMissing = ActWarn
	}
	if t.Now.IsZero() {
		t.Now = head.Time
	}
	t.Confirm = max(t.Confirm, 0)
	return t
}
