package parse

import (
	"bytes"
	"fmt"
	"testing"

	"golang.org/x/perf/benchfmt"
)

// manyResults is the output of names benchmarks, each run ten times.
func manyResults(names int) *written {
	const ofPackage = 100
	return &written{pieces: names / ofPackage, piece: func(w *bytes.Buffer, n int) {
		fmt.Fprintf(w, "goos: linux\ngoarch: amd64\npkg: github.com/acme/service/internal/mod%04d\ncpu: EPYC\n", n)
		for i := range ofPackage {
			for run := range 10 {
				fmt.Fprintf(w, "BenchmarkParserMerge/size=%d/case=%d-8     \t   10000\t    %d.%d ns/op\t     512 B/op\t       7 allocs/op\n",
					n, i, 12000+i*37+run*11, run)
			}
		}
		fmt.Fprintf(w, "PASS\nok  \tgithub.com/acme/service/internal/mod%04d\t12.5s\n", n)
	}}
}

// BenchmarkGobench reads 1,000,000 results of 100,000 benchmarks.
func BenchmarkGobench(b *testing.B) {
	const names = 100_000
	data := wholeFile(b, manyResults(names))
	run := func(name string, f func(b *testing.B)) {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				f(b)
			}
		})
	}
	run("scan", func(b *testing.B) { scanLines(b, data) })
	run("parse", func(b *testing.B) {
		var s Sheet
		if err := parseGobench(bytes.NewReader(data), &s); err != nil || len(s.benches[0].order) != names {
			b.Fatal(len(s.benches), err)
		}
	})
	run("benchfmt", func(b *testing.B) {
		r := benchfmt.NewReader(bytes.NewReader(data), "")
		n := 0
		for r.Scan() {
			if _, ok := r.Result().(*benchfmt.Result); ok {
				n++
			}
		}
		if n != 10*names {
			b.Fatal(n, r.Err())
		}
	})
}
