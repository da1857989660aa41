package html_test

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/check/report"
	"github.com/plumbline-ci/plumbline/collect"
	"github.com/plumbline-ci/plumbline/internal/browsertest"
)

// suite is a head run and a baseline of fifty runs with so many metrics: times,
// counts and sizes, of which every fortieth got worse.
func suite(metrics int, names ...string) (collect.Run, baseline.Baseline) {
	noise := rand.New(rand.NewPCG(3, 4))
	amd := collect.Runner{OS: "linux", Arch: "amd64", CPUModel: "AMD EPYC 7763", Cores: 4, Image: "ubuntu-24.04"}
	var b baseline.Baseline
	for i := range 50 {
		o := collect.Origin{
			ID: fmt.Sprintf("%08x-58cc-4372-a567-0e02b2c3d479", 0x10000000+i*7919), Commit: fmt.Sprintf("%08x%032d", 0x9fceb02d+7919*i, i), Branch: "main",
			Time: time.Date(2026, 2, 1+i, 9, 30, 0, 0, time.UTC), Runner: amd,
		}
		if i%10 == 7 {
			o.Runner.CPUModel = "Intel Xeon 8370C"
		}
		b.Runs = append(b.Runs, o)
	}
	head := collect.Run{Origin: collect.Origin{
		ID: "550e8400-e29b-41d4-a716-446655440000", Commit: "4f3a9c1e5b7d9f1a3c5e7f9b1d3f5a7c9e1b3d5f", Branch: "fast-parse",
		Time: time.Date(2026, 4, 6, 8, 15, 45, 0, time.UTC), Runner: amd,
	}}
	for j := range metrics {
		m := collect.Metric{Name: fmt.Sprintf("bench/github.com/acme/shop/internal/pkg%d.Case%d.ns_per_op", j/25, j), Unit: "ns/op"}
		base, spread := 100*math.Exp(4*noise.Float64()), 0.01+0.03*noise.Float64()
		switch {
		case j < len(names):
			m.Name = names[j]
		case j%5 == 3:
			m.Name, m.Unit, spread = fmt.Sprintf("bench/github.com/acme/shop/internal/pkg%d.Case%d.allocs_per_op", j/25, j), "allocs/op", 0
			base = math.Round(base)
		case j%5 == 4:
			m.Name, m.Unit, spread = fmt.Sprintf("test.case_seconds[suite=shop/pkg%d,case=TestCase%d]", j/25, j), "s", 0.05
			base /= 1000
		}
		col := make([]float64, len(b.Runs))
		for i := range col {
			level := base
			if j%16 == 0 && i < 25 {
				level *= 1.3
			}
			col[i] = level * (1 + spread*noise.NormFloat64())
			if j%11 == 10 && i%7 == 3 {
				col[i] = math.NaN()
			}
		}
		m.Value = base * (1 + spread*noise.NormFloat64())
		if j%40 == 0 {
			m.Value = base * 1.45
		}
		if j%40 == 21 {
			m.Value = base * 0.7
		}
		if j%100 != 99 {
			b.Metrics, b.Values = append(b.Metrics, m), append(b.Values, col)
		}
		head.Metrics = append(head.Metrics, m)
	}
	gone := collect.Metric{Name: "artifact.docs_mb", Unit: "MB", Value: 2.5}
	b.Metrics, b.Values = append(b.Metrics, gone), append(b.Values, slices.Repeat([]float64{2.5}, len(b.Runs)))
	return head, b
}

// paged is what the check of a suite says, and its re-run.
func paged(metrics int, names ...string) (p struct {
	page report.Page
	all  check.Explained
}) {
	head, b := suite(metrics, names...)
	again := head
	again.Origin.ID, again.RerunOf = "again", head.ID
	five := check.Limit{Kind: check.Percent, Value: 5}
	p.all = check.ExplainAll([]collect.Run{head, again}, b, check.Thresholds{Limit: &five})
	p.page = report.NewPage(p.all.Result, report.Links{
		Run: "https://github.com/acme/shop/actions/runs/1", Commits: "https://github.com/acme/shop/commit/",
	})
	return p
}

