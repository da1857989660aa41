package browsertest

import (
	_ "embed"
	"encoding/json"
	"slices"
	"strings"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// accessibleScript checks the page as it is rendered: contrast, headings, tables,
// references between elements, roles.
//
//go:embed accessible.js
var accessibleScript string

// named are the roles that say nothing without a name.
var named = []string{
	"button", "link", "textbox", "searchbox", "combobox", "listbox", "checkbox", "radio", "switch", "slider", "spinbutton",
	"img", "image", "figure", "table", "grid", "dialog", "tab", "tabpanel", "menuitem", "RootWebArea", "heading", "graphics-document",
}

// mostStops is how far the tab key is followed.
const mostStops = 60

// Accessible fails the test for what keeps people from using the page, in both
// themes: text without contrast, controls and pictures without a name, headings out of
// order, a focus that cannot be seen or that jumps about.
func (p *Page) Accessible() {
	p.t.Helper()
	for _, dark := range []bool{false, true} {
		p.Look(dark, false)
		var problems []string
		p.Eval(accessibleScript, &problems)
		for _, s := range problems {
			p.t.Errorf("%s theme: %s", map[bool]string{false: "light", true: "dark"}[dark], s)
		}
	}
	p.Look(false, false)
	p.names()
	p.tabs()
}

// names asks the browser what it would tell a screen reader.
func (p *Page) names() {
	p.t.Helper()
	tree, err := chromedp.Call(p.ctx, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
	if err != nil {
		p.t.Fatalf("%s: ask for what a screen reader is told: %v", p.at, err)
	}
	told := 0
	for _, n := range tree.Nodes {
		if n.Ignored || !slices.Contains(named, value(n.Role)) {
			continue
		}
		told++
		if strings.TrimSpace(value(n.Name)) == "" {
			p.t.Errorf("a %s has no name: node %s", value(n.Role), n.NodeID)
		}
	}
	if told < 2 {
		p.t.Errorf("the browser tells a screen reader of %d controls and pictures", told)
	}
}

func value(v *accessibility.Value) string {
	var s string
	if v != nil && json.Unmarshal(v.Value, &s) != nil {
		return string(v.Value)
	}
	return s
}

// tabs follows the tab key: each stop must be seen, and further down the document
// than the one before it.
func (p *Page) tabs() {
	p.t.Helper()
	p.Eval(`document.activeElement.blur(), window.scrollTo(0, 0), window.lastStop = null`, nil)
	for i := range mostStops {
		p.Keys(kb.Tab)
		var stop struct {
			Name, Problem string
			End           bool
		}
		p.Eval("("+stopScript+")()", &stop)
		if stop.End {
			if i == 0 {
				p.t.Error("the tab key reaches nothing")
			}
			return
		}
		if stop.Problem != "" {
			p.t.Errorf("the tab key at %s: %s", stop.Name, stop.Problem)
		}
	}
}

const stopScript = `() => {
	const e = document.activeElement, last = window.lastStop
	if (!e || e === document.body || e === document.documentElement) return {End: true}
	if (last && e.compareDocumentPosition(last) & Node.DOCUMENT_POSITION_FOLLOWING) return {End: true}
	const name = e.tagName.toLowerCase() + (e.id ? '#' + e.id : '') + ' ' + (e.getAttribute('aria-label') || e.textContent).trim().slice(0, 40)
	const style = getComputedStyle(e), box = e.getBoundingClientRect()
	let problem = ''
	if (e === last && e.type !== 'date') problem = 'stays there'
	else if (e.tabIndex > 0) problem = 'has a tabindex of its own order'
	else if (box.width < 1 || box.height < 1) problem = 'is not seen'
	else if ((style.outlineStyle === 'none' || parseFloat(style.outlineWidth) < 1) && style.boxShadow === 'none') problem = 'does not show the focus'
	window.lastStop = e
	return {Name: name, Problem: problem}
}`
