package main

import "math"

const (
	leastJump   = 0.03 // as a logarithm: smaller shifts are no news
	leastJumpSD = 2    // and so are those that are smaller than this many deviations
)

// place is a metric at a run of a history.
type place struct{ metric, run int }

// worsenings are the lasting shifts for the worse that the whole of a history
// shows in hindsight, with what all timings have in common taken out: the first
// runs of the new levels.
func (h *history) worsenings() map[place]bool {
	out := make(map[place]bool)
	worse := make([][]float64, len(h.columns))
	for j, m := range h.metrics {
		worse[j] = oriented(h.columns[j], sign(m))
	}
	effect := h.runEffect(worse)
	for j, m := range h.metrics {
		if timing(m) {
			addTo(worse[j], effect, -1)
		}
		residual, _ := levelled(worse[j])
		bar := max(leastJump, leastJumpSD*scatter(residual, 0))
		before := math.NaN()
		for i, y := range worse[j] {
			if level := y - residual[i]; level == level {
				if level-before > bar {
					out[place{j, i}] = true
				}
				before = level
			}
		}
	}
	return out
}
