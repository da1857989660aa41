package watch

import (
	"math"
	"testing"
	"time"

	"github.com/plumbline-ci/plumbline/collect"
)

func TestRates(t *testing.T) {
	t.Parallel()
	at := func(seconds int, series ...collect.SeriesStatus) collect.Status {
		return collect.Status{PID: 1, Started: began, Time: began.Add(time.Duration(seconds) * time.Second), Series: series}
	}
	n := func(v float64) collect.SeriesStatus {
		return collect.SeriesStatus{Name: "n", Kind: collect.KindCounter, Value: v}
	}
	timer := func(c int64) collect.SeriesStatus {
		return collect.SeriesStatus{Name: "t", Kind: collect.KindHistogram, Count: c}
	}
	h := &History{}
	h.Add(at(1, n(10)))
	one, two := n(0), timer(0)
	if r := h.rate(&one); !math.IsNaN(r) {
		t.Errorf("after one look the rate is %v", r)
	}
	h.Add(at(3, n(14), timer(6)))
	if a, b := h.rate(&one), h.rate(&two); a != 2 || b != 3 {
		t.Errorf("rates %v and %v, want 2 and 3", a, b)
	}
	h.Add(at(3, n(14), timer(6))) // at the same moment
	if a := h.rate(&one); a != 2 {
		t.Errorf("looked twice at one moment, the rate is %v, want 2", a)
	}
	again := at(1, n(1))
	again.Started = began.Add(time.Hour)
	h.Add(again)
	if r := h.rate(&one); !math.IsNaN(r) {
		t.Errorf("of a program that began anew the rate is %v", r)
	}
}

func TestCurves(t *testing.T) {
	t.Parallel()
	h := &History{}
	moment := func(ms int, cpu float64) collect.Usage {
		return collect.Usage{Time: began.Add(time.Duration(ms) * time.Millisecond), CPU: cpu, RSS: int64(ms)}
	}
	all := []collect.Usage{moment(0, 0), moment(1, 5), moment(1000, 0.5), moment(2000, 2.5)}
	h.Add(collect.Status{Started: began, Usage: all})
	h.Add(collect.Status{Started: began, Time: began.Add(1), Usage: append(all[2:], moment(3000, 2.5))}) // two of them again
	if got := h.loads.values; len(got) != 3 || got[0] != 50 || got[1] != 200 || got[2] != 0 || h.loads.most != 200 {
		t.Errorf("loads %v, the most %v, want 50, 200 and 0", got, h.loads.most)
	}
	if got := h.memory.values; len(got) != 4 || h.memory.now() != 3000 {
		t.Errorf("memory %v", got)
	}
	for i := range 3 * mostMoments {
		h.use([]collect.Usage{moment(4000+1000*i, 3)})
	}
	if len(h.loads.values) != mostMoments || len(h.loads.last(7)) != 7 || h.loads.most != 200 {
		t.Errorf("%d moments are kept, want %d", len(h.loads.values), mostMoments)
	}
}

func TestSpan(t *testing.T) {
	t.Parallel()
	for want, d := range map[string]time.Duration{
		"0s": -time.Second, "59s": 59*time.Second + 999*time.Millisecond, "1m 00s": time.Minute, "1h 05m": 65 * time.Minute, "3d 04h": 76 * time.Hour,
	} {
		if got := span(d); got != want {
			t.Errorf("span(%v) = %q, want %q", d, got, want)
		}
	}
}
