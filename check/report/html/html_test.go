package html_test

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/plumbline-ci/plumbline/check/report"
	"github.com/plumbline-ci/plumbline/check/report/html"
	"github.com/plumbline-ci/plumbline/internal/browsertest"
)

// drawn is a page with one chart, of a metric that went from 10 to 14 ms.
func drawn(t *testing.T) string {
	t.Helper()
	s := report.Series{Name: "bench/Parse", Unit: "ms", Better: "lower", Status: "regressed"}
	at := func(x float64) *float64 { return &x }
	for i := range 60 {
		when := time.Date(2026, 3, 1+i, 9, 30, 0, 0, time.UTC)
		p := report.Point{Run: fmt.Sprintf("run-%d", i), Commit: fmt.Sprintf("%040x", i+10), Time: &when, Other: i%9 == 4, Old: i < 30, Level: i >= 40}
		if i != 12 {
			p.Value = at(10 + 4*float64(i/30) + math.Sin(float64(i*i))/2)
		}
		s.Points = append(s.Points, p)
	}
	s.Head = []report.Point{{Run: "head", Value: at(17)}, {Run: "again", Value: at(16.6)}}
	s.Levels = []report.LevelSpan{{From: 0, To: 29, Value: 10}, {From: 30, To: 59, Value: 14}}
	s.Changes = []report.Change{{Before: 29, At: 30, From: 10, To: 14, Status: "regressed"}}
	s.Band, s.Limit = &report.Band{Low: at(12.9), High: at(15.1)}, at(15.6)
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	return browsertest.Write(t, []byte(`<!doctype html><html lang="en"><meta charset="utf-8"><title>chart</title><style>`+html.Theme+html.ChartStyle+
		`main { padding: 1rem }</style><main><h1>Chart</h1><div id="c"></div></main><script>`+html.ChartScript+
		`</script><script>window.opened = []; window.open = a => opened.push(a)
		window.chart = plumblineChart(document.getElementById('c'), `+string(text)+`, {link: p => p.commit && 'https://example.org/' + p.commit})</script>`))
}

func TestChart(t *testing.T) {
	t.Parallel()
	p := browsertest.Start(t).Open(t, drawn(t), browsertest.View{Width: 900, Height: 420})
	counts := func(selector string) (n int) {
		p.Eval(fmt.Sprintf("document.querySelectorAll(%q).length", selector), &n)
		return n
	}
	for selector, want := range map[string]int{
		".pl-dot": 59, ".pl-dot.pl-other": 7, ".pl-level": 2, ".pl-change": 1, ".pl-band": 1, ".pl-limit": 1, ".pl-head": 2, ".pl-again": 1, ".pl-legend li": 8,
	} {
		if got := counts(selector); got != want {
			t.Errorf("%d of %s, want %d", got, selector, want)
		}
	}
	p.Picture("chart light")
	p.Look(true, false)
	p.Picture("chart dark")
	p.Accessible()

	window := func() (w [2]float64) {
		p.Eval("[chart.from, chart.to]", &w)
		return w
	}
	p.Eval("document.querySelector('.pl-chart').focus()", nil)
	p.Keys(kb.ArrowLeft + kb.ArrowLeft + kb.ArrowLeft)
	if got, want := p.Text(".pl-said"), "run run-59"; !strings.Contains(got, want) || !strings.Contains(got, "29 Apr 2026 09:30 UTC") {
		t.Errorf("three steps to the left read %q, want %s", got, want)
	}
	p.Keys("++")
	near := window()
	if near[1]-near[0] > 40 || near[0] < 20 {
		t.Errorf("two keys of plus show %v", near)
	}
	p.Keys(kb.Enter)
	var opened []string
	p.Eval("opened", &opened)
	if len(opened) != 1 || opened[0] != "https://example.org/"+fmt.Sprintf("%040x", 69) {
		t.Errorf("the enter key opens %q", opened)
	}
	p.Keys("0")
	if all := window(); all != [2]float64{0, 61} {
		t.Errorf("the key 0 shows %v", all)
	}
	p.Do(chromedp.DragAndDropXY(300, 150, 600, 200))
	if near := window(); near[0] < 10 || near[1] > 50 || near[1]-near[0] < 10 {
		t.Errorf("dragging over the middle shows %v", near)
	}
	p.Picture("chart zoomed")
	p.Eval("document.querySelector('.pl-chart').dispatchEvent(new WheelEvent('wheel', {deltaY: 500, ctrlKey: true, clientX: 450, bubbles: true, cancelable: true}))", nil)
	if again := window(); again[1]-again[0] < 12 {
		t.Errorf("the wheel shows %v", again)
	}
	p.Eval("chart.draw({name: 'a', points: []})", nil)
	if n := counts(".pl-dot"); n != 0 {
		t.Errorf("an empty series has %d dots", n)
	}
}
