package main

import (
	"cmp"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"sync"
)

// mode is a kind of case.
type mode string

// The modes.
const (
	randomOrder mode = "random order"
	ownOrder    mode = "own order"
	asPublished mode = "as published"
	asItComes   mode = "as it comes" // of views, not of detectors
)

var modes = []mode{randomOrder, ownOrder, asPublished}

// task is the cases of one kind of one history. Its random numbers are its own,
// so that no other task, and no detector, changes them.
type task struct {
	suite  *suite
	mode   mode
	trials int
	seed   uint64
}

// tasks spread the cases of each mode evenly over the repositories, and within
// one over its histories.
func tasks(suites []*suite, cases int, seed uint64) []task {
	histories := make(map[string]int)
	for _, s := range suites {
		histories[s.repo]++
	}
	each := max(1, cases/len(histories))
	var all []task
	for _, s := range suites {
		n := histories[s.repo]
		for _, m := range modes {
			all = append(all, task{suite: s, mode: m, trials: max(1, (2*each+n)/(2*n)), seed: seed})
		}
	}
	return all
}

// rng is the task's own source of random numbers, whoever runs it and when.
func (t *task) rng() *rand.Rand {
	h := fnv.New64a()
	h.Write([]byte(t.suite.name + "\n" + string(t.mode)))
	return rand.New(rand.NewPCG(t.seed, h.Sum64()))
}

// run measures all detectors on the same cases.
func (t *task) run(detectors []detector) []tally {
	b := &bench{detectors: detectors, tallies: make([]tally, len(detectors)), rng: t.rng()}
	switch t.mode {
	case randomOrder:
		h := t.suite.cleaned()
		for range t.trials {
			if trial, ok := shuffled(&h, b.rng); ok {
				b.random(trial)
			}
		}
	case ownOrder:
		h := t.suite.cleaned()
		for i := range t.trials {
			if trial, ok := inOrder(&h, b.rng); ok {
				b.inOrder(trial, i%3 == 0)
			}
		}
	case asPublished:
		b.published(&t.suite.history, t.trials)
	}
	return b.tallies
}

// cost is what a task takes, in no unit.
func (t *task) cost() float64 { return float64(t.trials * len(t.suite.metrics)) }

// measure runs the tasks on so many cores, the longest first, and sums them up: a
// tally for each repository of each detector. It tells how much of the work is
// done after each task.
func measure(all []task, detectors []detector, cores int, done func(share float64)) [][]*tally {
	found := make([][]tally, len(all))
	next := make(chan int)
	var workers sync.WaitGroup
	var mu sync.Mutex
	finished, total := 0.0, 0.0
	order := make([]int, len(all))
	for i := range all {
		order[i] = i
		total += all[i].cost()
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(all[b].cost(), all[a].cost()) })
	for range cores {
		workers.Go(func() {
			for i := range next {
				found[i] = all[i].run(detectors)
				mu.Lock()
				finished += all[i].cost()
				done(finished / total)
				mu.Unlock()
			}
		})
	}
	for _, i := range order {
		next <- i
	}
	close(next)
	workers.Wait()
	return byRepository(all, found, len(detectors))
}

// watched measures views on all histories: a tally for each repository of each.
func watched(suites []*suite, all []view, seed uint64, cores int) [][]*tally {
	tasks, found := make([]task, len(suites)), make([][]tally, len(suites))
	next := make(chan int)
	var workers sync.WaitGroup
	for range cores {
		workers.Go(func() {
			for i := range next {
				found[i] = tasks[i].watch(all)
			}
		})
	}
	for i, s := range suites {
		tasks[i] = task{suite: s, mode: asItComes, seed: seed}
		next <- i
	}
	close(next)
	workers.Wait()
	return byRepository(tasks, found, len(all))
}

func byRepository(all []task, found [][]tally, detectors int) [][]*tally {
	var repos []string
	out := make([][]*tally, detectors)
	for i, t := range all {
		at := slices.Index(repos, t.suite.repo)
		if at < 0 {
			at = len(repos)
			repos = append(repos, t.suite.repo)
			for d := range out {
				out[d] = append(out[d], &tally{})
			}
		}
		for d := range out {
			out[d][at].merge(&found[i][d])
		}
	}
	return out
}
