package parse

// benchmarkjs reads what Benchmark.js prints of each benchmark, its toString.
// The margin behind ± is that of the mean over its runs, which the file does not
// have one by one.
var benchmarkjs = Format{
	Name:  "benchmarkjs",
	From:  "Benchmark.js and benny-like tools: String(event.target) on each cycle",
	Makes: []string{"bench/NAME.ops_per_s"},
	Match: benchmarkjsLines.match, Parse: benchmarkjsLines.parse,
}

var benchmarkjsLines = benchLines{
	mark: " ops/sec ",
	re:   lazily(`^\s*(\S.*) x ([\d,]+(?:\.\d+)?(?:e\+?\d+)?) ops/sec \S*?\s?[\d.]+% \(\d+ runs? sampled\)\s*$`),
	want: `lines such as "NAME x 1,234 ops/sec ±1.20% (90 runs sampled)"`,
	put: func(s *Sheet, m []string) bool {
		v, ok := groupedNumber(m[2])
		if ok {
			s.bench(m[1], "ops/s", v)
		}
		return ok
	},
}
