package export_test

import (
	"fmt"
	"net/http/httptest"
	"os"
	"time"

	"github.com/plumbline-ci/plumbline/collect"
	"github.com/plumbline-ci/plumbline/collect/export"
)

func ExampleHandler() {
	rec := collect.NewRecorder(collect.Options{})
	rec.Describe("http.requests", "", "Requests by status code.")
	rec.Counter("http.requests", collect.Tags{"code": "200"}).Add(3)
	rec.Timer("db.query", nil).Observe(3 * time.Second)

	scrape := httptest.NewRecorder()
	export.Handler(rec).ServeHTTP(scrape, httptest.NewRequest("GET", "/metrics", nil))
	fmt.Print(scrape.Body)
	// Output:
	// # HELP db_query_seconds db.query
	// # TYPE db_query_seconds histogram
	// db_query_seconds_bucket{le="4"} 1
	// db_query_seconds_bucket{le="+Inf"} 1
	// db_query_seconds_sum 3
	// db_query_seconds_count 1
	// # HELP http_requests_total Requests by status code.
	// # TYPE http_requests_total counter
	// http_requests_total{code="200"} 3
}

func ExamplePrometheus() {
	runs := func(yield func(collect.Run, error) bool) {
		yield(collect.Run{
			Origin:  collect.Origin{ID: "r1", Branch: "main"},
			Metrics: []collect.Metric{{Name: "ram.peak_mb", Unit: "MB", Value: 128.7}},
		}, nil)
	}
	if err := export.Prometheus(os.Stdout, runs); err != nil {
		fmt.Println(err)
	}
	// Output:
	// # HELP plumbline_run_info What is known of the run that the metrics are of.
	// # TYPE plumbline_run_info gauge
	// plumbline_run_info{branch="main",run_id="r1"} 1
	// # HELP ram_peak_bytes ram.peak_mb
	// # TYPE ram_peak_bytes gauge
	// ram_peak_bytes{branch="main"} 1.287e+08
}
