package githubtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

type obj = map[string]any

// apiVersion is the only value of X-GitHub-Api-Version that the REST docs of
// go-github's generation name.
const apiVersion = "2022-11-28"

// call is one request to the REST API on its way.
type call struct {
	f     *Fake
	w     http.ResponseWriter
	r     *http.Request
	route route
	args  map[string]string // what the path's placeholders stand for
	repo  *Repo
	token *Token
	body  []byte
}

func (f *Fake) serveREST(w http.ResponseWriter, r *http.Request, body []byte) {
	c := &call{f: f, w: w, r: r, body: body}
	if r.Header.Get("User-Agent") == "" {
		f.violate(r, "no User-Agent")
		c.fail(http.StatusForbidden, "Request forbidden by administrative rules. Please make sure your request has a User-Agent header")
		return
	}
	if v := r.Header.Get("X-GitHub-Api-Version"); v != "" && v != apiVersion {
		f.violate(r, "X-GitHub-Api-Version %q, want %q", v, apiVersion)
		c.fail(http.StatusBadRequest, fmt.Sprintf("%q is not a valid API version. The valid versions are: %s", v, apiVersion))
		return
	}
	if !c.find() {
		f.violate(r, "no such operation")
		c.notFound()
		return
	}
	if !c.authenticate() || !c.withinLimit() || !c.openRepo() || !c.authorize(c.route.needs) || c.issuesOff() {
		return
	}
	c.checkQuery()
	if c.checkBody() {
		c.route.handle(c)
	}
}

// find looks the operation up. GHES has its API below /api/v3.
func (c *call) find() bool {
	path := c.r.URL.EscapedPath()
	if c.f.GHES {
		below, ok := strings.CutPrefix(path, "/api/v3")
		if !ok || strings.HasPrefix(below, "/rate_limit") { // off by default there
			return false
		}
		path = below
	}
	for _, candidate := range routes() {
		if args, ok := candidate.match(c.r.Method, path); ok {
			c.route, c.args = candidate, args
			return true
		}
	}
	return false
}

func (c *call) openRepo() bool {
	if c.args["repo"] == "" {
		c.repo = &Repo{} // rate_limit belongs to none
		return true
	}
	c.repo = c.f.repo(c.args["owner"], c.args["repo"])
	if c.repo == nil {
		c.notFound()
	}
	return c.repo != nil
}

func (f *Fake) repo(owner, name string) *Repo {
	return find(f.Repos, func(r *Repo) bool { return strings.EqualFold(r.FullName(), owner+"/"+name) })
}

// withinLimit counts the request and answers 403 when none is left (REST docs,
// rate limits: 403 or 429 with x-ratelimit-remaining 0). Asking for the limit
// is free.
func (c *call) withinLimit() bool {
	f := c.f
	if f.GHES {
		return true
	}
	if f.Remaining <= 0 && f.Now().After(f.Reset) {
		f.Remaining, f.Reset = f.Limit, f.Now().Add(rateWindow)
	}
	spent := f.Remaining <= 0
	if !spent && c.args["repo"] != "" {
		f.Remaining--
	}
	f.rateHeaders(c.w.Header())
	if spent && c.args["repo"] != "" {
		c.fail(http.StatusForbidden, primaryMessage)
		return false
	}
	return true
}

func (f *Fake) rateHeaders(h http.Header) {
	h.Set("X-Ratelimit-Limit", strconv.Itoa(f.Limit))
	h.Set("X-Ratelimit-Remaining", strconv.Itoa(f.Remaining))
	h.Set("X-Ratelimit-Used", strconv.Itoa(f.Limit-f.Remaining))
	h.Set("X-Ratelimit-Reset", strconv.FormatInt(f.Reset.Unix(), 10))
	h.Set("X-Ratelimit-Resource", "core")
}