// written is the page of a suite.
func written(t testing.TB, metrics int, names ...string) []byte {
	t.Helper()
	p := paged(metrics, names...)
	var page bytes.Buffer
	if err := report.HTML(&page, p.page, p.all); err != nil {
		t.Fatal(err)
	}
	return page.Bytes()
}

func TestPage(t *testing.T) {
	t.Parallel()
	p := browsertest.Start(t).Open(t, browsertest.Write(t, written(t, 200)), browsertest.View{Width: 1280, Height: 900})
	if got := p.Text("h1"); !strings.HasPrefix(got, "regression ") || !strings.Contains(got, "of 202 metrics got worse than 50 runs of main allow") {
		t.Errorf("the page begins with %q", got)
	}
	p.Picture("page light")
	p.Look(true, false)
	p.Picture("page dark")
	p.Accessible()
	table(t, p)
	details(t, p)
	onPaper(t, p)
	p.Do(chromedp.EmulateViewport(390, 844))
	p.Look(false, false)
	p.Eval("window.scrollTo(0, 0)", nil)
	p.Picture("page narrow")
	var wide bool
	if p.Eval("document.documentElement.scrollWidth > innerWidth", &wide); wide {
		t.Error("a narrow window scrolls sideways")
	}
}

// table sorts and filters by keys and by the mouse.
func table(t *testing.T, p *browsertest.Page) {
	t.Helper()
	first := func() string { return p.Text("#metrics tbody tr .name") }
	if got := p.Text("#metrics tbody tr .chip"); got != "regressed" {
		t.Errorf("the table begins with one that is %q", got)
	}
	p.Eval("document.querySelector('[data-sort=name]').focus()", nil)
	p.Keys(kb.Enter)
	if got, sorted := first(), p.Texts("#metrics [aria-sort=ascending]"); got != "artifact.docs_mb" || len(sorted) != 1 || sorted[0] != "metric" {
		t.Errorf("sorted by name the first is %q, sorted columns %q", got, sorted)
	}
	p.Keys(kb.Enter)
	if got := first(); !strings.HasPrefix(got, "test.case_seconds") {
		t.Errorf("sorted by name downwards the first is %q", got)
	}
	p.Click("[data-sort=change]")
	p.Click("[data-status=improved]")
	if got := p.Texts("#metrics tbody .chip"); len(got) == 0 || slices.ContainsFunc(got, func(s string) bool { return s != "improved" }) {
		t.Errorf("only the improved are %q", got)
	}
	p.Picture("page filtered")
	p.Click("[data-status=improved]")
	p.Type("#filter", "pkg3 CASE9")
	p.Wait("document.querySelectorAll('#metrics tbody .name').length === 10")
	if got := p.Text("#shown"); got != "10 of 202 metrics" {
		t.Errorf("the table says it shows %q", got)
	}
	p.Type("#filter", "nothing is called so")
	p.Wait("document.querySelector('#metrics .none')")
	p.Eval("(f => { f.value = ''; f.dispatchEvent(new Event('input')) })(document.getElementById('filter'))", nil)
	p.Wait("document.querySelectorAll('#metrics tbody .name').length >= 60")
}

// details opens a metric of the table and its chart.
func details(t *testing.T, p *browsertest.Page) {
	t.Helper()
	p.Click("[data-sort=status]")
	p.Eval("document.querySelector('#metrics tbody .name').focus()", nil)
	p.Keys(kb.Enter)
	p.Wait("document.querySelector('.detail .pl-chart')")
	for _, want := range []string{"baseline", "limit", "5%", "re-runs", "which agree", "found every second time"} {
		if got := p.Text(".detail"); !strings.Contains(got, want) {
			t.Errorf("the details of a metric say %q, want %q", got, want)
		}
	}
	p.Eval("document.querySelector('.detail .pl-chart').focus({preventScroll: true}), document.querySelector('.detail').scrollIntoView({block: 'center'})", nil)
	p.Keys(kb.ArrowLeft + kb.ArrowLeft + kb.ArrowLeft)
	if got := p.Text(".detail .pl-said"); !strings.Contains(got, "22 Mar 2026 09:30 UTC") || !strings.Contains(got, "ns/op") {
		t.Errorf("the newest run reads %q", got)
	}
	p.Picture("page details")
	p.Eval("document.querySelector('#metrics tbody .name').click()", nil)
	if got := p.Texts(".detail"); len(got) != 0 {
		t.Errorf("closed, there are details: %q", got)
	}
}

