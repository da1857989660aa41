package dash

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

const token = "a-token-of-enough-letters"

// Who has not the token learns nothing but that there is one.
func TestToken(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{Token: token}, history()...)
	for _, path := range []string{"/api/v1/runs", "/api/v1/health", "/api/v1/events", "/api/v1/openapi.json", "/metrics", "/ui/app.js", "/api/v1/nosuch"} {
		for _, header := range [][]string{nil, {"Authorization", "Bearer wrong"}, {"Authorization", "Basic " + token}, {"Authorization", token}, {"Cookie", "plumbline=" + token}, {"Cookie", "plumbline="}} {
			answer, body := c.ask("GET", path, "", header...)
			if answer.StatusCode != http.StatusUnauthorized || answer.Header.Get("WWW-Authenticate") == "" || strings.Contains(string(body), "main-") {
				t.Errorf("GET %s with %q = %d %s, want 401", path, header, answer.StatusCode, body)
			}
		}
	}
	c.refused(401, "want the server's token", "GET", "/api/v1/runs?token="+token, "")
	if answer, _ := c.ask("GET", "/api/v1/runs", "", "Authorization", "bearer "+token); answer.StatusCode != 200 {
		t.Errorf("the token gives %d, want 200", answer.StatusCode)
	}
	if answer, _ := c.ask("GET", "/", ""); answer.StatusCode != http.StatusSeeOther || answer.Header.Get("Location") != "/login" {
		t.Errorf("the page without a token = %d to %q, want the way to the form", answer.StatusCode, answer.Header.Get("Location"))
	}
}

// The form gives a cookie that is not the token, and that scripts and other sites
// cannot use.
func TestLogin(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{Token: token}, history()...)
	answer, body := c.ask("GET", "/login", "")
	if answer.StatusCode != 200 || !strings.Contains(string(body), `type="password"`) || strings.Contains(string(body), token) {
		t.Errorf("the form is %d %s, want one for a password", answer.StatusCode, body)
	}
	form := []string{"Content-Type", "application/x-www-form-urlencoded"}
	answer, _ = c.ask("POST", "/login", "token=wrong", form...)
	if answer.StatusCode != http.StatusUnauthorized || len(answer.Cookies()) > 0 {
		t.Errorf("a wrong token gives %d and %v, want 401 and no cookie", answer.StatusCode, answer.Cookies())
	}
	answer, _ = c.ask("POST", "/login", url.Values{"token": {token}}.Encode(), append(form, "X-Forwarded-Proto", "https")...)
	if answer.StatusCode != http.StatusSeeOther || len(answer.Cookies()) != 1 {
		t.Fatalf("the token gives %d and %v, want a cookie", answer.StatusCode, answer.Cookies())
	}
	k := answer.Cookies()[0]
	if !k.HttpOnly || !k.Secure || k.SameSite != http.SameSiteStrictMode || strings.Contains(k.Value, token) {
		t.Errorf("the cookie is %+v, want one for this site over TLS alone, without the token", k)
	}
	if answer, _ = c.ask("GET", "/api/v1/runs", "", "Cookie", k.Name+"="+k.Value); answer.StatusCode != 200 {
		t.Errorf("the cookie gives %d, want 200", answer.StatusCode)
	}
	if other := newClient(t, Options{Token: token + "2"}); true {
		if answer, _ = other.ask("GET", "/api/v1/runs", "", "Cookie", k.Name+"="+k.Value); answer.StatusCode != 401 {
			t.Errorf("the cookie of another token gives %d, want 401", answer.StatusCode)
		}
	}
	if answer, _ = c.ask("POST", "/login", "token="+token, append(form, "Origin", "https://evil.example")...); answer.StatusCode != 403 {
		t.Errorf("a form of another origin gives %d, want 403", answer.StatusCode)
	}
}

// A name of somebody else's that points here is not answered (DNS rebinding).
func TestHosts(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{Hosts: []string{"perf.example"}}, history()...)
	for host, want := range map[string]int{
		"localhost": 200, "localhost:8080": 200, "LOCALHOST.": 200, "127.0.0.1:8080": 200, "[::1]:8080": 200, "10.1.2.3": 200,
		"perf.example:443": 200, "Perf.Example": 200, "evil.example": 403, "localhost.evil.example:8080": 403, "127.0.0.1.evil.example": 403, "": 403,
		"perf.example.evil.example": 403,
	} {
		if answer, body := c.ask("GET", "/api/v1/runs", "", "Host", host); answer.StatusCode != want {
			t.Errorf("Host %q = %d %.200s, want %d", host, answer.StatusCode, body, want)
		}
	}
	c.refused(403, `Host "evil.example" is no name of this server; plumbline serve --host NAME adds one`, "GET", "/api/v1/runs", "", "Host", "evil.example")
}

// Each answer says what a browser may do with it: nothing.
func TestHeaders(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{Token: token}, history()...)
	for _, path := range []string{"/", "/login", "/api/v1/runs", "/api/v1/nosuch", "/metrics", "/ui/app.js"} {
		for _, with := range []string{token, "wrong"} {
			answer, _ := c.ask("GET", path, "", "Authorization", "Bearer "+with)
			csp := answer.Header.Get("Content-Security-Policy")
			for _, want := range []string{"default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"} {
				if !strings.Contains(csp, want) || strings.Contains(csp, "unsafe") {
					t.Errorf("GET %s has the policy %q, want %s", path, csp, want)
				}
			}
			referrer := "no-referrer"
			if path == "/login" {
				referrer = "same-origin" // without one, browsers send the form from an origin of null
			}
			for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": referrer, "X-Frame-Options": "DENY", "Cross-Origin-Resource-Policy": "same-origin"} {
				if got := answer.Header.Get(name); got != want {
					t.Errorf("GET %s has %s: %q, want %q", path, name, got, want)
				}
			}
			if answer.Header.Get("Access-Control-Allow-Origin") != "" {
				t.Errorf("GET %s lets other origins read it", path)
			}
		}
	}
	if _, body := c.ask("GET", "/api/v1/metrics?q=script", "", "Authorization", "Bearer "+token); strings.Contains(string(body), "<script") || !strings.Contains(string(body), `\u003cscript`) {
		t.Errorf("a hostile name is written as it stands: %s", body)
	}
}
