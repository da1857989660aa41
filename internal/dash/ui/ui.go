package ui

import (
	"embed"
	"net/http"
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
	return mux
}

// file serves a file that came with the program. These have no times: browsers
// keep them by the tag of the program's version.
func file(w http.ResponseWriter, r *http.Request, name string) {
	h := w.Header()
	h.Set("Content-Security-Policy", Policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-cache")
	http.ServeFileFS(w, r, static, "static/"+name)
}
