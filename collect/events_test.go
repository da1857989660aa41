package collect_test

import (
	"fmt"
	"math"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/plumbline-ci/plumbline/collect"
)

func TestEvents(t *testing.T) {
	t.Parallel()
	e := collect.NewEvents(collect.EventOptions{Most: 5})
	start := time.Date(2026, 5, 30, 12, 0, 0, 0, time.UTC)
	for i := range 8 {
		typ := []string{"query", "request"}[i%2]
		e.Add(collect.Event{Time: start.Add(time.Duration(i) * time.Second), Type: typ, Duration: time.Duration(i) * time.Second})
	}
	got := e.Recent("", 10)
	if len(got) != 5 || got[0].Duration != 7*time.Second || got[4].Duration != 3*time.Second || got[0].PID != os.Getpid() {
		t.Errorf("Recent = %v, want the newest five, newest first", got)
	}
	if got := e.Recent("query", 1); len(got) != 1 || got[0].Duration != 6*time.Second {
		t.Errorf("Recent(query) = %v", got)
	}
	if got := e.Slow(6*time.Second, 10); len(got) != 2 {
		t.Errorf("Slow = %v, want two", got)
	}
	want := collect.EventStats{Count: 4, Mean: 3, Min: 0, Max: 6}
	if got := e.Stats()["query"]; got != want {
		t.Errorf("Stats = %+v, want %+v: also of those that the ring has lost", got, want)
	}
	e.Clear()
	if e.Recent("", 10) != nil || len(e.Stats()) != 0 {
		t.Error("Clear left something")
	}
	e.Add(collect.Event{Type: "query"})
	if got := e.Recent("", 10); len(got) != 1 || got[0].Time.IsZero() {
		t.Errorf("after Clear: %v", got)
	}
}

func TestEventRates(t *testing.T) {
	t.Parallel()
	e := collect.NewEvents(collect.EventOptions{Most: 10_000, Slow: time.Second})
	for _, share := range []float64{-0.1, 1.1, math.NaN(), math.Inf(1)} {
		if e.SetRate(share) == nil || e.SetTypeRate("x", share) == nil {
			t.Errorf("rate %v was taken", share)
		}
	}
	for typ, share := range map[string]float64{"never": 0, "always": 1, "half": 0.5} {
		if err := e.SetTypeRate(typ, share); err != nil {
			t.Fatal(err)
		}
	}
	if err := e.SetRate(0.25); err != nil {
		t.Fatal(err)
	}
	const n = 2000
	for range n {
		for _, typ := range []string{"never", "always", "half", "unknown"} {
			e.Add(collect.Event{Type: typ})
		}
	}
	e.Add(collect.Event{Type: "never", Duration: time.Second})
	for typ, want := range map[string]float64{"never": 1, "always": n, "half": n / 2, "unknown": n / 4} {
		// Six standard deviations of the binomial, of which the largest is 22.
		if got := float64(len(e.Recent(typ, n+1))); math.Abs(got-want) > 6*22 || typ == "never" && got != want {
			t.Errorf("%s: %v events kept, want about %v", typ, got, want)
		}
	}
	if got := e.Stats()["never"].Count; got != n+1 {
		t.Errorf("the statistics have %d events, want all %d", got, n+1)
	}
}

func TestEventsAtOnce(t *testing.T) {
	t.Parallel()
	e := collect.NewEvents(collect.EventOptions{Most: 100})
	var wait sync.WaitGroup
	for w := range 8 {
		wait.Go(func() {
			for i := range 500 {
				e.Add(collect.Event{Type: fmt.Sprint(w % 3), Duration: time.Duration(i)})
				if i%50 == 0 {
					_ = e.SetTypeRate("0", 1)
					_, _ = e.Recent("1", 10), e.Stats()
				}
			}
		})
	}
	wait.Wait()
	if got := len(e.Recent("", 1000)); got != 100 {
		t.Errorf("%d events, want the ring full", got)
	}
	for i := range 5000 {
		e.Add(collect.Event{Type: fmt.Sprint("id ", i)})
	}
	if s := e.Stats(); len(s) > 1001 || s["other"].Count < 3900 {
		t.Errorf("%d types, %d events of others; want at most 1001", len(s), s["other"].Count)
	}
	var none *collect.Events
	none.Add(collect.Event{})
	none.Clear()
	if none.Recent("", 1) != nil || len(none.Stats()) != 0 || none.SetRate(1) != nil {
		t.Error("a nil ring holds something")
	}
}

func ExampleEvents() {
	events := collect.NewEvents(collect.EventOptions{Slow: time.Second})
	if err := events.SetTypeRate("query", 0); err != nil { // only the slow ones
		fmt.Println(err)
	}
	events.Add(collect.Event{Type: "query", Duration: 3 * time.Millisecond})
	events.Add(collect.Event{Type: "query", Duration: 2 * time.Second, Attributes: collect.Tags{"table": "users"}})
	for _, e := range events.Recent("query", 10) {
		fmt.Println(e.Duration, e.Attributes["table"])
	}
	fmt.Printf("%+v\n", events.Stats()["query"])
	// Output:
	// 2s users
	// {Count:2 Mean:1.0015 Min:0.003 Max:2}
}
