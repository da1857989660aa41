package parse

// benchNames says whether the names of a file's benchmarks are plain: none ran
// with several numbers of processors, and no number only looks like one.
type benchNames struct {
	any, odd bool
	procs    int32 // of all of them
}

// note takes a new benchmark into account.
func (n *benchNames) note(b *benchmark) {
	if !n.any {
		n.any, n.procs = true, b.procs
	}
	_, nested := procsSuffix([]byte(b.key[:b.stem]))
	n.odd = n.odd || b.procs != n.procs || nested > 0
}

func (n *benchNames) plain() bool { return !n.odd }

// settleNames finds the benchmarks that ran with more than one number of
// processors.
func (s *benchSet) settleNames() {
	runs := s.runs()
	for _, b := range s.order {
		b.several = runs[b.key[:b.stem]].several
	}
}

// procsRuns says with how many processors a benchmark ran.
type procsRuns struct {
	procs   int32
	several bool
}

// runs finds the benchmarks that ran with more than one number of processors.
// It takes back what only looked like such a number: beside x-100-2, x-100 is
// x-100 on one processor, and not x on a hundred.
func (s *benchSet) runs() map[string]procsRuns {
	runs := make(map[string]procsRuns, len(s.order))
	for _, b := range s.order {
		if b.procs > 0 {
			note(runs, b)
		}
	}
	for _, b := range s.order {
		if b.procs > 0 {
			if _, longer := runs[b.key]; !longer {
				continue
			}
			b.stem, b.procs = int32(len(b.key)), 0
		}
		note(runs, b)
	}
	return runs
}

func note(runs map[string]procsRuns, b *benchmark) {
	stem, procs := b.key[:b.stem], max(1, b.procs)
	have, known := runs[stem]
	switch {
	case !known:
		runs[stem] = procsRuns{procs: procs}
	case have.procs != procs && !have.several:
		have.several = true
		runs[stem] = have
	}
}
