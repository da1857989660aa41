package ui_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/plumbline-ci/plumbline/internal/browsertest"
)

func testTenThousandMetrics(t *testing.T, d *dashboard) {
	large := d.addLarge(t, 10_000)
	p := d.open(t, "#/run?id="+large)
	if text := p.Text("main"); !strings.Contains(text, "10,000 metrics") {
		t.Errorf("the page does not say that there are 10,000 metrics: %.300s", text)
	}
	var rows int
	p.Eval(`document.querySelectorAll("tbody tr").length`, &rows)
	if rows == 0 || rows > 400 {
		t.Errorf("the page has %d rows at once, want some and not all", rows)
	}
	p.Click("#main .more")
	p.Type("#q", "case=t4242")
	p.Wait(`document.querySelectorAll("tbody tr").length === 2`)
	p.Click("tbody a")
	p.Wait(`document.querySelector("h1").textContent.includes("case=t4242")`)

	d.visit(p, "#/metrics")
	p.Type("#q", "T777 large")
	p.Wait(`document.querySelectorAll("tbody tr").length === 11`) // t777 and t7770 to t7779
	if got := p.Texts("tbody tr")[0]; !strings.Contains(got, "case=t777,") {
		t.Errorf("the first metric found is %q, want t777", got)
	}
}

// Runs are compared from their list, and the order of a table is in its address.
func testCompareAndSort(t *testing.T, d *dashboard) {
	p := d.open(t, "#/runs?repository=acme%2Fshop&suite=bench&type=bench")
	p.Click("tbody tr:nth-child(30) input[name=base]")
	p.Click("tbody tr:nth-child(1) input[name=head]")
	p.Click("a.button")
	p.Wait(`document.querySelector("#caption-compare")`)
	first := p.Texts("tbody tr")[0]
	for _, want := range []string{"bench/parse.ns_per_op", "worse", "+"} {
		if !strings.Contains(first, want) {
			t.Errorf("the first row is %q, want %q in it: the worst comes first", first, want)
		}
	}
	names := func() []string { return p.Texts("tbody th") }
	p.Click("thead th:first-child button")
	if got := names(); !slices.IsSorted(got) || len(got) != 13 {
		t.Errorf("sorted by name: %q", got)
	}
	p.Click("thead th:first-child button")
	want := names()
	if slices.IsSorted(want) {
		t.Errorf("sorted by name, the last first: %q", want)
	}
	p.Eval("location.reload()", nil)
	p.Wait(`document.querySelector("[aria-sort=descending]")`)
	if got := names(); !slices.Equal(got, want) {
		t.Errorf("after the bookmark was opened: %q, want %q", got, want)
	}
	p.Type("#q", "step01")
	p.Wait(`document.querySelectorAll("tbody tr").length === 1`)
	if got := names(); !slices.Equal(got, []string{"bench/step01.ns_per_op"}) {
		t.Errorf("found %q, want step01 alone", got)
	}
}

// A run that comes while a page is open is on it soon, said to those who do not see
// it, and takes nobody's place away. To whom no events get through asks by himself.
func testRunArrives(t *testing.T, d *dashboard) {
	const hash = "#/runs?repository=acme%2Fshop&suite=unit&type=test"
	deaf := d.browser.Open(t, d.withoutEvents(t)+"/"+hash, browsertest.View{})
	deaf.Wait(shown)
	deaf.Wait(`document.querySelector("#live").textContent === "polling"`)
	p := d.open(t, hash)
	p.Wait(`document.querySelector("#live").textContent === "live"`)
	p.Eval(`document.querySelector("tbody tr:nth-child(3) a").focus()`, nil)
	focus := p.Text(":focus")
	came := fmt.Sprintf("document.querySelector('tbody tr').innerText.includes(%q)", d.addShop(t))
	p.Wait(came)
	if got := p.Text(":focus"); got != focus {
		t.Errorf("the focus is on %q, was on %q", got, focus)
	}
	if got := p.Texts("#status")[0]; got != "1 new run came in." {
		t.Errorf("it is said that %q", got)
	}
	deaf.Wait(came)
	deaf.Problems() // the browser logs the refusals
}

// From the front page to a run by the keyboard alone.
func testKeyboard(t *testing.T, d *dashboard) {
	p := d.open(t, "#/")
	p.Keys(kb.Tab)
	if got := p.Text(":focus"); got != "Skip to the content" {
		t.Errorf("the first stop is %q, want the way past the navigation", got)
	}
	p.Keys("/")
	p.Keys("PARSE ns_per" + kb.Enter)
	p.Wait(`document.querySelector("h1").textContent === "Metrics" && document.querySelector("tbody")`)
	if got := p.Text(":focus"); got != "Metrics" {
		t.Errorf("the focus is on %q, want the heading of the new page", got)
	}
	tabTo(p, "bench/parse.ns_per_op")
	p.Keys(kb.Enter)
	p.Wait(`document.querySelector(".pl-chart svg .pl-level")`)
	tabTo(p, "History of bench/parse.ns_per_op")
	p.Keys(kb.ArrowLeft)
	if got := p.Texts(".pl-said")[0]; !strings.Contains(got, "ns/op") || !strings.Contains(got, "UTC") {
		t.Errorf("an arrow in the chart says %q, want value and time of a run", got)
	}
}

