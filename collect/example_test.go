package collect_test

import (
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/plumbline-ci/plumbline/collect"
)

func ExampleEncode() {
	err := collect.Encode(os.Stdout, collect.Run{
		Origin: collect.Origin{ID: "r1", Time: time.Date(2025, 5, 30, 14, 30, 45, 0, time.UTC), Branch: "main"},
		Metrics: []collect.Metric{
			{Name: "build.seconds", Value: 12.3, Unit: "s"},
			{Name: "bench/Fib10.ns_per_op", Value: 328.1, Samples: []float64{325, 331.2}},
		},
	})
	fmt.Println(err)
	// Output:
	// {"run_id":"r1","timestamp":"2025-05-30T14:30:45.000000Z","branch":"main","metrics":{"build.seconds":12.3,"bench/Fib10.ns_per_op":328.1},"units":{"build.seconds":"s"},"samples":{"bench/Fib10.ns_per_op":[325,331.2]}}
	// <nil>
}

func ExampleReader_Runs() {
	file := strings.NewReader(`{"run_id":"r1","timestamp":"2025-05-30T14:30:45Z","metrics":{"build.seconds":12.3}}
{"run_id":"r2","timestamp":"2025-05-30T15:30:45Z","metrics":{"build.seconds":NaN}}
{"run_id":"r3","timestamp":"2025-05-30T16:30:45Z","metrics":{"build.sec`)
	for run, err := range collect.NewReader(file, "history.jsonl").Runs() {
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(run.ID, run.Metrics[0].Value, run.Metrics[0].Direction())
	}
	// Output:
	// r1 12.3 lower
	// history.jsonl: line 2: metric "build.seconds": byte 78: value: want a finite number, have "NaN"
	// history.jsonl: line 3 is torn (no newline at its end): the run was not written completely
}
