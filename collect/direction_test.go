package collect

import (
	"math"
	"slices"
	"testing"
)

func better(word string) Tags { return Tags{"better": word} }

var directions = []struct {
	m    Metric
	want Direction
}{
	// What the run says counts before anything else.
	{Metric{Name: "test.total_seconds", Better: Higher}, Higher},
	{Metric{Name: "test.total_seconds", Better: None, Tags: better("smaller")}, None},
	{Metric{Name: "score", Tags: better("larger")}, Higher},
	{Metric{Name: "score", Tags: better("smaller")}, Lower},
	{Metric{Name: "test.passed", Tags: better("lower")}, Lower},
	{Metric{Name: "test.passed", Tags: better("sideways")}, Higher},

	// The names that the program makes itself.
	{Metric{Name: "build.seconds", Unit: "s"}, Lower},
	{Metric{Name: "build.success"}, Higher},
	{Metric{Name: "cpu.avg_load", Unit: "%"}, None},
	{Metric{Name: "cpu.max_load"}, None},
	{Metric{Name: "cpu.user_seconds"}, Lower},
	{Metric{Name: "cpu.system_seconds"}, Lower},
	{Metric{Name: "ram.peak_mb", Unit: "MB"}, Lower},
	{Metric{Name: "ram.avg_mb"}, Lower},
	{Metric{Name: "io.read_mb"}, Lower},
	{Metric{Name: "io.write_mb"}, Lower},
	{Metric{Name: "system.cpu_percent", Unit: "%"}, None},
	{Metric{Name: "system.memory_used_mb", Unit: "MB"}, None},
	{Metric{Name: "system.process_memory_mb", Unit: "MB"}, None},
	{Metric{Name: "test.total_seconds"}, Lower},
	{Metric{Name: "test.item_count"}, None},
	{Metric{Name: "test.leaf_count"}, None},
	{Metric{Name: "pytest.skipped"}, None},
	{Metric{Name: "pytest.passed"}, Higher},
	{Metric{Name: "test.failed", Unit: "count"}, Lower},
	{Metric{Name: "test.errors"}, Lower},
	{Metric{Name: "test.flaky"}, Lower},
	{Metric{Name: "test.suite_success"}, Higher},
	{Metric{Name: "test.case_seconds[case=add[1],suite=a.b]"}, Lower},
	{Metric{Name: "coverage.line_pct", Unit: "%"}, Higher},
	{Metric{Name: "coverage.branch_pct"}, Higher},
	{Metric{Name: "coverage.lines_covered"}, Higher},
	{Metric{Name: "coverage.lines_total"}, None},
	{Metric{Name: "pytest.coverage_pct"}, Higher},
	{Metric{Name: "bench/x/y.Fib10.ns_per_op", Unit: "ns/op"}, Lower},
	{Metric{Name: "bench/x/y.Fib10.ns_per_op"}, Lower},
	{Metric{Name: "bench/x/y.Fib10.bytes_per_op"}, Lower},
	{Metric{Name: "bench/x/y.Fib10.allocs_per_op"}, Lower},
	{Metric{Name: "bench/x/y.Sort[int].mb_per_s"}, Higher},
	{Metric{Name: "bench/x/y.errors", Unit: "ops/s"}, Higher},
	{Metric{Name: "container.build_seconds"}, Lower},
	{Metric{Name: "container.image_mb"}, Lower},
	{Metric{Name: "artifact.dist_gzip_mb"}, Lower},
	{Metric{Name: "build.wheel_success"}, Higher},
	{Metric{Name: "docs.build_success"}, Higher},
	{Metric{Name: "job.seconds[job=unit]"}, Lower},
	{Metric{Name: "step.seconds[job=unit,step=v1.2]"}, Lower},

	// The units that other tools write.
	{Metric{Name: "x", Unit: "ns/iter"}, Lower},
	{Metric{Name: "x", Unit: "B/op"}, Lower},
	{Metric{Name: "x", Unit: "extra/op"}, Lower},
	{Metric{Name: "x", Unit: "Nanoseconds"}, Lower},
	{Metric{Name: "x", Unit: "median ms"}, Lower},
	{Metric{Name: "x", Unit: "µs"}, Lower},
	{Metric{Name: "x", Unit: "bytes"}, Lower},
	{Metric{Name: "x", Unit: "MB/s"}, Higher},
	{Metric{Name: "x", Unit: "ops/sec"}, Higher},
	{Metric{Name: "x", Unit: "iter/sec"}, Higher},
	{Metric{Name: "x", Unit: "Evt/s"}, Higher},

	// Names that only look like something.
	{Metric{Name: "startup_time"}, Lower},
	{Metric{Name: "login latency"}, Lower},
	{Metric{Name: "latency_p95"}, Lower},
	{Metric{Name: "api.throughput"}, Higher},
	{Metric{Name: "req_per_sec"}, Higher},
	{Metric{Name: "temperature.min"}, None},
	{Metric{Name: "answer", Unit: "count"}, None},
	{Metric{Name: "", Unit: ""}, None},
	{Metric{Name: "...", Unit: "/"}, None},
}

func TestDirection(t *testing.T) {
	t.Parallel()
	for _, tt := range directions {
		if got := tt.m.Direction(); got != tt.want {
			t.Errorf("%+v.Direction() = %v, want %v", tt.m, got, tt.want)
		}
	}
}

func TestMedian(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		xs   []float64
		want float64
	}{
		{[]float64{3}, 3},
		{[]float64{3, 1}, 2},
		{[]float64{9, 1, 5}, 5},
		{[]float64{4, 1, 3, 2}, 2.5},
		{[]float64{1.7e308, 1.7e308}, 1.7e308},
	} {
		before := slices.Clone(tt.xs)
		if got := Median(tt.xs); got != tt.want {
			t.Errorf("Median(%v) = %v, want %v", before, got, tt.want)
		}
		if !slices.Equal(tt.xs, before) {
			t.Errorf("Median changed its argument from %v to %v", before, tt.xs)
		}
	}
	if got := Median(nil); !math.IsNaN(got) {
		t.Errorf("Median(nil) = %v, want NaN", got)
	}
}