// checkQuery writes parameters down that the operation does not have: GitHub
// ignores them, so that a filter that was meant filters nothing.
func (c *call) checkQuery() {
	allowed := strings.Fields(c.route.query)
	for name, values := range c.r.URL.Query() {
		if !slices.Contains(allowed, name) {
			c.f.violate(c.r, "the operation has no parameter %q", name)
		}
		if n, err := strconv.Atoi(values[0]); (name == "per_page" || name == "page") && (err != nil || n < 1 || name == "per_page" && n > 100) {
			c.f.violate(c.r, "%s=%s, want a number from 1 and at most 100 a page", name, values[0])
		}
	}
}

// ordered turns a list, newest first, around for direction=asc. Things here
// are sorted by created alone.
func ordered[T any](c *call, list []T) []T {
	if sort := c.query("sort"); sort != "" && sort != "created" {
		c.f.violate(c.r, "sort=%s is more than this GitHub can; want created", sort)
	}
	if c.query("direction") == "asc" {
		slices.Reverse(list)
	}
	return list
}

func (c *call) query(name string) string { return c.r.URL.Query().Get(name) }

// number is a placeholder's value; what is no number is 0, which nothing has.
func (c *call) number(name string) int64 {
	n, _ := strconv.ParseInt(c.args[name], 10, 64)
	return n
}

func (c *call) json(status int, v any) {
	c.w.Header().Set("Content-Type", "application/json; charset=utf-8")
	c.w.WriteHeader(status)
	_ = json.NewEncoder(c.w).Encode(v) // into a buffer
}

func (c *call) fail(status int, message string, errs ...obj) {
	answer := obj{"message": message, "documentation_url": "https://docs.github.com/rest", "status": strconv.Itoa(status)}
	if len(errs) > 0 {
		answer["errors"] = errs
	}
	c.json(status, answer)
}

func (c *call) notFound() { c.fail(http.StatusNotFound, "Not Found") }

// refuse answers 422 to what breaks the contract, and writes it down.
func (c *call) refuse(message string, errs ...obj) {
	if asked := c.f.Asking && string(bytes.TrimSpace(c.body)) == "{}"; !asked {
		c.f.violate(c.r, "%s %v", message, errs)
	}
	c.fail(http.StatusUnprocessableEntity, message, errs...)
}

// api is the address of something in the API as the client sees it.
func (c *call) api(format string, args ...any) string {
	prefix := ""
	if c.f.GHES {
		prefix = "/api/v3"
	}
	return base(c.r) + prefix + "/repos/" + c.repo.FullName() + fmt.Sprintf(format, args...)
}

func (c *call) html(format string, args ...any) string {
	return base(c.r) + "/" + c.repo.FullName() + fmt.Sprintf(format, args...)
}

// page cuts the page that was asked for out of a list and links its
// neighbours; at most is where GitHub stops, 0 for never.
func page[T any](c *call, list []T, most int) []T {
	if most > 0 && len(list) > most {
		list = list[:most]
	}
	size, at := 30, 1
	if n, err := strconv.Atoi(c.query("per_page")); err == nil && n > 0 {
		size = min(n, 100)
	}
	if n, err := strconv.Atoi(c.query("page")); err == nil && n > 0 {
		at = n
	}
	last := max(1, (len(list)+size-1)/size)
	c.links(at, last)
	from := min((at-1)*size, len(list))
	return list[from:min(from+size, len(list))]
}

func (c *call) links(at, last int) {
	var links []string
	add := func(n int, rel string) {
		q := c.r.URL.Query()
		q.Set("page", strconv.Itoa(n))
		u := url.URL{Path: c.r.URL.Path, RawPath: c.r.URL.RawPath, RawQuery: q.Encode()}
		links = append(links, fmt.Sprintf("<%s%s>; rel=%q", base(c.r), u.String(), rel))
	}
	if at > 1 {
		add(at-1, "prev")
	}
	if at < last {
		add(at+1, "next")
		add(last, "last")
	}
	if at > 1 {
		add(1, "first")
	}
	if len(links) > 0 {
		c.w.Header().Set("Link", strings.Join(links, ", "))
	}
}