func onPaper(t *testing.T, p *browsertest.Page) {
	t.Helper()
	p.Look(true, true)
	p.Eval("dispatchEvent(new Event('beforeprint'))", nil)
	var drawn, rows int
	p.Eval("document.querySelectorAll('.card .pl-chart').length", &drawn)
	p.Eval("document.querySelectorAll('#metrics tbody tr').length", &rows)
	if drawn < 3 || rows != 202 {
		t.Errorf("on paper there are %d charts and %d rows, want all", drawn, rows)
	}
	var ground string
	if p.Eval("getComputedStyle(document.documentElement).backgroundColor", &ground); ground != "rgb(255, 255, 255)" {
		t.Errorf("paper is %s", ground)
	}
	p.WholePicture("page on paper")
}

// Ten thousand metrics are sorted and filtered while one waits.
func TestPageOfMany(t *testing.T) {
	t.Parallel()
	text := written(t, 10_000)
	p := browsertest.Start(t).Open(t, browsertest.Write(t, text), browsertest.View{})
	rows := func() (n int) {
		p.Eval("document.querySelectorAll('#metrics tbody tr').length", &n)
		return n
	}
	if n := rows(); n > 200 {
		t.Errorf("%d rows are made at once", n)
	}
	p.Picture("page of 10000")
	p.Click("[data-sort=change]")
	p.Type("#filter", "pkg399 case9999")
	p.Wait("document.querySelectorAll('#metrics tbody .name').length === 1")
	p.Eval("(f => { f.value = ''; f.dispatchEvent(new Event('input')) })(document.getElementById('filter'))", nil)
	p.Wait("document.querySelectorAll('#metrics tbody .name').length >= 60")
	p.Eval("document.getElementById('more').scrollIntoView()", nil)
	p.Wait("document.querySelectorAll('#metrics tbody tr').length >= 120")
	if got := p.Text("#shown"); got != "10,002 metrics" {
		t.Errorf("the table says it shows %q", got)
	}
	t.Logf("%d bytes of 10,000 metrics", len(text))
}

// hostile are names that want to be more than text.
var hostile = []string{
	"<script>window.owned = 1</script>", "</script><script>window.owned = 1</script>", "<!--<script>", "]]>", `"><img src=x onerror=window.owned=1>`,
	"a\u202egnp.exe", "a\u2066b\u2069", "' onmouseover='window.owned=1", "{{constructor}}", "\u2028\u2029", "</textarea></title></style>", "\x1b[31mred\x00",
	"javascript:window.owned=1", strings.Repeat("long", 200), "ログイン[case=パスワード]", "&lt;b&gt;",
}

func TestPageOfHostileNames(t *testing.T) {
	t.Parallel()
	text := written(t, 60, hostile...)
	if strings.Count(string(text), "<script") != 2 || strings.Count(string(text), "</script") != 2 || bytes.Contains(text, []byte("<!--")) {
		t.Error("a name opens or closes a script of the page")
	}
	if bytes.ContainsFunc(text, func(r rune) bool { return strings.ContainsRune("\u202e\u2066\u2028\u200b\x1b\x00", r) }) {
		t.Error("the page has characters that turn or end text")
	}
	p := browsertest.Start(t).Open(t, browsertest.Write(t, text), browsertest.View{})
	var owned bool
	if p.Eval("'owned' in window", &owned); owned {
		t.Error("a name runs as a script")
	}
	names := p.Texts("#metrics .name")
	for _, want := range []string{"<script>window.owned = 1</script>", "<!--<script>", "agnp.exe", "&lt;b&gt;", "ログイン[case=パスワード]"} {
		if !slices.Contains(names, want) {
			t.Errorf("no metric is shown as %q", want)
		}
	}
	p.Accessible()
	p.Picture("page hostile")
}

