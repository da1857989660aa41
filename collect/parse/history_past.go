package parse

import (
	"cmp"
	"slices"

	"github.com/plumbline-ci/plumbline/collect"
)

// pastRuns gathers runs whose results stand apart in a file, by key.
type pastRuns struct {
	runs map[string]*pastRun
}

type pastRun struct {
	collect.Run
	key   string
	sheet *Sheet
	set   benchSet
}

// of returns the run of a key, which it makes.
func (p *pastRuns) of(key string) (run *pastRun, made bool) {
	run = p.runs[key]
	if run == nil {
		run, made = &pastRun{key: key, sheet: NewSheet("")}, true
		if p.runs == nil {
			p.runs = map[string]*pastRun{}
		}
		p.runs[key] = run
	}
	return run, made
}

// put hands the runs out, oldest first.
func (p *pastRuns) put(in *pastReader) error {
	var all []*pastRun
	for _, run := range p.runs {
		all = append(all, run)
	}
	slices.SortFunc(all, func(a, b *pastRun) int {
		return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.key, b.key))
	})
	for _, run := range all {
		run.set.flush(run.sheet)
		if run.Metrics = run.sheet.Metrics(); len(run.Metrics) == 0 {
			continue
		}
		if err := in.put(run.Run); err != nil {
			return err
		}
	}
	return nil
}
