package store

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/collect"
)

// BenchmarkListNewest lists the newest 20 of 100,000 runs: in one file of 30 MB,
// and in a file a day.
func BenchmarkListNewest(b *testing.B) {
	for name, perDay := range map[string]int{"one file": 100_000, "300 a day": 300} {
		b.Run(name, func(b *testing.B) {
			dir := b.TempDir()
			var text strings.Builder
			for i := range 100_000 {
				r := padded(fmt.Sprintf("run-%06d", i), 0, 150)
				r.Time = noon.AddDate(0, 0, i/perDay)
				text.WriteString(line(b, r))
				if i%perDay == perDay-1 || i == 99_999 {
					write(b, filepath.Join(dir, r.Time.Format("2006-01-02")+".jsonl"), text.String())
					text.Reset()
				}
			}
			b.ReportAllocs()
			for b.Loop() {
				s, err := OpenDir(dir)
				if err != nil {
					b.Fatal(err)
				}
				n := 0
				for _, err := range s.List(b.Context(), baseline.Filter{}) {
					if err != nil {
						b.Fatal(err)
					}
					if n++; n == 20 {
						break
					}
				}
			}
		})
	}
}

// BenchmarkFetch reads the baseline of 200 runs of 10,000 metrics, 222 MB.
func BenchmarkFetch(b *testing.B) {
	dir := b.TempDir()
	var text strings.Builder
	var head collect.Run
	for i := range 201 {
		head = run(fmt.Sprint("r", i), i)
		for m := range 10_000 {
			head.Metrics = append(head.Metrics, value(
				fmt.Sprintf("test.case_seconds[case=TestSomethingWithALongName/sub-case-%05d,suite=github.com/owner/project/pkg/%03d]", m, m%100),
				float64((m*7919+i*104729)%100_000)/1000))
		}
		text.WriteString(line(b, head))
	}
	q := baseline.Query{Head: head.Origin, Runs: 200}
	for _, m := range head.Metrics {
		q.Metrics = append(q.Metrics, m.Name)
	}
	write(b, filepath.Join(dir, "2025-05-30.jsonl"), text.String())
	write(b, filepath.Join(dir, "history"), text.String())
	write(b, filepath.Join(dir, "history.gz"), text.String())
	for _, name := range []string{"", "history", "history.gz"} {
		b.Run("store "+name, func(b *testing.B) {
			b.SetBytes(int64(text.Len()))
			b.ReportAllocs()
			for b.Loop() {
				s, err := Open(filepath.Join(dir, name))
				if err != nil {
					b.Fatal(err)
				}
				base, err := baseline.Fetch(b.Context(), s, q)
				if err != nil || len(base.Runs) != 200 || len(base.Values) != 10_000 {
					b.Fatal(len(base.Runs), err)
				}
			}
		})
	}
}
