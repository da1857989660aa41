package parse

import (
	"strings"
	"testing"
)

// indexBenchText has the benchmarks of other texts.
var indexBenchText = map[string]indexed{
	"catch2": {
		format: "catch2",
		figures: map[string]func(t *testing.T, got figures, want any){
			"peer_snapshot": catchSnapshot,
			"peer_snapshot_n": func(t *testing.T, got figures, want any) {
				n := 0
				for name := range got {
					if strings.HasSuffix(name, ".ns_per_op") {
						n++
					}
				}
				if float64(n) != want {
					t.Errorf("%d benchmarks, want %v", n, want)
				}
			},
		},
	},
}

// catchSnapshot compares the figures of another program, which leaves the test
// case out of the names.
func catchSnapshot(t *testing.T, got figures, want any) {
	for _, one := range want.([]any) {
		b := one.(map[string]any)
		end := "/" + b["name"].(string) + ".ns_per_op"
		found := false
		for name := range got {
			if strings.HasSuffix(name, end) {
				found = true
				is(name)(t, got, b["value"].(float64)*unitNanoseconds(name, b["unit"]))
			}
		}
		if !found {
			t.Errorf("no %s in %v", end, got)
		}
	}
}
