package ui_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/plumbline-ci/plumbline/collect"
)

// Names as an attacker, or a bad day, would choose them.
const (
	evilMetric = `bench/<script>alert("m")</script>"'&amp;` + "\u202egpj.exe"
	evilBranch = `javascript:alert(1)//"><img src=x onerror=alert(2)>`
	evilOwner  = `<b>evil"onclick=alert(1)/javascript:alert(3)`
)

const (
	stepAt   = 40 // the run of shop's main in which bench/parse got slower
	mainRuns = 60
)

// history makes the runs of a store from a seed: two repositories with suites,
// branches, tests, sizes and a lasting step, and one with hostile names.
type history struct {
	rand  *rand.Rand
	start time.Time
	runs  []collect.Run
}

// newHistory makes a history whose newest run is some hours old, as on a day at work.
func newHistory() *history {
	h := &history{rand: rand.New(rand.NewPCG(8, 2)), start: time.Now().UTC().Truncate(time.Minute).Add(-mainRuns * 4 * time.Hour)}
	for i := range mainRuns {
		h.add(h.shop(i, "main"))
		h.add(h.bench(i))
		if i%6 == 5 {
			h.add(h.shop(i, "feature/cart"))
		}
		if i%3 == 0 {
			h.add(h.evil(i))
		}
	}
	return h
}

func (h *history) add(r collect.Run) { h.runs = append(h.runs, r) }

// run begins the i-th run of a repository.
func (h *history) run(i int, repository, name, branch string) collect.Run {
	return collect.Run{Origin: collect.Origin{
		ID: fmt.Sprintf("%08x-%04d", h.rand.Uint32(), i), Time: h.start.Add(time.Duration(i) * 4 * time.Hour),
		Type: "test", Name: name, Commit: fmt.Sprintf("%016x%024x", h.rand.Uint64(), h.rand.Uint64()), Branch: branch, Event: "push",
		Repository: repository, Workflow: "ci", Job: "unit", Duration: 60 + h.rand.Float64()*9, Success: collect.Succeeded,
		Runner: collect.Runner{OS: "linux", Arch: "amd64", CPUModel: "AMD EPYC 7763", Cores: 4},
	}}
}

// near is a value with noise of so many parts of a hundred.
func (h *history) near(v, pct float64) float64 {
	return v * math.Exp(h.rand.NormFloat64()*pct/100)
}

func metric(name string, unit collect.Unit, v float64) collect.Metric {
	return collect.Metric{Name: name, Unit: unit, Value: v}
}

// shop is a suite with tests, a flaky one among them, sizes and coverage.
func (h *history) shop(i int, branch string) collect.Run {
	r := h.run(i, "acme/shop", "unit", branch)
	flaky := float64(i % 7 / 6)
	for j := range 40 {
		name := collect.Name("test.case_seconds", collect.Tags{"suite": "shop", "case": fmt.Sprintf("TestOrder%02d", j)})
		r.Metrics = append(r.Metrics, metric(name, "s", h.near(0.02*float64(j+1), 4)))
	}
	r.Metrics = append(r.Metrics,
		metric("test.total_seconds", "s", h.near(17, 2)), metric("test.item_count", "count", 40), metric("test.passed", "count", 40-flaky),
		metric("test.failed", "count", 0), metric("test.flaky", "count", flaky), metric("coverage.line_pct", "%", h.near(81, 0.1)),
		metric("artifact.dist_mb", "MB", 12.5+float64(i)/40), metric("artifact.docs_mb", "MB", 3.1), metric("container.image_mb", "MB", 88+float64(i/20)),
	)
	return r
}

// bench is a suite of benchmarks, one of which gets slower and stays so.
func (h *history) bench(i int) collect.Run {
	r := h.run(i, "acme/shop", "bench", "main")
	r.Type = "bench"
	parse := 310.0
	if i >= stepAt {
		parse *= 1.3
	}
	r.Metrics = []collect.Metric{{Name: "bench/parse.ns_per_op", Unit: "ns/op", Samples: []float64{h.near(parse, 1), h.near(parse, 1), h.near(parse, 1)}}}
	r.Metrics[0].Value = r.Metrics[0].Samples[1]
	for j := range 12 {
		r.Metrics = append(r.Metrics, metric(fmt.Sprintf("bench/step%02d.ns_per_op", j), "ns/op", h.near(100*float64(j+1), 1)))
	}
	return r
}

func (h *history) evil(i int) collect.Run {
	r := h.run(i, evilOwner, `<i>suite</i>`, evilBranch)
	r.Commit = `"><script>`
	r.Metrics = []collect.Metric{metric(evilMetric, "<u>", h.near(5, 1)), metric("artifact.<img src=x onerror=alert(4)>_mb", "MB", 5)}
	return r
}
