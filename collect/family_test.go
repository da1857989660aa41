package collect_test

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/plumbline-ci/plumbline/collect"
)

// filled is a recorder with one of each instrument.
func filled() *collect.Recorder {
	rec := collect.NewRecorder(collect.Options{Origin: collect.Origin{Branch: "main"}})
	rec.Describe("queue.depth", "jobs", "Jobs that wait.")
	rec.Describe("response.size", "B", "")
	rec.Counter("http.requests", collect.Tags{"route": "/", "code": "200"}).Add(3)
	rec.UpDownCounter("conns", nil).Add(-2)
	rec.Gauge("queue.depth", nil).Set(7)
	rec.Gauge("never.set", nil)
	rec.Timer("db.query_seconds", nil).Observe(time.Second)
	rec.Histogram("response.size", collect.Tags{"route": "/"}).Observe(512)
	rec.Summary("lag", nil).Observe(1.5)
	rec.Info("build").Set(collect.Tags{"version": "1"})
	rec.Enum("state", collect.Tags{"unit": "a", "zone": "b"}, "starting", "up").Set("up")
	rec.Record("noted", 1, nil)
	rec.Register("own", own{})
	return rec
}

type own struct{}

func (own) Metrics() []collect.Metric {
	return []collect.Metric{{Name: "own.value[k=a]", Value: 1, Unit: "s"}, {Name: "own.value[k=b]", Value: 2, Unit: "s"}, {Name: "conns", Value: 9}}
}
func (own) Sent() {}

func TestFamilies(t *testing.T) {
	t.Parallel()
	rec := filled()
	got := map[string]string{}
	for _, f := range rec.Families() {
		text := fmt.Sprintf("%d %s %q", f.Kind, f.Unit, f.Help)
		for _, s := range f.Series {
			text += fmt.Sprintf(" %v=%g", s.Tags, s.Value)
			if s.Distribution != nil {
				text += fmt.Sprintf(" %d %g %v", s.Distribution.Count, s.Distribution.Sum, s.Distribution.Buckets)
			}
			if s.Summary != nil {
				text += fmt.Sprintf(" %+v", *s.Summary)
			}
		}
		got[f.Name] = text
	}
	want := map[string]string{
		"http.requests":    `1  "" map[code:200 route:/]=3`,
		"conns":            `2  "" map[]=-2`,
		"queue.depth":      `3 jobs "Jobs that wait." map[]=7`,
		"db.query_seconds": `4 s "" map[]=0 1 1 [{1 1}]`,
		"response.size":    `4 B "" map[route:/]=0 1 512 [{512 1}]`,
		"lag":              `5  "" map[]=0 {Count:1 Sum:1.5 P50:1.5 P90:1.5 P95:1.5 P99:1.5}`,
		"build":            `6  "" map[version:1]=1`,
		"state":            `7  "" map[state:starting unit:a zone:b]=0 map[state:up unit:a zone:b]=1`,
		"own.value":        `0 s "" map[k:a]=1 map[k:b]=2`,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("Families() = %q\nwant %q", got, want)
	}
	if err := rec.Problems(); err == nil {
		t.Error("a name that is taken twice is no problem")
	}
	if off := (*collect.Recorder)(nil); off.Families() != nil || !off.Started().IsZero() {
		t.Error("a disabled recorder has families")
	}
}

// A described unit stands in runs, but not at how many values there were.
func TestDescribedUnit(t *testing.T) {
	t.Parallel()
	run, err := filled().Snapshot()
	if err != nil || run.ID == "" || run.Branch != "main" || run.Time.IsZero() {
		t.Fatalf("Snapshot() = %+v, %v", run.Origin, err)
	}
	for name, want := range map[string]collect.Unit{
		"response.size.mean[route=/]": "B", "response.size.count[route=/]": "", "queue.depth.max": "jobs",
		"db.query_seconds.p99": "s", "conns": "", "state[state=up,unit=a,zone=b]": "",
	} {
		if m, ok := run.Metric(name); !ok || m.Unit != want {
			t.Errorf("%s has unit %q (%v), want %q", name, m.Unit, ok, want)
		}
	}
	if _, ok := run.Metric("noted"); ok {
		t.Error("a snapshot takes what Record was called with")
	}
}

func TestSplitName(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, base string
		tags       collect.Tags
	}{
		{"build.seconds", "build.seconds", nil},
		{"step.seconds[job=unit,step=build]", "step.seconds", collect.Tags{"job": "unit", "step": "build"}},
		{"bench/Sort[int].ns_per_op", "bench/Sort[int].ns_per_op", nil},
		{"bench/Sort[int].ns_per_op[procs=8]", "bench/Sort[int].ns_per_op", collect.Tags{"procs": "8"}},
		{"t[case=add[1],suite=a]", "t", collect.Tags{"case": "add[1]", "suite": "a"}},
		{"t[case=add(1, 2),suite=a]", "t", collect.Tags{"case": "add(1, 2)", "suite": "a"}},
		{"t[case=x,a=1,suite=s]", "t", collect.Tags{"case": "x,a=1", "suite": "s"}},
		{"t[case=,suite=]", "t", collect.Tags{"case": "", "suite": ""}},
		{"t[]", "t[]", nil},
		{"", "", nil},
	} {
		base, tags := collect.SplitName(row.name)
		if base != row.base || !reflect.DeepEqual(tags, row.tags) {
			t.Errorf("SplitName(%q) = %q, %v, want %q, %v", row.name, base, tags, row.base, row.tags)
		}
		if back := collect.Name(base, tags); back != row.name {
			t.Errorf("Name(SplitName(%q)) = %q", row.name, back)
		}
	}
}

// A bucket has its high end, as the buckets of Prometheus have theirs.
func TestBucketsHaveTheirHighEnd(t *testing.T) {
	t.Parallel()
	for _, x := range []float64{1, 2, 8, 1024, 0.5, 1.0625, 1.5} {
		rec := collect.NewRecorder(collect.Options{})
		h := rec.Histogram("h", nil)
		h.Observe(x)
		if d := h.Snapshot(); len(d.Buckets) != 1 || d.Buckets[0].High != x {
			t.Errorf("%g is in the bucket %+v, want one that ends with it", x, d.Buckets)
		}
		h.Observe(x * (1 + 1e-12))
		if d := h.Snapshot(); len(d.Buckets) != 2 {
			t.Errorf("what is above %g is in its bucket: %+v", x, d.Buckets)
		}
	}
	rec := collect.NewRecorder(collect.Options{})
	h := rec.Histogram("h", nil)
	for _, x := range []float64{0, -1, -1e300, 1e-300} {
		h.Observe(x)
	}
	if d := h.Snapshot(); d.Count != 4 || len(d.Buckets) != 1 {
		t.Errorf("what is too small is in %+v, want one bucket", d.Buckets)
	}
}

func ExampleRecorder_Families() {
	rec := collect.NewRecorder(collect.Options{})
	rec.Describe("http.requests", "", "Requests by status code.")
	rec.Counter("http.requests", collect.Tags{"code": "200"}).Add(3)
	for _, f := range rec.Families() {
		for _, s := range f.Series {
			fmt.Println(f.Name, f.Help, s.Tags, s.Value)
		}
	}
	// Output: http.requests Requests by status code. map[code:200] 3
}
