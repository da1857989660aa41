package main

import (
	"math/rand/v2"
	"reflect"
	"testing"
)

// halves are three histories of two repositories, without any change.
func halves() []*suite {
	rng := rand.New(rand.NewPCG(8, 9))
	return []*suite{
		{name: "one", repo: "a/a", history: noisy(rng, 6, 130)},
		{name: "two", repo: "b/b", history: noisy(rng, 3, 90)},
		{name: "three", repo: "b/b", history: noisy(rng, 1, 60)},
	}
}

// above alerts on metrics beyond so many times the median of their past.
func above(times float64) detector {
	return detector{name: "above", alone: true, judge: func(t trial) (o outcome) {
		for j, m := range t.metrics {
			if t.looks[0][j] > times*median(t.past[j]) {
				o.alerts = append(o.alerts, m.Name)
			}
		}
		return o
	}}
}

func quiet(float64) {}

func TestTasksAreSpreadOverRepositories(t *testing.T) {
	t.Parallel()
	trials := make(map[string]int)
	for _, task := range tasks(halves(), 40, 1) {
		trials[task.suite.name] += task.trials
	}
	if trials["one"] != 3*20 || trials["two"] != 3*10 || trials["three"] != 3*10 {
		t.Errorf("trials = %v, want 20 of each kind for each repository", trials)
	}
}

// What is measured does not depend on how many cores measure it, nor on which
// other detectors see the same cases.
func TestMeasureIsDeterministic(t *testing.T) {
	t.Parallel()
	detectors := []detector{above(1.04), plumbline("ours", checkDefaults)}
	one := measure(tasks(halves(), 30, 1), detectors, 1, quiet)
	many := measure(tasks(halves(), 30, 1), detectors, 7, quiet)
	if !reflect.DeepEqual(one, many) {
		t.Error("one core and seven measure different figures")
	}
	if alone := measure(tasks(halves(), 30, 1), detectors[1:], 2, quiet); !reflect.DeepEqual(alone[0], one[1]) {
		t.Error("a detector has other figures when another is measured too")
	}
	if other := measure(tasks(halves(), 30, 2), detectors[:1], 2, quiet); reflect.DeepEqual(other[0], one[0]) {
		t.Error("another seed makes the same figures")
	}
}

func TestMeasureKnowsWhatIsTrue(t *testing.T) {
	t.Parallel()
	found := measure(tasks(halves(), 200, 5), []detector{above(0), above(1e9), above(1.15)}, 2, quiet)
	for _, row := range []struct {
		name     string
		detector int
		figure   figure
		want     float64
	}{
		{"always: real runs", 0, realAlert, 1},
		{"always: none of them lasts", 0, realFalse, 1},
		{"always: the same alerts each time", 0, realSame, 1},
		{"always: clean runs", 0, cleanFalse, 1},
		{"always: three clean runs", 0, threeFalse, 1},
		{"never: real runs", 1, realAlert, 0},
		{"never: +50 %", 1, cleanPower + 4, 0},
		{"15 % are 7 deviations: clean runs", 2, cleanFalse, 0},
		{"15 %: clean runs in order", 2, orderFalse, 0},
		{"15 %: +5 %", 2, cleanPower + 1, 0},
		{"15 %: +50 %", 2, orderPower + 4, 1},
		{"15 %: +50 % in three runs", 2, threePower + 4, 1},
		{"15 %: all slower by 20 %", 2, allSlower, 1},
	} {
		got, ok := rateOf(found[row.detector], row.figure)
		if !ok || got.Mean != row.want || got.Pooled != row.want {
			t.Errorf("%s: %+v (measured: %v), want %v", row.name, got, ok, row.want)
		}
	}
	if _, ok := rateOf(found[0], noiseless); ok {
		t.Error("metrics without noise were measured where there are none")
	}
}

func TestRateOf(t *testing.T) {
	t.Parallel()
	repos := []*tally{{realAlert: {1, 10}}, {realAlert: {3, 5}}, {realAlert: {1, 5}}, {}}
	got, ok := rateOf(repos, realAlert)
	if want := (rate{Median: 0.2, Mean: 0.3, Pooled: 0.25, Worst: 0.6, Cases: 20}); !ok || !near(got, want) {
		t.Errorf("rateOf = %+v, want %+v", got, want)
	}
}

func near(a, b rate) bool {
	close := func(x, y float64) bool { return x-y < 1e-12 && y-x < 1e-12 }
	return close(a.Median, b.Median) && close(a.Mean, b.Mean) && close(a.Pooled, b.Pooled) && close(a.Worst, b.Worst) && a.Cases == b.Cases
}
