package collect_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/plumbline-ci/plumbline/collect"
)

// used is an instrument of the program's own that knows what the process uses.
type used []collect.Usage

func (used) Metrics() []collect.Metric {
	return []collect.Metric{{Name: "cpu.avg_load", Value: 50, Unit: "%"}}
}
func (used) Sent()                            {}
func (u used) Usage(most int) []collect.Usage { return u[max(0, len(u)-most):] }

func TestStatus(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := collect.NewRecorder(collect.Options{})
		r.Describe("depth", "jobs", "")
		r.Counter("http.requests", collect.Tags{"code": "200"}).Add(7)
		r.Counter("http.errors", nil).Inc()
		r.UpDownCounter("open", nil).Add(-2)
		r.Gauge("unset", nil)
		for _, v := range []float64{3, -1, 4} {
			r.Gauge("depth", nil).Set(v)
		}
		for i := range 100 {
			r.Timer("query_seconds", nil).Observe(time.Duration(i+1) * time.Millisecond)
			r.Summary("size", nil).Observe(float64(i))
		}
		r.Histogram("empty", nil)
		r.Info("build").Set(collect.Tags{"version": "3"})
		r.Enum("state", nil, "idle", "busy").Set("busy")
		start := time.Now()
		r.Register("resources", used{{Time: start, CPU: 1, RSS: 2}, {Time: start, CPU: 3, RSS: 4}})
		time.Sleep(90 * time.Second)
		s := r.Status()
		if s.Time.Sub(s.Started) != 90*time.Second || s.PID == 0 || !strings.HasSuffix(strings.TrimSuffix(s.Name, ".exe"), ".test") || len(s.Usage) != 2 || s.Problems != nil {
			t.Errorf("the status is of %+v", s)
		}
		want := []collect.SeriesStatus{
			{Name: "build[version=3]", Kind: collect.KindInfo, Value: 1},
			{Name: "cpu.avg_load", Unit: "%", Value: 50},
			{Name: "depth", Kind: collect.KindGauge, Unit: "jobs", Value: 4, Count: 3, Min: -1, Mean: 2, Max: 4},
			{Name: "http.errors", Kind: collect.KindCounter, Value: 1, Errors: true},
			{Name: "http.requests[code=200]", Kind: collect.KindCounter, Value: 7},
			{Name: "open", Kind: collect.KindUpDown, Value: -2},
			{Name: "query_seconds", Kind: collect.KindHistogram, Unit: "s", Count: 100, Min: 0.001, Mean: 0.0505, Max: 0.1},
			{Name: "size", Kind: collect.KindSummary, Count: 100, Mean: 49.5, P50: 49, P95: 94, P99: 98},
			{Name: "state", Kind: collect.KindEnum, State: "busy"},
		}
		for i := range s.Series {
			if q := &s.Series[i]; q.Name == "query_seconds" {
				for _, p := range []struct{ got, want float64 }{{q.P50, 0.050}, {q.P95, 0.095}, {q.P99, 0.099}, {q.Mean, 0.0505}} {
					if p.got < p.want*0.968 || p.got > p.want*1.032 {
						t.Errorf("a figure of the timer is %v, want %v", p.got, p.want)
					}
				}
				q.P50, q.P95, q.P99, q.Mean = 0, 0, 0, 0.0505
			}
		}
		if !reflect.DeepEqual(s.Series, want) {
			t.Errorf("series:\n%+v\nwant\n%+v", s.Series, want)
		}
	})
}

func TestStatusTellsOfProblems(t *testing.T) {
	t.Parallel()
	r := collect.NewRecorder(collect.Options{})
	r.Counter("n", nil).Add(-1)
	if s := r.Status(); len(s.Problems) != 1 || !strings.Contains(s.Problems[0], "lowering a counter") {
		t.Errorf("problems: %q", s.Problems)
	}
	off := collect.NewRecorder(collect.Options{Disabled: true})
	if s := off.Status(); !reflect.DeepEqual(s, collect.Status{}) || off.SeriesStatus() != nil {
		t.Errorf("a disabled recorder has the status %+v", s)
	}
}

// What a program of another version sends is read.
func TestKindAsText(t *testing.T) {
	t.Parallel()
	for kind := collect.KindValue; kind <= collect.KindEnum; kind++ {
		text, err := json.Marshal(collect.SeriesStatus{Kind: kind})
		var back collect.SeriesStatus
		if err != nil || json.Unmarshal(text, &back) != nil || back.Kind != kind {
			t.Errorf("kind %d is read back from %s as %v", kind, text, back.Kind)
		}
	}
	var later collect.SeriesStatus
	if err := json.Unmarshal([]byte(`{"kind":"sketch","value":3,"new":[]}`), &later); err != nil || later.Kind != collect.KindValue || later.Value != 3 {
		t.Errorf("a kind of later is read as %+v, %v", later, err)
	}
	if got := collect.Kind(99).String(); got != "kind 99" {
		t.Errorf("an unknown kind is called %q", got)
	}
}