// tabTo presses the tab key until the focus is on what begins so.
func tabTo(p *browsertest.Page, name string) {
	for range 40 {
		p.Keys(kb.Tab)
		var at string
		p.Eval(`(document.activeElement.getAttribute("aria-label") ?? document.activeElement.innerText).trim()`, &at)
		if strings.HasPrefix(at, name) {
			return
		}
	}
}

// The chart has what the API says: a point a run, both levels and the change
// between them. It shows more of less, and a click on a run opens it.
func testHistory(t *testing.T, d *dashboard) {
	const hash = "#/metric?metric=bench%2Fparse.ns_per_op&repository=acme%2Fshop&suite=bench&type=bench"
	p := d.open(t, hash)
	p.Wait(`document.querySelector(".pl-chart svg .pl-level")`)
	seen := func() (n [3]int) {
		p.Eval(`[".pl-dot", ".pl-level", ".pl-change"].map(s => document.querySelectorAll(s).length)`, &n)
		return n
	}
	if got, want := seen(), [3]int{mainRuns, 2, 1}; got != want {
		t.Errorf("points, levels and changes are %v, want %v", got, want)
	}
	p.Do(chromedp.MouseEvent(chromedp.MouseMoved, 700, float64(top(p))+100))
	if got := p.Text(".pl-tip"); !strings.Contains(got, "ns/op") || !strings.Contains(got, "run ") {
		t.Errorf("under the mouse is %q, want the value of a run", got)
	}
	p.Picture("metric hover")
	p.Eval(`document.querySelector(".pl-chart").focus()`, nil)
	p.Keys("+++")
	if got := seen(); got[0] >= mainRuns {
		t.Errorf("%d points after zooming in, want fewer than %d", got[0], mainRuns)
	}
	p.Picture("metric zoomed")
	p.Keys("0")
	if got := seen(); got[0] != mainRuns {
		t.Errorf("%d points after zooming out, want %d", got[0], mainRuns)
	}

	d.visit(p, "#/metric?metric=bench%2Fparse.ns_per_op&run="+d.newest("bench"))
	p.Wait(`document.querySelector(".pl-head")`)
	if got, want := seen(), [3]int{mainRuns - 1, 2, 1}; got != want {
		t.Errorf("before the head run, points, levels and changes are %v, want %v", got, want)
	}
	if got := p.Texts(".pl-legend li"); !slices.Contains(got, "passes for noise") || !slices.Contains(got, "head") {
		t.Errorf("the legend of a judged run is %q, want the band and the head in it", got)
	}
	p.Picture("metric of a run")

	d.visit(p, hash)
	day := d.runs[0].Time.AddDate(0, 0, 5).Format("2006-01-02")
	p.Eval(fmt.Sprintf(`(e => { e.value = %q; e.dispatchEvent(new Event("change")) })(document.querySelector("#since"))`, day), nil)
	p.Wait(`document.querySelector("#all-time") && document.querySelector(".pl-level")`)
	if got := seen(); got[0] >= mainRuns-20 || got[0] < 10 {
		t.Errorf("%d points since %s, want about half of %d", got[0], day, mainRuns)
	}
}

func top(p *browsertest.Page) (y int) {
	p.Eval(`Math.round(document.querySelector(".pl-chart").getBoundingClientRect().top)`, &y)
	return y
}

// Who is asked for a token types it once.
func testLogin(t *testing.T, b *browsertest.Browser) {
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte("0123456789abcdef0123\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	d := serve(t, b, "--token-file", token)
	p := d.browser.Open(t, d.address, browsertest.View{})
	p.Wait(`document.querySelector("#token")`)
	p.Accessible()
	p.Picture("login")
	p.Type("#token", "wrong"+kb.Enter)
	p.Wait(`document.querySelector("[role=alert]")`)
	if all := p.Problems(); len(all) != 1 || !strings.Contains(all[0], "401") {
		t.Errorf("a wrong token: the page %q, want only that it is told of", all)
	}
	p.Accessible()
	p.Picture("login wrong")
	p.Type("#token", "0123456789abcdef0123"+kb.Enter)
	p.Wait(shown)
	if got := p.Text("h1"); got != "Overview" {
		t.Errorf("after the login: %q", got)
	}
	var script string
	p.Eval("document.cookie", &script)
	if script != "" {
		t.Errorf("script can read the cookie %q", script)
	}
}
