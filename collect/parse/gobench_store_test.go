package parse

import (
	"bytes"
	"fmt"
	"slices"
	"testing"
)

// TestGobenchApart reads benchmarks whose results come in turns, with units that
// come and go, and one that is repeated more often than the set keeps open.
func TestGobenchApart(t *testing.T) {
	var file bytes.Buffer
	want := map[string][]float64{}
	put := func(name string, v float64, unit, quantity string) {
		fmt.Fprintf(&file, "%g %s\t", v, unit)
		want["bench/p."+name+"."+quantity] = append(want["bench/p."+name+"."+quantity], v)
	}
	file.WriteString("pkg: p\n")
	for round := range 3 {
		for n := range 200 {
			name := fmt.Sprintf("A%d", n)
			fmt.Fprintf(&file, "Benchmark%s\t100\t", name)
			if round != n%3 {
				put(name, float64(round*n)/8, "ns/op", "ns_per_op")
			}
			put(name, 5, "B/op", "bytes_per_op")
			if n%7 == round {
				put(name, float64(n), "widgets", "widgets")
			}
			file.WriteByte('\n')
		}
	}
	for n := range 3*maxOpen + 1 {
		file.WriteString("BenchmarkMany\t100\t")
		put("Many", float64(n%1000), "ns/op", "ns_per_op")
		file.WriteByte('\n')
	}
	sheet := NewSheet("")
	if err := parseGobench(&file, sheet); err != nil {
		t.Fatal(err)
	}
	for range 2 { // Metrics may be called again
		all := sheet.Metrics()
		if len(all) != len(want) {
			t.Fatalf("%d metrics, want %d", len(all), len(want))
		}
		for _, m := range all {
			got := m.Samples
			if got == nil {
				got = []float64{m.Value}
			}
			if !slices.Equal(got, want[m.Name]) {
				t.Fatalf("%s = %v, want %v", m.Name, got, want[m.Name])
			}
		}
	}
}

// TestGobenchOneName reads series that make metrics of one name: in one file, by
// two units, and in several.
func TestGobenchOneName(t *testing.T) {
	const file = "pkg: p\nBenchmarkA 1 2 a/b 3 a_per_b\nBenchmarkB 1 1 x\n"
	sheet := NewSheet("")
	for range 2 {
		if _, err := File(bytes.NewReader([]byte(file)), "bench.txt", "", sheet); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		got := fmt.Sprint(sheet.Metrics())
		if want := "[{bench/p.A.a_per_b a/b  map[] 2.5 [2 3 2 3]} {bench/p.B.x x  map[] 1 [1 1]}]"; got != want {
			t.Errorf("metrics %s, want %s", got, want)
		}
	}
}
