package parse

// dartBench reads what Dart's benchmark_harness prints. A score that is no run
// time has its word in the name of the benchmark: Parser(CodeSize).
var dartBench = Format{
	Name:  "dart-bench",
	From:  "dart run of a package:benchmark_harness benchmark",
	Makes: []string{"bench/NAME.ns_per_op", "bench/NAME(SCORE).UNIT"},
	Match: dartLines.match, Parse: dartLines.parse,
}

var dartLines = benchLines{
	mark: "): ",
	re:   lazily(`^\s*(\S.*)\((\w+)\): (-?\d+(?:\.\d+)?(?:e[-+]?\d+)?) (\S+)\.\s*$`),
	want: `lines such as "NAME(RunTime): 1.5 us."`,
	put: func(s *Sheet, m []string) bool {
		v, ok := groupedNumber(m[3])
		name := m[1]
		if m[2] != "RunTime" {
			name += "(" + m[2] + ")"
		}
		if ok {
			s.bench(name, m[4], v)
		}
		return ok
	},
}
