package check

import "math"

// fewTimings takes the run effect out where it must be judged from two to four
// timings. Each is judged by the others alone, or a metric would explain itself
// away, and its beta is drawn towards 0: with so few it may be no effect at all.
func fewTimings(telling []*track, rows, looks int) {
	others := make([]otherEffect, len(telling))
	for j := range telling {
		others[j] = effectOfOthers(telling, j, rows, looks)
	}
	for j, t := range telling {
		o := others[j]
		t.beta, t.known = fitOther(t.past, o.past)
		t.takeOut(o.past, o.head)
	}
}

// otherEffect is the run effect that the other timings of a run show, 0 where
// they are not known.
type otherEffect struct{ past, head []float64 }

func effectOfOthers(telling []*track, j, rows, looks int) otherEffect {
	o := otherEffect{past: make([]float64, rows), head: make([]float64, looks)}
	buffer := make([]float64, 0, len(telling))
	fill := func(out []float64, of func(*track) []float64) {
		for i := range out {
			buffer = buffer[:0]
			for k, t := range telling {
				if x := of(t)[i]; k != j && x == x {
					buffer = append(buffer, x)
				}
			}
			if len(buffer) > 0 {
				out[i] = median(buffer)
			}
		}
	}
	fill(o.past, func(t *track) []float64 { return t.past })
	fill(o.head, func(t *track) []float64 { return t.head })
	return o
}

// fitOther is the slope through 0 of a metric's residuals on the effect of the
// others, both cut at four robust deviations, and drawn towards 0. The second
// result is that of fitBeta.
func fitOther(past, effect []float64) (slope, known float64) {
	const cut, mostSlope, tiny = 4, 2, 1e-12
	a, r := make([]float64, 0, len(past)), make([]float64, 0, len(past))
	for i, x := range past {
		if x == x {
			a, r = append(a, math.Abs(x)), append(r, math.Abs(effect[i]))
		}
	}
	if len(a) < leastFit {
		return 0, 0
	}
	s := robust*median(a) + tiny
	limit, limitEffect := cut*s, cut*(robust*median(r)+tiny)
	num, den := 0.0, shrinkage*s*s
	for i, x := range past {
		if x == x {
			x, r := min(max(x, -limit), limit), min(max(effect[i], -limitEffect), limitEffect)
			num += x * r
			den += r * r
		}
	}
	return min(max(num/den, 0), mostSlope), den
}
