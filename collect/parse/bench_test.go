package parse

import (
	"math"
	"testing"

	"github.com/plumbline-ci/plumbline/collect"
)

func TestMeasureOf(t *testing.T) {
	for _, tt := range []struct {
		unit, name, want string
		factor           float64
		better           collect.Direction
	}{
		{"ns", "ns_per_op", "ns/op", 1, collect.Lower},
		{"ns/iter", "ns_per_op", "ns/op", 1, collect.Lower},
		{" us/op ", "ns_per_op", "ns/op", 1e3, collect.Lower},
		{"µs", "ns_per_op", "ns/op", 1e3, collect.Lower},
		{"μs", "ns_per_op", "ns/op", 1e3, collect.Lower},
		{"Seconds", "ns_per_op", "ns/op", 1e9, collect.Lower},
		{"KiB", "bytes_per_op", "B/op", 1024, collect.Lower},
		{"B/op", "bytes_per_op", "B/op", 1, collect.Lower},
		{"allocs/op", "allocs_per_op", "allocs/op", 1, collect.Lower},
		{"ops/s", "ops_per_s", "ops/s", 1, collect.Higher},
		{"ops/us", "ops_per_s", "ops/s", 1e6, collect.Higher},
		{"Mops/sec", "ops_per_s", "ops/s", 1e6, collect.Higher},
		{"iter/sec", "ops_per_s", "ops/s", 1, collect.Higher},
		{"i/s", "ops_per_s", "ops/s", 1, collect.Higher},
		{"GB/s", "mb_per_s", "MB/s", 1e3, collect.Higher},
		{"MB/ms", "mb_per_s", "MB/s", 1e3, collect.Higher},
		{"Kelem/s", "items_per_s", "items/s", 1e3, collect.Higher},
		{"MiB/s", "mb_per_s", "MB/s", 1.048576, collect.Higher},
		{"widgets/op", "widgets_per_op", "widgets/op", 1, 0},
		{"L1 Hits", "L1_Hits", "L1 Hits", 1, 0},
		{"Megabytes", "bytes_per_op", "B/op", 1e6, collect.Lower},
		{"Percent", "pct", "%", 1, 0},
		{"%", "pct", "%", 1, 0},
		{"", "value", "", 1, 0},
	} {
		q := measureOf(tt.unit)
		if q.name != tt.name || q.unit != collect.Unit(tt.want) || math.Abs(q.factor/tt.factor-1) > 1e-12 || q.better != tt.better {
			t.Errorf("measureOf(%q) = %+v, want %+v", tt.unit, q, tt)
		}
	}
}
