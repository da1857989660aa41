package main

import (
	"math/rand/v2"
	"slices"
)

const (
	window    = 50  // runs of a baseline
	leastRuns = 20  // fewer are no baseline here
	block     = 120 // runs that are shuffled together: one era of a project
	farBack   = 250 // runs that are searched for comparable ones
	lastsRuns = 5   // runs after the head that show whether its level lasts
)

// shuffled draws a trial from a clean history in random order.
func shuffled(h *history, rng *rand.Rand) (trial, bool) {
	from := rng.IntN(max(1, h.runs-block+1))
	order := rng.Perm(min(h.runs, from+block) - from)
	for i := range order {
		order[i] += from
	}
	if len(order) < leastRuns+3 {
		return trial{}, false
	}
	return made(h, firstComparable(h, order[3:], order[0]), order[:3])
}

// inOrder draws a trial from a history as it is: a head run anywhere in it.
func inOrder(h *history, rng *rand.Rand) (trial, bool) {
	if h.runs <= leastRuns+lastsRuns+1 {
		return trial{}, false
	}
	head := leastRuns + rng.IntN(h.runs-lastsRuns-leastRuns)
	return at(h, head)
}

// at is the trial of one run of a history, with the next two runs as looks.
func at(h *history, head int) (trial, bool) {
	var before []int
	for i := head - 1; i >= max(0, head-farBack); i-- {
		before = append(before, i)
	}
	rows := firstComparable(h, before, head)
	slices.Reverse(rows)
	return made(h, rows, []int{head, head + 1, head + 2})
}

// firstComparable are the first runs of an order that can be compared with the
// head, as many as make a baseline.
func firstComparable(h *history, order []int, head int) []int {
	var rows []int
	for _, i := range order {
		if len(rows) == window {
			break
		}
		if h.comparable(i, head) {
			rows = append(rows, i)
		}
	}
	return rows
}

func made(h *history, rows, heads []int) (trial, bool) {
	if len(rows) < leastRuns {
		return trial{}, false
	}
	t := newTrial(h, rows, heads)
	return t, len(t.metrics) > 0
}
