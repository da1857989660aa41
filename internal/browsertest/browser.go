package browsertest

import (
	"context"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// Browser is a browser that ends with the test.
type Browser struct{ ctx context.Context }

// deadline is how long a test may wait for a page to do what it is told, on a slow
// machine under the race detector.
const deadline = 2 * time.Minute

// Start starts a browser. The pages of one browser share nothing but its process.
func Start(t testing.TB) *Browser {
	t.Helper()
	program := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil && program == "" {
			program = path
		}
	}
	if program == "" {
		t.Skip("needs a real browser: chromium is not installed")
	}
	o := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(program),
		chromedp.Flag("font-render-hinting", "none"), chromedp.Flag("lang", "en-GB"),
	)
	if os.Geteuid() == 0 {
		o = append(o, chromedp.NoSandbox) // which root cannot have
	}
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), o...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start %s: %v", program, err)
	}
	return &Browser{ctx}
}

// View is what a page is looked at with.
type View struct {
	Width, Height int // of the window; 0: 1280 by 800
	Dark          bool
	Print         bool // as on paper
}

// Open opens an address, in a window of its own that closes with the test.
func (b *Browser) Open(t testing.TB, address string, v View) *Page {
	t.Helper()
	ctx, cancel := chromedp.NewContext(b.ctx)
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, deadline)
	t.Cleanup(cancel)
	at, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	p := &Page{t: t, ctx: ctx, at: at}
	p.watch()
	t.Cleanup(p.settle) // before the window closes
	if v.Width == 0 {
		v.Width, v.Height = 1280, 800
	}
	p.Do(chromedp.EmulateViewport(int64(v.Width), int64(v.Height)))
	p.Look(v.Dark, v.Print)
	p.Do(chromedp.Navigate(address))
	return p
}

// Write writes a page to a file of the test and returns its address.
func Write(t testing.TB, page []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "page.html")
	if err := os.WriteFile(path, page, 0o600); err != nil {
		t.Fatal(err)
	}
	return (&url.URL{Scheme: "file", Path: filepath.ToSlash(path)}).String()
}

// Look changes the theme and the medium.
func (p *Page) Look(dark, print bool) {
	p.t.Helper()
	scheme, medium := "light", ""
	if dark {
		scheme = "dark"
	}
	if print {
		medium = "print"
	}
	_, err := chromedp.Call(p.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: medium, Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
	}})
	if err != nil {
		p.t.Fatalf("%s: change the theme: %v", p.at, err)
	}
}
