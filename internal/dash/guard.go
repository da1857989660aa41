package dash

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"
)

// policy is the Content-Security-Policy of what is no page: nothing is loaded, run or
// framed, and forms go nowhere else.
const policy = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// forAll is what needs no token: the form that asks for it, and what it looks like.
var forAll = []string{loginPath, "/ui/theme.css", "/ui/style.css", "/ui/icon.svg"}

// guard lets those requests through that are for this server, by who may ask.
func (s *Server) guard(next http.Handler) http.Handler {
	return s.meter.counting(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.asked.Store(time.Now().Unix())
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		switch {
		case !s.mine(r.Host):
			s.refuse(w, r, problemf(http.StatusForbidden, "Host %q is no name of this server; plumbline serve --host NAME adds one", r.Host))
		case !safe(r.Method) && foreign(r):
			s.refuse(w, r, notAllowed("a page of another origin, %q, may change nothing here", r.Header.Get("Origin")))
		case s.allowed(r) || slices.Contains(forAll, r.URL.Path):
			next.ServeHTTP(w, r)
		case r.Method == http.MethodGet && r.URL.Path == "/":
			http.Redirect(w, r, strings.TrimPrefix(loginPath, "/"), http.StatusSeeOther)
		default:
			s.refuse(w, r, problemf(http.StatusUnauthorized, "want the server's token, as in Authorization: Bearer TOKEN, or the form at %s", loginPath))
		}
	}))
}

func safe(method string) bool { return method == http.MethodGet || method == http.MethodHead }

// mine reports whether a request is meant for this server, and not for a name of
// somebody else's that was made to point here (DNS rebinding). An address is no name.
func (s *Server) mine(host string) bool {
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	}
	name = strings.ToLower(strings.TrimSuffix(strings.Trim(name, "[]"), "."))
	if _, err := netip.ParseAddr(name); err == nil || name == "localhost" {
		return true
	}
	return slices.ContainsFunc(s.o.Hosts, func(h string) bool { return strings.EqualFold(h, name) })
}

// foreign reports whether a browser sends a request for a page of another origin.
func foreign(r *http.Request) bool {
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" {
		return site != "same-origin" && site != "none" // no page can say otherwise
	}
	origin := r.Header.Get("Origin")
	if origin == "" {
		return false // no browser: these say it with whatever changes something
	}
	u, err := url.Parse(origin)
	return err != nil || !strings.EqualFold(u.Host, r.Host)
}

// session makes of a token what a cookie has in its place.
type session struct{ token, cookie [sha256.Size]byte }

func newSession(token string) session {
	mac := hmac.New(sha256.New, []byte(token))
	mac.Write([]byte("plumbline login"))
	k := session{token: sha256.Sum256([]byte(token))}
	copy(k.cookie[:], mac.Sum(nil))
	return k
}

// is reports whether a text is the token. How long it takes tells nothing of it.
func (k session) is(text string) bool {
	sum := sha256.Sum256([]byte(text))
	return hmac.Equal(sum[:], k.token[:])
}

// value is what the cookie holds, from which nobody learns the token.
func (k session) value() string { return hex.EncodeToString(k.cookie[:]) }

// cookieName is that of the cookie that the login form gives.
const cookieName = "plumbline"

// allowed reports whether a request has the token, where one is wanted.
func (s *Server) allowed(r *http.Request) bool {
	if s.o.Token == "" {
		return true
	}
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if strings.EqualFold(scheme, "bearer") && s.key.is(strings.TrimSpace(token)) {
		return true
	}
	c, err := r.Cookie(cookieName)
	return err == nil && hmac.Equal([]byte(c.Value), []byte(s.key.value()))
}
