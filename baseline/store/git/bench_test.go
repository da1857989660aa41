package git

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/baseline/store/storetest"
)

// long makes a remote whose branch has 10,000 runs of 200 metrics in a year.
func long(b *testing.B) (remote string) {
	b.Helper()
	return stored(b, func(dir string) {
		for day := range 365 {
			text := ""
			for i := range 10_000 / 365 {
				r := storetest.Run(fmt.Sprintf("%d-%d", day, i), day*24*60+i)
				for m := range 200 {
					r.Metrics = append(r.Metrics, storetest.Value(fmt.Sprintf("bench/example.com/m.Name%d.ns_per_op", m), float64(m*1000+(day*i*m)%97)))
				}
				text += storetest.Line(b, r) + "\n"
			}
			name := filepath.Join(dir, fileName(storetest.Run("", day*24*60).Origin, 1))
			if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkNewest is what check does: the newest 50 runs of a long history, by a
// fresh store.
func BenchmarkNewest(b *testing.B) {
	remote := long(b)
	git(b, remote, "config", "uploadpack.allowFilter", "true")
	dir := clone(b, "file://"+remote, "--depth", "1")
	for name, most := range map[string]int{"50 runs": 50, "all runs": 1 << 30} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				s, n := openIn(b, dir, "git:perf"), 0
				for _, err := range s.List(b.Context(), baseline.Filter{}) {
					if err != nil {
						b.Fatal(err)
					}
					if n++; n == most {
						break
					}
				}
				b.ReportMetric(float64(s.blobs.reads), "files/op")
			}
		})
	}
}

// BenchmarkPut is what a job does, with a remote on this disk.
func BenchmarkPut(b *testing.B) {
	remote := bare(b)
	s := openIn(b, clone(b, remote), "git:perf")
	n := 0
	for b.Loop() {
		r := storetest.Run(fmt.Sprint(n), n)
		for m := range 200 {
			r.Metrics = append(r.Metrics, storetest.Value(fmt.Sprintf("bench/example.com/m.Name%d.ns_per_op", m), float64(m*1000+(n*m)%97)))
		}
		if err := s.Put(b.Context(), r); err != nil {
			b.Fatal(err)
		}
		n++
	}
	git(b, remote, "gc", "--quiet")
	pack, err := filepath.Glob(filepath.Join(remote, "objects", "pack", "*.pack"))
	if err != nil || len(pack) != 1 {
		b.Fatalf("the remote has the packs %q: %v", pack, err)
	}
	info, err := os.Stat(pack[0])
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(info.Size())/float64(n), "packed-B/run")
}
