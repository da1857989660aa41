package ui_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/plumbline-ci/plumbline/internal/browsertest"
)

// All that the pages do, in a real browser and over a real store, served by the
// command that people call.
func TestDashboard(t *testing.T) {
	t.Parallel()
	b := browsertest.Start(t)
	d := serve(t, b)
	for _, row := range []struct {
		name string
		test func(*testing.T, *dashboard)
	}{
		{"pages", testPages}, {"hostile names", testHostileNames}, {"compare", testCompareAndSort}, {"history", testHistory}, {"keyboard", testKeyboard},
		{"figures", testFigures}, {"ten thousand metrics", testTenThousandMetrics}, {"a run arrives", testRunArrives},
	} {
		t.Run(row.name, func(t *testing.T) { row.test(t, d) })
	}
	t.Run("login", func(t *testing.T) { testLogin(t, b) })
}

// page is a page of the dashboard with something that it must show of the history
// in fixture_test.go.
type page struct {
	name, hash string
	want       []string
}

func allPages(newest string) []page {
	bench := "repository=acme%2Fshop&suite=bench&type=bench&branch=main"
	unit := "repository=acme%2Fshop&suite=unit&type=test&branch=main"
	return []page{
		{"overview", "#/", []string{"unit", "bench", "acme/shop", "60 runs"}},
		{"overview of a repository", "#/?repository=acme%2Fshop", []string{"feature/cart", "120 runs"}},
		{"runs", "#/runs?" + unit, []string{"main", "ok", newest}},
		{"run", "#/run?id=" + newest, []string{"Verdict:", "AMD EPYC 7763", "coverage.line_pct", "All values"}},
		{"metrics", "#/metrics?q=PARSE", []string{"bench/parse.ns_per_op", "lower"}},
		{"metric", "#/metric?metric=bench%2Fparse.ns_per_op&" + bench, []string{"ns/op", "regressed", "Levels", "up to"}},
		{"compare", "#/compare?base=branch:feature/cart&head=branch:main&" + unit, []string{"5 runs of feature/cart", "container.image_mb"}},
		{"tests", "#/tests?" + unit, []string{"TestOrder39", "test.flaky", "took"}},
		{"sizes", "#/sizes?" + unit, []string{"dist", "docs", "image"}},
		{"trends", "#/trends?" + bench, []string{"bench/parse.ns_per_op", "regressed", "step"}},
		{"gate", "#/gate?" + bench, []string{"Cried wolf", "bench", "Alerts of"}},
	}
}

// Each page shows what it is for, in both themes and on a telephone, to people who
// see it, who hear it and who have a keyboard alone.
func testPages(t *testing.T, d *dashboard) {
	p := d.open(t, "#/")
	for _, row := range allPages(d.newest("unit")) {
		d.visit(p, row.hash)
		text := p.Text("main")
		for _, want := range row.want {
			if !strings.Contains(text, want) {
				t.Errorf("%s: the page does not say %q:\n%s", row.name, want, text)
			}
		}
		p.Accessible()
		p.WholePicture(row.name)
		p.Look(true, false)
		p.WholePicture(row.name + " dark")
		p.Look(false, false)
		p.Do(chromedp.EmulateViewport(360, 740))
		var width int
		p.Eval("document.documentElement.scrollWidth", &width)
		if width > 360 {
			t.Errorf("%s: at 360 pixels the page is %d wide", row.name, width)
		}
		var torn []string
		p.Eval("[...document.querySelectorAll('nav a')].filter(a => a.offsetHeight > 50).map(a => a.innerText)", &torn)
		if len(torn) > 0 {
			t.Errorf("%s: at 360 pixels the words %q stand on several lines", row.name, torn)
		}
		p.WholePicture(row.name + " narrow")
		p.Do(chromedp.EmulateViewport(1280, 800))
	}
}

// Text from outside is text and nothing else, wherever it is shown, and links lead
// to pages of the dashboard alone.
func testHostileNames(t *testing.T, d *dashboard) {
	p := d.open(t, "#/")
	scope := url.Values{"repository": {evilOwner}, "suite": {"<i>suite</i>"}, "type": {"test"}, "branch": {evilBranch}}.Encode()
	metric := "metric=" + url.QueryEscape(evilMetric) + "&"
	shown := strings.NewReplacer("\u202e", `\u{202e}`).Replace(evilMetric)
	newest := d.newest("<i>suite</i>")
	for _, row := range []page{
		{"runs", "#/runs?" + scope, []string{evilBranch, "<i>suite</i>"}},
		{"overview", "#/?" + scope, []string{evilOwner, evilBranch}},
		{"run", "#/run?id=" + newest, []string{shown, "<u>", `"><script>`}},
		{"metrics", "#/metrics?" + scope, []string{shown}},
		{"metric", "#/metric?" + metric + scope, []string{shown, evilOwner}},
		{"metric of a run", "#/metric?run=" + newest + "&" + metric + scope, []string{shown}},
		{"compare", "#/compare?base=branch:" + url.QueryEscape(evilBranch) + "&head=latest&" + scope, []string{shown}},
		{"sizes", "#/sizes?" + scope, []string{"<img src=x onerror=alert(4)>"}},
		{"no page", "#/javascript:alert(1)", []string{"No such page"}},
		{"no run", "#/run?id=" + url.QueryEscape(`"><img src=x onerror=alert(5)>`), []string{"onerror"}},
	} {
		d.visit(p, row.hash)
		if row.name == "no run" {
			p.Problems() // the browser logs the 404
		}
		text := p.Text("body")
		for _, want := range row.want {
			if !strings.Contains(text, want) {
				t.Errorf("%s: the page does not say %q:\n%s", row.name, want, text)
			}
		}
		var foreign []string
		p.Eval(`[...document.querySelectorAll("main script, main img, main style, main iframe, main i, main u, main b, [onerror]")].map(e => e.outerHTML)
			.concat([...document.querySelectorAll("a")].map(a => a.getAttribute("href") ?? "#/").filter(h => !/^(#\/|#main$)/.test(h)))
			.concat(/[\u202a-\u202e\u2066-\u2069]/.test(document.body.innerText + document.title) ? ["turns the direction of writing"] : [])`, &foreign)
		if len(foreign) > 0 {
			t.Errorf("%s: the page has %q", row.name, foreign)
		}
		p.WholePicture("hostile " + row.name)
	}
}
