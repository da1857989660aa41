package browsertest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// Page is a page in a window.
type Page struct {
	t   testing.TB
	ctx context.Context
	at  *url.URL

	mu       sync.Mutex
	problems []string
}

// watch notes what a page must not do.
func (p *Page) watch() {
	err := chromedp.Listen(p.ctx, func(event any) {
		switch e := event.(type) {
		case *runtime.EventExceptionThrown:
			p.problem("throws: %s", thrown(e.ExceptionDetails))
		case *runtime.EventConsoleAPICalled:
			if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning {
				p.problem("says: %s", consoleText(e))
			}
		case *log.EventEntryAdded:
			if e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning {
				p.problem("logs: %s %s", e.Entry.Text, e.Entry.URL)
			}
		case *network.EventRequestWillBeSent:
			if !p.own(e.Request.URL) {
				p.problem("loads %s", e.Request.URL)
			}
		case *network.EventLoadingFailed:
			if !e.Canceled {
				p.problem("cannot load what it asks for: %s", e.ErrorText)
			}
		}
	})
	if err != nil {
		p.t.Fatalf("%s: listen to the page: %v", p.at, err)
	}
}

func thrown(d *runtime.ExceptionDetails) string {
	if d.Exception != nil {
		return d.Exception.Description
	}
	return d.Text
}

func consoleText(e *runtime.EventConsoleAPICalled) string {
	var words []string
	for _, a := range e.Args {
		words = append(words, string(a.Value)+a.Description)
	}
	return strings.Join(words, " ")
}

// own reports whether an address is that of the page or, of a server, from the same.
// A server's page may also ask for the picture of its tab, which it may not have.
func (p *Page) own(address string) bool {
	u, err := url.Parse(address)
	switch {
	case err != nil:
		return false
	case u.Scheme == "data", u.Scheme == "blob", address == "about:blank":
		return true
	case p.at.Scheme == "file":
		return u.Scheme == "file" && u.Path == p.at.Path
	}
	return u.Scheme == p.at.Scheme && u.Host == p.at.Host
}

func (p *Page) problem(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.problems = append(p.problems, fmt.Sprintf(format, args...))
}

// Problems are what the page did so far that it must not do. They are told once,
// so that a test that expects some can take them; the rest fail it at its end.
func (p *Page) Problems() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := p.problems
	p.problems = nil
	return all
}

func (p *Page) settle() {
	for _, s := range p.Problems() {
		p.t.Errorf("the page %s", s)
	}
}

// Do does what chromedp can.
func (p *Page) Do(actions ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	if err := chromedp.Do(p.ctx, actions...); err != nil {
		p.t.Fatalf("%s: %v", p.at, err)
	}
}

// Eval evaluates an expression of JavaScript into what result points to, or for
// nothing but its effect where that is nil. A promise is waited for.
func (p *Page) Eval(expression string, result any) {
	p.t.Helper()
	text, err := chromedp.Run(p.ctx, chromedp.Evaluate[[]byte](expression, chromedp.EvalAwaitPromise))
	if err == nil && result != nil {
		err = json.Unmarshal(text, result)
	}
	if err != nil {
		p.t.Fatalf("evaluate %s: %v", expression, err)
	}
}

// Wait waits until an expression of JavaScript is true, on whatever page is there
// by then. What chromedp has for that makes a function of a text, which the policies of
// pages forbid.
func (p *Page) Wait(expression string) {
	p.t.Helper()
	var last error
	for {
		is, err := chromedp.Run(p.ctx, chromedp.Evaluate[bool]("!!("+expression+")"))
		if is && err == nil {
			return
		}
		select {
		case <-p.ctx.Done():
			p.t.Fatalf("wait for %s: %v (%v)", expression, p.ctx.Err(), last)
		case <-time.After(20 * time.Millisecond):
			last = err
		}
	}
}

// Text is what is seen of the first element that a selector of CSS finds.
func (p *Page) Text(selector string) string {
	p.t.Helper()
	var s string
	p.Eval(fmt.Sprintf("document.querySelector(%q).innerText", selector), &s)
	return strings.TrimSpace(s)
}

// Texts are those of all elements.
func (p *Page) Texts(selector string) []string {
	p.t.Helper()
	var all []string
	p.Eval(fmt.Sprintf("[...document.querySelectorAll(%q)].map(e => e.innerText.trim())", selector), &all)
	return all
}

// Click clicks on the first element that a selector finds.
func (p *Page) Click(selector string) {
	p.t.Helper()
	p.Do(chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible))
}

// Keys presses keys, one after another, where the focus is.
func (p *Page) Keys(keys string) {
	p.t.Helper()
	p.Do(chromedp.KeyEvent(keys))
}

// Type empties a field and types into it.
func (p *Page) Type(selector, text string) {
	p.t.Helper()
	p.Eval(fmt.Sprintf("(e => { e.focus(); e.select() })(document.querySelector(%q))", selector), nil)
	p.Keys(text)
}

// Picture takes one of what is seen of the page.
func (p *Page) Picture(name string) {
	p.t.Helper()
	p.picture(name, chromedp.CaptureScreenshot())
}

// WholePicture takes one of all of the page, also of what is below.
func (p *Page) WholePicture(name string) {
	p.t.Helper()
	p.picture(name, chromedp.FullScreenshot(100))
}

// Shot is what is seen of the page, as PNG.
func (p *Page) Shot() []byte {
	p.t.Helper()
	png, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		p.t.Fatal(err)
	}
	return png
}

var unsafeInName = regexp.MustCompile(`[^\w.-]+`)

func (p *Page) picture(name string, take chromedp.Action[[]byte]) {
	p.t.Helper()
	dir := os.Getenv("BROWSERTEST_PICTURES")
	if dir == "" {
		return
	}
	png, err := chromedp.Run(p.ctx, take)
	if err == nil {
		err = os.MkdirAll(dir, 0o777)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, unsafeInName.ReplaceAllString(name, "-")+".png"), png, 0o666)
	}
	if err != nil {
		p.t.Fatal(err)
	}
}
