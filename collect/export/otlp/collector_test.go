package otlp_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-ci/plumbline/collect"
	"github.com/plumbline-ci/plumbline/collect/export"
	"github.com/plumbline-ci/plumbline/collect/export/otlp"
	"github.com/plumbline-ci/plumbline/internal/servicetest"
)

// TestCollector sends to the real collector, which prints what it understood.
func TestCollector(t *testing.T) {
	t.Parallel()
	url, printed := servicetest.Collector(t)
	rec := collect.NewRecorder(collect.Options{})
	rec.Describe("heap", "MiB", "How large.")
	rec.Counter("requests", collect.Tags{"code": "200", "route": "/"}).Add(3)
	rec.UpDownCounter("conns", nil).Add(-1)
	rec.Gauge("heap", nil).Set(2.5)
	rec.Timer("db.query_seconds", nil).Observe(1500 * time.Millisecond)
	rec.Summary("lag", nil).Observe(1.5)
	live, err := export.OfRecorder(rec)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []export.Set{live, stored()} {
		if err := send(t, otlp.Options{URL: url}, s); err != nil {
			t.Fatal(err)
		}
	}
	// Blocks of lines as the collector prints them, spaces aside.
	for _, want := range []string{
		"-> Name: requests|-> DataType: Sum|-> IsMonotonic: true|-> AggregationTemporality: Cumulative|-> code: Str(200)|-> route: Str(/)|Value: 3.000000",
		"-> Name: conns|-> DataType: Sum|-> IsMonotonic: false|Value: -1.000000",
		"-> Name: heap|-> Description: How large.|-> Unit: MiBy|-> DataType: Gauge|Value: 2.500000",
		"-> Name: db.query_seconds|-> Unit: s|-> DataType: Histogram|Count: 1|Sum: 1.500000|Min: 1.500000|Max: 1.500000",
		"-> Name: lag|-> DataType: Summary|Count: 1|Sum: 1.500000|QuantileValue #3: Quantile 0.990000, Value 1.500000",
		"-> vcs.ref.head.name: Str(main)|-> vcs.repository.name: Str(o/r)|-> Name: build.seconds|-> Unit: s|-> DataType: Gauge|Timestamp: 2026-03-04 05:06:07.000000005 +0000 UTC|Value: 12.300000",
		"-> Name: io|-> Unit: MBy/s|-> DataType: Gauge|-> k: Str(\uFFFD)|Value: 4.000000",
	} {
		eventually(t, printed, strings.Split(want, "|"))
	}
}

// eventually waits until the lines are printed, in this order and, after the
// name of a metric, before the next one's: a collector answers before it prints.
func eventually(t *testing.T, printed func() string, want []string) {
	t.Helper()
	missing := want[0]
	for range 600 {
		lines, at := strings.Split(printed(), "\n"), 0
		for _, line := range lines {
			line = strings.Join(strings.Fields(line), " ")
			switch {
			case line == want[at]:
				at++
			case strings.HasPrefix(line, "-> Name: ") && at > 0 && slices.ContainsFunc(want[:at], isName):
				at = 0 // another metric
			}
			if at == len(want) {
				return
			}
		}
		missing = want[at]
		time.Sleep(100 * time.Millisecond)
	}
	t.Errorf("of %q the collector never printed %q", want, missing)
}

func isName(line string) bool { return strings.HasPrefix(line, "-> Name: ") }
