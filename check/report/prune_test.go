package report

import (
	"fmt"
	"io"
	"testing"
)

func TestPruningGoldens(t *testing.T) {
	t.Parallel()
	reasons := [][]string{
		{"the newest of its suite and branch", "not older than 30 days"},
		{"not one of the newest 5 of its suite and branch", "older than 30 days", "not the one of its day, 2026-04-05"},
		{"of a branch that fits \"feature/**\"\x1b[31m"}, {"belongs to run r1, which goes"},
	}
	var fates []Fate
	for i, r := range stored() {
		fates = append(fates, Fate{Run: r, Kept: i%2 == 0, Reasons: reasons[i]})
	}
	for _, width := range []int{80, 120} {
		golden(t, fmt.Sprintf("prune.%d.txt", width), func(w io.Writer) error { return Pruning(w, fates, true, TextOptions{Width: width}) })
	}
	golden(t, "prune.gone.txt", func(w io.Writer) error { return Pruning(w, fates, false, TextOptions{}) })
	golden(t, "prune.none.txt", func(w io.Writer) error { return Pruning(w, fates[:1], false, TextOptions{}) })
	golden(t, "prune.json", func(w io.Writer) error { return PruningJSON(w, fates, true) })
}
