package parse

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/plumbline-ci/plumbline/collect"
)

// TestTimedCases adds cases that come again, of suites that share names, and finds
// the same times as in a map; the names are in order, also where one goes on after
// the other with a byte before the comma.
func TestTimedCases(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	want, parts := map[string][]float64{}, []*timedCases{newTimedCases(), newTimedCases()}
	for _, part := range parts {
		for i := range 3000 {
			suite := strings.Repeat("s", r.IntN(3))
			name := fmt.Sprintf("%s%d%s", strings.Repeat("same", r.IntN(4)), r.IntN(200), []string{"", " a", "(int)", "[1]", "ü"}[r.IntN(5)])
			part.add([]byte(suite), []byte(name), float64(i))
			full := "t.case_seconds[case=" + name + "]"
			if suite != "" {
				full = collect.Name("t.case_seconds", collect.Tags{"case": name, "suite": suite})
			}
			want[full] = append(want[full], float64(i))
		}
	}
	parts[0].merge(parts[1])
	all := parts[0].metrics(nil, "t")
	if len(all) != len(want) {
		t.Errorf("%d metrics, want %d", len(all), len(want))
	}
	if !slices.IsSortedFunc(all, func(a, b collect.Metric) int { return strings.Compare(a.Name, b.Name) }) {
		t.Error("the names are not in order")
	}
	for _, m := range all {
		samples := m.Samples
		if samples == nil {
			samples = []float64{m.Value}
		}
		if !slices.Equal(samples, want[m.Name]) {
			t.Errorf("%s has %v, want %v", m.Name, samples, want[m.Name])
		}
	}
}

// TestCasesMemory bounds what is allocated in all for the cases of a file, be it
// cut off or whole: their names, and little more.
func TestCasesMemory(t *testing.T) {
	const n, name, more, rest = 20_000, 50, 60, 1 << 20
	data, err := io.ReadAll(&manyCases{n: n})
	if err != nil {
		t.Fatal(err)
	}
	sheet := NewSheet("")
	took := allocated(func() { _, err = File(bytes.NewReader(data), "f.xml", "junit", sheet) })
	if err != nil || took > n*(name+more)+rest {
		t.Errorf("%d KiB allocated, %v, want at most %d", took>>10, err, (n*(name+more)+rest)>>10)
	}
	if got := len(sheet.Metrics()); got < n*99/100 {
		t.Errorf("%d metrics of %d cases", got, n)
	}
}
