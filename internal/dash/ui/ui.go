package ui

import (
	"embed"
	"net/http"
	"strings"
	"time"

	"github.com/plumbline-ci/plumbline/check/report/html"
)

//go:embed static
var static embed.FS

// Policy is the Content-Security-Policy of the pages: script, style and data come
// from their own origin, none of it from inside the page, and nobody frames it.
const Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// Handler serves the page at / and what it loads under /ui/.
func Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) { file(w, r, "index.html") })
	mux.HandleFunc("GET /ui/{name...}", func(w http.ResponseWriter, r *http.Request) { file(w, r, r.PathValue("name")) })
	for name, text := range shared {
		mux.HandleFunc("GET /ui/"+name, func(w http.ResponseWriter, r *http.Request) {
			headers(w.Header())
			http.ServeContent(w, r, name, time.Time{}, strings.NewReader(text))
		})
	}
	return mux
}

// shared are the files that other pages of the program have too.
var shared = map[string]string{"theme.css": html.Theme, "chart.css": html.ChartStyle, "chart.js": html.ChartScript}

// file serves a file that came with the program.
func file(w http.ResponseWriter, r *http.Request, name string) {
	headers(w.Header())
	http.ServeFileFS(w, r, static, "static/"+name)
}

// headers of all files. They have no times, and change with the program: so each
// is asked for again.
func headers(h http.Header) {
	h.Set("Content-Security-Policy", Policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-cache")
}
