package probe_test

import (
	"fmt"
	"time"

	"github.com/plumbline-ci/plumbline/collect"
	"github.com/plumbline-ci/plumbline/collect/probe"
)

// A service that flushes a run now and then has the load and the memory of that
// time in it.
func ExampleSampler() {
	rec := collect.NewRecorder(collect.Options{})
	s := probe.NewSampler(probe.SamplerOptions{Interval: 100 * time.Millisecond, Keep: 10 * time.Minute})
	s.Start()
	defer s.Stop()
	rec.Register("resources", s)

	for _, m := range rec.Metrics() {
		if m.Name == "ram.peak_mb" {
			fmt.Println(m.Name, m.Unit, m.Value > 1)
		}
	}
	// Output: ram.peak_mb MB true
}
