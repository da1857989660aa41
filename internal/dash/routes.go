package dash

import (
	"context"
	"net/http"
	"strings"
)

// weight is what an answer takes.
type weight int

// An answer is light where it reads some runs, and heavy where it judges.
const (
	light weight = iota
	heavy
)

// route is a resource of the API that is read.
type route struct {
	path       string
	weight     weight
	parameters string // those that it takes
	answer     func(s *Server, ctx context.Context, q *query) (any, error)
}

const ofSuite = "repository suite job type"

// routes are all resources that are read, but for those that are no JSON.
var routes = []route{
	{"GET /api/v1/health", light, "", (*Server).health},
	{"GET /api/v1/repositories", light, "q limit cursor", (*Server).repositories},
	{"GET /api/v1/suites", light, "repository q limit cursor", (*Server).suites},
	{"GET /api/v1/branches", light, ofSuite + " q limit cursor", (*Server).branches},
	{"GET /api/v1/runs", light, ofSuite + " branch commit since until limit cursor", (*Server).runs},
	{"GET /api/v1/runs/{id}", light, "q limit cursor", (*Server).run},
	{"GET /api/v1/runs/{id}/verdict", heavy, "", (*Server).verdict},
	{"GET /api/v1/runs/{id}/series", heavy, "metric points", (*Server).runSeries},
	{"GET /api/v1/metrics", light, ofSuite + " q limit cursor", (*Server).metrics},
	{"GET /api/v1/series", light, "metric " + ofSuite + " branch since until points", (*Server).series},
	{"GET /api/v1/compare", heavy, "head base runs q " + ofSuite + " limit cursor", (*Server).compare},
	{"GET /api/v1/trends", heavy, ofSuite + " branch", (*Server).trends},
	{"GET /api/v1/tests/slow", heavy, ofSuite + " branch runs q limit cursor", (*Server).slowTests},
	{"GET /api/v1/tests/flaky", heavy, ofSuite + " branch runs", (*Server).flakyTests},
	{"GET /api/v1/sizes", heavy, ofSuite + " branch runs", (*Server).sizes},
	{"GET /api/v1/statistics", heavy, ofSuite + " branch limit cursor", (*Server).statistics},
}

// describe answers with the description of the API.
func (s *Server) describe(w http.ResponseWriter, r *http.Request) {
	s.send(w, r, newAnswer(description))
}

// nothing answers what is no resource, or not with this method.
func (s *Server) nothing(w http.ResponseWriter, r *http.Request) {
	if methods := methodsOf(r.URL.Path); len(methods) > 0 {
		w.Header().Set("Allow", strings.Join(methods, ", "))
		s.refuse(w, r, problemf(http.StatusMethodNotAllowed, "%s %s: want %s", r.Method, r.URL.Path, strings.Join(methods, " or ")))
		return
	}
	s.refuse(w, r, problemf(http.StatusNotFound, "there is no %s; /api/v1/openapi.json describes what there is", r.URL.Path))
}

// methodsOf are the methods that a path takes.
func methodsOf(path string) (methods []string) {
	have := strings.Split(path, "/")
	for _, r := range append(routes, route{path: "GET /api/v1/events"}, route{path: "GET /api/v1/openapi.json"}) {
		want := strings.Split(strings.TrimPrefix(r.path, "GET "), "/")
		fits := len(want) == len(have)
		for i := range want {
			fits = fits && (want[i] == have[i] || want[i] == "{id}")
		}
		if fits {
			methods = []string{"GET", "HEAD"}
			if r.path == "GET /api/v1/runs" {
				methods = append(methods, "POST")
			}
			return methods
		}
	}
	return nil
}
