package check

import (
	"math"
	"slices"
)

// evidences are what is known against each hypothesis of a family, to be judged
// together. The mean of stakes is a stake, whatever their dependence, so it
// tests that all hypotheses of a group hold; one is refuted where each group
// that it is in is (closed testing by means: Vovk and Wang, E-values:
// calibration, combination and applications, 2021). So the chance that any true
// one is ever refuted stays below alpha. A lone finding needs evidence of m/alpha,
// as by Bonferroni; findings that agree help each other.
type evidences struct {
	sorted []float64
	sums   []float64 // of the smallest
}

func newEvidences(all []float64) evidences {
	e := evidences{sorted: slices.Sorted(slices.Values(all)), sums: make([]float64, len(all)+1)}
	for i, x := range e.sorted {
		e.sums[i+1] = e.sums[i] + x
	}
	return e
}

// adjusted is x, one of the family, as evidence that stands by itself: the least
// mean of the groups that x is in. The worst group of each size has the
// smallest others.
func (e evidences) adjusted(x float64) float64 {
	least := x
	for j := range e.others(x) {
		least = min(least, (x+j.sum)/float64(j.count+1))
	}
	return least
}

// need is what x would have to be for adjusted to reach want, the others being
// what they are.
func (e evidences) need(x, want float64) float64 {
	most := want
	for j := range e.others(x) {
		most = max(most, want*float64(j.count+1)-j.sum)
	}
	return most
}

// group is a number of hypotheses and their evidence together.
type group struct {
	count int
	sum   float64
}

// others walks over the groups of the smallest without x.
func (e evidences) others(x float64) func(yield func(group) bool) {
	at, _ := slices.BinarySearch(e.sorted, x)
	return func(yield func(group) bool) {
		for n := 1; n < len(e.sorted); n++ {
			sum := e.sums[n]
			if n > at { // x is among them: the next takes its place
				sum = e.sums[at] + (e.sums[n+1] - e.sums[at+1])
			}
			if math.IsNaN(sum) {
				sum = math.Inf(1)
			}
			if !yield(group{n, sum}) {
				return
			}
		}
	}
}
