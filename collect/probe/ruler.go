package probe

import (
	"slices"
	"time"

	"github.com/shirou/gopsutil/v3/load"

	"github.com/plumbline-ci/plumbline/collect"
)

// The ruler's work: so many rounds each time, each over a table that is larger than
// the nearest caches, and none after the time is up on a slow machine.
const (
	rulerRounds = 4
	rulerTime   = 100 * time.Millisecond
	rulerWords  = 1 << 18 // of eight bytes: 2 MiB
	rulerSteps  = 1 << 19
)

// RulerName is the metric that the ruler makes.
const RulerName = "ruler.seconds"

// Noise measures how quiet the machine was while a command ran: what its hypervisor
// took away, how often its tasks gave way to others, and how long a fixed piece of
// work took before the command and after it. All of that takes less than 300 ms,
// or so much of it as one round of work on each side takes.
type Noise struct {
	began    time.Time
	stolen   float64 // seconds of all cores since the machine booted
	all      float64
	switches float64
	known    bool // steal and switches can be had
	rounds   []float64
}

// StartNoise looks at the machine and works the ruler. Call it right before the
// command.
func StartNoise() *Noise {
	n := &Noise{began: time.Now()}
	n.stolen, n.all, n.switches, n.known = noiseCounters()
	n.rounds = rulerWork()
	return n
}

// Metrics has nothing to say of a nil Noise. It works the ruler again, looks once more and returns the figures. None of them is better
// when larger or smaller: they are the machine's and not the code's. What the
// system does not tell is not among them. It is called once, right after the
// command.
func (n *Noise) Metrics() []collect.Metric {
	if n == nil {
		return nil
	}
	n.rounds = append(n.rounds, rulerWork()...)
	stolen, all, switches, known := noiseCounters()
	took := time.Since(n.began).Seconds()
	sorted := slices.Sorted(slices.Values(n.rounds))
	mid := len(sorted) / 2
	out := []collect.Metric{{
		Name: RulerName, Unit: "s", Better: collect.None, Samples: n.rounds,
		Value: (sorted[mid] + sorted[len(sorted)-1-mid]) / 2,
	}}
	if known && n.known && took > 0 {
		if all > n.all {
			out = append(out, collect.Metric{Name: "system.steal_percent", Unit: "%", Better: collect.None, Value: min(100, max(0, (stolen-n.stolen)/(all-n.all)*100))})
		}
		out = append(out, collect.Metric{Name: "system.context_switches_per_s", Unit: "1/s", Better: collect.None, Value: max(0, switches-n.switches) / took})
	}
	return out
}

// noiseCounters are those of the whole machine since it booted.
func noiseCounters() (stolen, all, switches float64, known bool) {
	t := hostTimes()
	misc, err := load.Misc()
	if t == nil || err != nil || misc == nil || misc.Ctxt == 0 {
		return 0, 0, 0, false
	}
	return t.Steal, allTime(t), float64(misc.Ctxt), true
}

// rulerWork does the rounds and returns the seconds of each. The table is made
// before the first, so that no page is new in any.
func rulerWork() []float64 {
	table := make([]uint64, rulerWords)
	for i := range table {
		table[i] = uint64(i) * 0x9e3779b97f4a7c15
	}
	var took []float64
	for began, i := time.Now(), 0; i < rulerRounds && (i == 0 || time.Since(began) < rulerTime); i++ {
		from := time.Now()
		rulerRound(table)
		took = append(took, time.Since(from).Seconds())
	}
	return took
}

// rulerRound goes through the table in an order of chance that is the same each
// time, and writes what it has seen: additions, multiplications, branches and
// memory. It must stay as it is, for its time is compared with that of earlier runs.
//
//go:noinline
func rulerRound(table []uint64) uint64 {
	order, sum := uint64(88172645463325252), uint64(0)
	for range rulerSteps {
		order ^= order << 13
		order ^= order >> 7
		order ^= order << 17
		at := order & (rulerWords - 1)
		if table[at]&1 == 0 {
			sum += table[at] * 0x2545f4914f6cdd1d
		}
		table[at] += order
	}
	return sum
}
