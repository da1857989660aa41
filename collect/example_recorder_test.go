package collect_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/plumbline-ci/plumbline/collect"
)

func ExampleRecorder() {
	dir, err := os.MkdirTemp("", "store")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	ctx := context.Background()
	rec := collect.NewRecorder(collect.Options{Path: dir, Origin: collect.Origin{Branch: "main"}})
	rec.Counter("jobs.done", nil).Add(3)
	rec.Record("job_seconds", 1.5, nil)
	rec.Record("job_seconds", 1.7, nil)
	if _, err := rec.Flush("worker", collect.Tags{"queue": "mail"}); err != nil {
		fmt.Println(err)
	}
	unwritten, err := rec.Close(ctx)
	fmt.Println(len(unwritten), err)
	// Output: 0 <nil>
}

func ExampleCounter() {
	rec := collect.NewRecorder(collect.Options{})
	requests := rec.Counter("http.requests", collect.Tags{"route": "/"})
	requests.Inc()
	requests.Add(2)
	fmt.Println(requests.Value())
	// Output: 3
}

func ExampleUpDownCounter() {
	rec := collect.NewRecorder(collect.Options{})
	open := rec.UpDownCounter("connections.open", nil)
	open.Inc()
	open.Inc()
	open.Dec()
	fmt.Println(open.Value())
	// Output: 1
}

func ExampleGauge() {
	rec := collect.NewRecorder(collect.Options{})
	depth := rec.Gauge("queue.depth", nil)
	for _, n := range []float64{4, 10, 1} {
		depth.Set(n)
	}
	fmt.Printf("%+v\n", depth.Stats())
	// Output: {Value:1 Min:1 Max:10 Mean:5 Count:3}
}

func ExampleTimer() {
	rec := collect.NewRecorder(collect.Options{})
	queries := rec.Timer("db.query_seconds", nil)
	err := queries.TimeContext(context.Background(), func(context.Context) error { return errors.New("no such table") })
	watch := queries.Start()
	watch.Stop()
	queries.Observe(time.Second)
	d := queries.Snapshot()
	fmt.Println(d.Count, d.Max, err)
	// Output: 3 1 no such table
}

func ExampleHistogram() {
	rec := collect.NewRecorder(collect.Options{})
	sizes := rec.Histogram("response.size_bytes", nil)
	for i := range 1000 {
		sizes.Observe(float64(i + 1))
	}
	d := sizes.Snapshot()
	fmt.Printf("%d values, mean %.1f, p99 %.0f\n", d.Count, d.Mean(), d.Quantile(0.99))
	// Output: 1000 values, mean 500.5, p99 990
}

func ExampleSummary() {
	rec := collect.NewRecorder(collect.Options{})
	lag := rec.Summary("replica.lag_seconds", nil)
	for i := range 100 {
		lag.Observe(float64(i))
	}
	fmt.Printf("%+v\n", lag.Stats())
	// Output: {Count:100 Sum:4950 P50:49 P90:89 P95:94 P99:98}
}

func ExampleInfo() {
	rec := collect.NewRecorder(collect.Options{})
	rec.Info("build").Set(collect.Tags{"version": "1.2.3"})
	for _, m := range rec.Metrics() {
		fmt.Println(m.Name, m.Value)
	}
	// Output: build[version=1.2.3] 1
}

func ExampleEnum() {
	rec := collect.NewRecorder(collect.Options{})
	state := rec.Enum("service.state", nil, "starting", "up")
	state.Set("up")
	fmt.Println(state.State())
	for _, m := range rec.Metrics() {
		fmt.Println(m.Name, m.Value)
	}
	// Output:
	// up
	// service.state[state=starting] 0
	// service.state[state=up] 1
}

func ExampleVec() {
	rec := collect.NewRecorder(collect.Options{})
	requests := rec.CounterVec("http.requests", "method", "code")
	requests.With("GET", "200").Inc()
	requests.With("GET", "404").Inc()
	requests.With("GET", "200").Inc()
	for _, m := range rec.Metrics() {
		fmt.Println(m.Name, m.Value)
	}
	// Output:
	// http.requests[code=200,method=GET] 2
	// http.requests[code=404,method=GET] 1
}

func ExampleRecorder_Overview() {
	rec := collect.NewRecorder(collect.Options{})
	rec.Counter("cache.hits", nil).Add(3)
	rec.Counter("cache.misses", nil).Inc()
	rec.Counter("errors", nil).Inc()
	fmt.Println(rec.Overview().HitRates)
	// Output: map[cache:0.75]
}

// A pool of connections tells its own figures, and begins anew with each run.
type pool struct{ opened, idle float64 }

func (p *pool) Open() { p.opened++; p.idle++ }

func (p *pool) Metrics() []collect.Metric {
	return []collect.Metric{
		{Name: "pool.opened", Value: p.opened, Better: collect.Lower},
		{Name: "pool.idle", Value: p.idle, Better: collect.None},
	}
}

func (p *pool) Sent() { p.opened = 0 }

func ExampleCustom() {
	rec := collect.NewRecorder(collect.Options{})
	p := &pool{}
	rec.Register("pool", p)
	p.Open()
	for _, m := range rec.Metrics() {
		fmt.Println(m.Name, m.Value)
	}
	// Output:
	// pool.idle 1
	// pool.opened 1
}

func ExampleRecorder_Batches() {
	rec := collect.NewRecorder(collect.Options{})
	mails := rec.Batches("mails")
	mails.Created(3)
	mails.Finished(2*time.Second, 2, 1)
	for _, m := range rec.Metrics() {
		switch m.Name {
		case "mails.created", "mails.size.max", "mails.items[outcome=failed]":
			fmt.Println(m.Name, m.Value)
		}
	}
	// Output:
	// mails.created 1
	// mails.items[outcome=failed] 1
	// mails.size.max 3
}

// A handler has what happens while it happens. Here it is standard output; a slow
// or dead one would stop nobody.
func ExampleRecorder_AddHandler() {
	rec := collect.NewRecorder(collect.Options{})
	rec.AddHandler("stdout", collect.ToStream(os.Stdout), collect.HandlerOptions{})
	rec.Events().Add(collect.Event{
		Type: "db.query", Time: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), PID: 7,
		Duration: 250 * time.Millisecond, Attributes: collect.Tags{"table": "users"},
	})
	if err := rec.RemoveHandler(context.Background(), "stdout"); err != nil {
		fmt.Println(err)
	}
	// Output: {"event":"db.query","time":"2026-03-01T12:00:00Z","pid":7,"seconds":0.25,"attributes":{"table":"users"}}
}
