// Package check compares a head run with its baseline under thresholds and
// gives a verdict for each metric. It is pure: no file, network, environment or
// clock, and it cannot fail; what it does not know it says as an outcome.
//
// A metric is judged by the first of these that applies:
//
//   - rules.go: the user's rules, then the built-in ones, say what applies to it;
//   - budget.go: max and min, which need no history;
//   - exact.go: what is counted, and what never moved, is compared exactly;
//   - decide.go: what is noisy, against its own history.
//
// The comparison from history has six steps. The level of a metric is the
// median of its newest values since the last lasting shift, and each past run is
// judged by the level that was known before it (level.go, shift.go). What all
// timings of a run have in common is taken out of them (effect.go, few.go); by how
// much they are slower alike, beside what machines do to them, is tested on its own
// (slowdown.go, whole.go). What is left of each is measured against how restless the
// run was (unrest.go), in robust scales that respect the tail (scale.go). The largest
// of these over all metrics of each past run gives one threshold for the whole family
// (family.go), so that the share of clean runs that alert is what the configuration
// promises however many metrics there are. The limit is a filter after the test.
//
// An accepted level (accept.go) is a shift that the user names: the search for
// shifts starts after it, while scale and family keep what came before.
//
// Three more read the same figures: backtest*.go replays a history, explain*.go
// tells what a verdict stands on, and pair*.go compares base and head that were
// measured alternately, by a test that may be read after every pair.
//
// The run is the sampling unit. Samples inside a run are one observation,
// whatever their number: they share a machine and a moment, and say nothing of
// how the next run differs.
package check
