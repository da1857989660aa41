package parse

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/plumbline-ci/plumbline/collect"
)

// TestSortByName sorts names that are alike for long, that end where others go
// on, that have zeros and that are the same, as a stable sort does.
func TestSortByName(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for n := range 400 {
		all := make([]collect.Metric, n)
		for i := range all {
			var name strings.Builder
			name.WriteString(strings.Repeat("same", r.IntN(1+n%9)))
			for range r.IntN(12) {
				name.WriteByte("\x00ab\xff"[r.IntN(4)])
			}
			all[i] = collect.Metric{Name: name.String(), Value: float64(i)}
		}
		want := slices.Clone(all)
		slices.SortStableFunc(want, func(a, b collect.Metric) int { return strings.Compare(a.Name, b.Name) })
		sortByName(all)
		if got, want := fmt.Sprint(all), fmt.Sprint(want); got != want {
			t.Fatalf("sortByName = %s, want %s", got, want)
		}
	}
}
