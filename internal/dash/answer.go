package dash

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// answer is what a request is answered with, ready to send.
type answer struct {
	body, zipped []byte // zipped is nil where that would be no shorter
	tag          string // the strong ETag of the body, without quotes
}

// leastZipped is the length in bytes below which nothing is compressed.
const leastZipped = 1000

// zippers are used again: each has more than a megabyte.
var zippers = sync.Pool{New: func() any {
	z, err := gzip.NewWriterLevel(nil, gzip.BestSpeed)
	if err != nil {
		panic(err) // the level is one
	}
	return z
}}

func newAnswer(body []byte) *answer {
	sum := sha256.Sum256(body)
	a := &answer{body: body, tag: base64.RawURLEncoding.EncodeToString(sum[:12])}
	if len(body) < leastZipped {
		return a
	}
	var b bytes.Buffer
	z := zippers.Get().(*gzip.Writer)
	defer zippers.Put(z)
	z.Reset(&b)
	if _, err := z.Write(body); err == nil && z.Close() == nil && b.Len() < len(body) {
		a.zipped = b.Bytes()
	}
	return a
}

// zippedTag is what the ETag of an answer ends with that is compressed: a strong
// one tells the two apart.
const zippedTag = "-gzip"

// send sends an answer, or says that the client has it.
func (s *Server) send(w http.ResponseWriter, r *http.Request, a *answer) {
	h := w.Header()
	body, tag := a.body, `"`+a.tag+`"`
	if a.zipped != nil && takesGzip(r.Header.Get("Accept-Encoding")) {
		body, tag = a.zipped, `"`+a.tag+zippedTag+`"`
		h.Set("Content-Encoding", "gzip")
	}
	h.Add("Vary", "Accept-Encoding")
	h.Set("ETag", tag)
	h.Set("Cache-Control", "private, no-cache")
	if has(r.Header.Values("If-None-Match"), tag) {
		h.Del("Content-Encoding")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // an error is of the connection: nobody is there to be told
	}
}

// has reports whether a client has the answer of a tag. It compares weakly, as RFC
// 9110 says, 13.1.2: what another compressed is as good.
func has(sent []string, tag string) bool {
	for _, line := range sent {
		for one := range strings.SplitSeq(line, ",") {
			if one = strings.TrimPrefix(strings.TrimSpace(one), "W/"); one == tag || one == "*" {
				return true
			}
		}
	}
	return false
}

// takesGzip reads an Accept-Encoding (RFC 9110, 12.5.3).
func takesGzip(accept string) bool {
	for one := range strings.SplitSeq(accept, ",") {
		name, weight, _ := strings.Cut(strings.ReplaceAll(one, " ", ""), ";q=")
		if x, err := strconv.ParseFloat(weight, 64); (name == "gzip" || name == "*") && (weight == "" || err == nil && x > 0) {
			return true
		}
	}
	return false
}

// problem is an error as RFC 9457 has it.
type problem struct {
	Type      string      `json:"type"`
	Title     string      `json:"title"`
	Status    int         `json:"status"`
	Detail    string      `json:"detail"`
	Parameter string      `json:"parameter,omitempty"`
	Results   []putResult `json:"results,omitempty"`
}

func (p *problem) Error() string { return p.Detail }

// problemf makes a problem that a client may read.
func problemf(status int, format string, args ...any) *problem {
	return &problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: fmt.Sprintf(format, args...)}
}

// wrong says that a parameter is wrong, and what would be right.
func wrong(parameter, format string, args ...any) *problem {
	p := problemf(http.StatusBadRequest, "%s: "+format, append([]any{parameter}, args...)...)
	p.Parameter = parameter
	return p
}

// problemOf is what a client is told of an error.
func problemOf(err error) *problem {
	var p *problem
	var f *fault
	switch {
	case errors.As(err, &f):
		return problemf(http.StatusInternalServerError, "a fault of the server; its log says more")
	case errors.As(err, &p):
		return p
	case errors.Is(err, context.DeadlineExceeded):
		return problemf(http.StatusGatewayTimeout, "it took too long; ask for less: a suite, a shorter time, fewer runs")
	case errors.Is(err, context.Canceled):
		return problemf(http.StatusGatewayTimeout, "the server ends; ask again")
	}
	return problemf(http.StatusBadGateway, "the store cannot be read: %v", err)
}

// refuse answers with a problem.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, err error) {
	p := problemOf(err)
	if p.Status >= 500 {
		s.o.Log("%s %s: %v", r.Method, r.URL.Path, err)
	}
	h := w.Header()
	h.Set("Content-Type", "application/problem+json")
	h.Set("Cache-Control", "no-store")
	switch p.Status {
	case http.StatusTooManyRequests:
		h.Set("Retry-After", "2")
	case http.StatusUnauthorized:
		h.Set("WWW-Authenticate", `Bearer realm="plumbline"`)
	}
	sendJSON(w, r, p.Status, p)
}

// sendJSON answers with what is not kept.
func sendJSON(w http.ResponseWriter, r *http.Request, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		status, body = http.StatusInternalServerError, []byte("{}") // not reached: the types are ours
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body)
	}
}

// How long an answer may take.
var patience = map[weight]time.Duration{light: 15 * time.Second, heavy: 90 * time.Second}

// answering answers a route.
func (s *Server) answering(rt route) http.Handler {
	known := strings.Fields(rt.parameters)
	name := strings.TrimPrefix(rt.path, "GET ")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		label(r, name)
		q, err := newQuery(r, known)
		if err == nil && !accepts(r, "application/json") {
			err = problemf(http.StatusNotAcceptable, "Accept: %s; want application/json", r.Header.Get("Accept"))
		}
		var a *answer
		if err == nil {
			a, err = s.answers.get(r.Context(), name+"\x00"+q.key(), rt.path != "GET /api/v1/health", func(ctx context.Context) (*answer, error) {
				return s.compute(ctx, rt, q)
			})
		}
		if err != nil {
			s.refuse(w, r, err)
			return
		}
		s.send(w, r, a)
	})
}

// accepts reports whether a client takes a media type.
func accepts(r *http.Request, media string) bool {
	all := r.Header.Values("Accept")
	kind, _, _ := strings.Cut(media, "/")
	return len(all) == 0 || slices.ContainsFunc(strings.Split(strings.Join(all, ","), ","), func(one string) bool {
		name, weight, _ := strings.Cut(strings.ReplaceAll(one, " ", ""), ";")
		return (name == media || name == kind+"/*" || name == "*/*" || name == "") && weight != "q=0"
	})
}

// compute makes an answer when it is its turn.
func (s *Server) compute(ctx context.Context, rt route, q *query) (*answer, error) {
	ctx, cancel := context.WithTimeout(ctx, patience[rt.weight])
	defer cancel()
	done, err := s.turns.take(ctx, rt.weight)
	if err != nil {
		return nil, err
	}
	defer done()
	v, err := rt.answer(s, ctx, q)
	if err != nil {
		return nil, err
	}
	if body, ok := v.([]byte); ok {
		return newAnswer(body), nil
	}
	body, err := json.Marshal(v)
	if err != nil {
		return nil, problemf(http.StatusInternalServerError, "the answer cannot be written: %v", err)
	}
	return newAnswer(body), nil
}
