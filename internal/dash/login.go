package dash

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// loginPath is where the form is.
const loginPath = "/login"

// The form loads nothing but the pages' own style, and no value is in it. The answer
// is not kept.
const (
	formBegin = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>plumbline: log in</title>
<link rel="icon" href="ui/icon.svg" type="image/svg+xml"><link rel="stylesheet" href="ui/theme.css"><link rel="stylesheet" href="ui/style.css"></head>
<body><main><h1>plumbline</h1>
`
	formEnd = `<form method="post" action="login">
<p><label for="token">Token of this server</label></p>
<p><input id="token" name="token" type="password" autocomplete="current-password" required autofocus></p>
<p><button>Log in</button></p>
</form></main></body></html>
`
	formWrong = `<p role="alert">That is not the token. It is in the file that plumbline serve --token-file names.</p>
`
)

// loginTime is how long a browser is known.
const loginTime = 30 * 24 * time.Hour

// wrongToken is how long an answer takes to a token that is wrong.
const wrongToken = 200 * time.Millisecond

func (s *Server) loginForm(w http.ResponseWriter, r *http.Request) {
	label(r, loginPath)
	form(w, http.StatusOK, formBegin+formEnd)
}

func form(w http.ResponseWriter, status int, text string) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	// Without one, browsers send the form from an origin of null.
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Content-Length", strconv.Itoa(len(text)))
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text))
}

// login gives a browser that has the token a cookie. The token is in no address.
func (s *Server) login(w http.ResponseWriter, r *http.Request) {
	label(r, loginPath)
	r.Body = http.MaxBytesReader(w, r.Body, 10_000)
	if err := r.ParseForm(); err != nil {
		s.refuse(w, r, problemf(http.StatusBadRequest, "the form cannot be read: %v", err))
		return
	}
	if s.o.Token != "" && !s.key.is(strings.TrimSpace(r.PostForm.Get("token"))) {
		select {
		case <-time.After(wrongToken):
		case <-r.Context().Done():
		}
		form(w, http.StatusUnauthorized, formBegin+formWrong+formEnd)
		return
	}
	if s.o.Token != "" {
		http.SetCookie(w, &http.Cookie{
			Name: cookieName, Value: s.key.value(), Path: "/", MaxAge: int(loginTime.Seconds()), HttpOnly: true, SameSite: http.SameSiteStrictMode,
			Secure: r.TLS != nil || strings.EqualFold(r.Header.Get("X-Forwarded-Proto"), "https"),
		})
	}
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, "./", http.StatusSeeOther)
}