// The page of a result without anything has its words, and nothing breaks.
func TestPageOfNothing(t *testing.T) {
	t.Parallel()
	var text bytes.Buffer
	r := check.Result{Verdict: check.Pass}
	r.Blind("the baseline could not be read: the network is down", "")
	if err := report.HTML(&text, report.NewPage(r, report.Links{}), check.Explained{Result: r}); err != nil {
		t.Fatal(err)
	}
	p := browsertest.Start(t).Open(t, browsertest.Write(t, text.Bytes()), browsertest.View{Width: 900, Height: 500})
	if got := p.Text("h1") + p.Text("#metrics .none"); !strings.Contains(got, "inconclusive the baseline could not be read") || !strings.Contains(got, "the run has no metrics") {
		t.Errorf("the page says %q", got)
	}
	p.Accessible()
	p.Picture("page of nothing")
}

// A page of a thousand metrics by fifty runs is sent by mail and kept with runs.
func TestPageSize(t *testing.T) {
	t.Parallel()
	if n := len(written(t, 1000)); n >= 1_000_000 {
		t.Errorf("the page of 1,000 metrics has %d bytes", n)
	} else {
		t.Logf("%d bytes of 1,000 metrics", n)
	}
}

// BenchmarkPage is how long Chromium takes by its own clock until the page of so many
// metrics by fifty runs is drawn and listens, beside an empty page, and until a word in
// its filter has left the rows that have it.
//
//	go test ./check/report/html -run '^$' -bench Page -benchtime 30x
func BenchmarkPage(b *testing.B) {
	browser := browsertest.Start(b)
	empty := browsertest.Write(b, []byte("<!doctype html><title>empty</title>"))
	for _, metrics := range []int{1000, 10_000} {
		full := browsertest.Write(b, written(b, metrics))
		b.Run(fmt.Sprintf("metrics=%d", metrics), func(b *testing.B) {
			p := browser.Open(b, empty, browsertest.View{})
			took := func(address string) float64 {
				p.Do(chromedp.Navigate("about:blank"), chromedp.Navigate(address))
				return tookMs(p, loaded)
			}
			var empties, fulls, filters []float64
			for b.Loop() {
				empties, fulls = append(empties, took(empty)), append(fulls, took(full))
				filters = append(filters, tookMs(p, filtered))
			}
			p.Problems() // the empty page's address is another
			e, f := middle(empties), middle(fulls)
			b.ReportMetric(e, "empty-ms")
			b.ReportMetric(f, "page-ms")
			b.ReportMetric(f/e, "ratio")
			b.ReportMetric(middle(filters), "filter-ms")
			b.ReportMetric(0, "ns/op") // of all three together, and of the way to the browser
		})
	}
}

// loaded is done when a page is loaded, drawn, and has nothing more to do.
const loaded = `const next = () => requestAnimationFrame(() => setTimeout(() => done(performance.now())))
document.readyState === 'complete' ? next() : addEventListener('load', next)`

// filtered is done when a word is typed and what it leaves is drawn.
const filtered = `const field = document.getElementById('filter'), began = performance.now()
new MutationObserver(() => requestAnimationFrame(() => setTimeout(() => done(performance.now() - began)))).observe(document.getElementById('shown'), {childList: true})
field.value = 'case7'
field.dispatchEvent(new Event('input'))`

// tookMs is the milliseconds that a script in the page calls done with.
func tookMs(p *browsertest.Page, script string) (ms float64) {
	p.Eval("new Promise(done => {"+script+"})", &ms)
	return ms
}

func middle(all []float64) float64 {
	slices.Sort(all)
	return all[len(all)/2]
}
