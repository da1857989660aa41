package dash

import (
	"context"
	"math"
	"net/http"
	"runtime/metrics"
	"strconv"
	"time"

	"github.com/plumbline-ci/plumbline/collect"
	"github.com/plumbline-ci/plumbline/collect/export"
)

// meter measures the server itself, with the recorder that other programs embed.
type meter struct {
	rec      *collect.Recorder
	requests *collect.Vec[collect.Counter]
	seconds  *collect.Vec[collect.Timer]
	under    *collect.UpDownCounter
}

func newMeter(s *Server) *meter {
	rec := collect.NewRecorder(collect.Options{})
	m := &meter{
		rec:      rec,
		requests: rec.CounterVec("serve.requests", "route", "status"), seconds: rec.TimerVec("serve.request_seconds", "route"),
		under: rec.UpDownCounter("serve.requests_in_flight", nil),
	}
	rec.Describe("serve.requests", "", "requests that were answered, by route and status")
	rec.Describe("serve.request_seconds", "s", "how long an answer took, by route")
	rec.Describe("serve.requests_in_flight", "", "requests that are being answered")
	rec.Info("serve.build").Set(collect.Tags{"version": s.o.Version})
	rec.Register("serve.state", state{s})
	return m
}

// state is what the server is asked for when somebody wants to know.
type state struct{ s *Server }

// Metrics implements collect.Custom.
func (x state) Metrics() []collect.Metric {
	memory := []metrics.Sample{{Name: "/memory/classes/total:bytes"}}
	metrics.Read(memory)
	return []collect.Metric{
		{Name: "serve.listeners", Value: float64(x.s.live.count())},
		{Name: "serve.uptime_seconds", Value: math.Floor(time.Since(x.s.began).Seconds()), Unit: "s"},
		{Name: "serve.memory_mb", Value: float64(memory[0].Value.Uint64()) / 1e6, Unit: "MB"},
	}
}

// Sent implements collect.Custom.
func (x state) Sent() {}

// handler answers scrapes.
func (m *meter) handler() http.Handler {
	scrape := export.Handler(m.rec)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		label(r, "/metrics")
		scrape.ServeHTTP(w, r)
	})
}

// routeKey is where the context of a request has its route.
type routeKey struct{}

// label says which route a request takes: its path may be anything.
func label(r *http.Request, route string) {
	if name, ok := r.Context().Value(routeKey{}).(*string); ok {
		*name = route
	}
}

// counting counts and times requests. How long somebody listens is no time of an
// answer.
func (m *meter) counting(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began, route := time.Now(), "other"
		answer := &counted{ResponseWriter: w, status: http.StatusOK}
		m.under.Add(1)
		defer func() {
			m.under.Add(-1)
			m.requests.With(route, strconv.Itoa(answer.status)).Inc()
			if route != "/api/v1/events" {
				m.seconds.With(route).Observe(time.Since(began))
			}
		}()
		next.ServeHTTP(answer, r.WithContext(context.WithValue(r.Context(), routeKey{}, &route)))
	})
}

// counted remembers the status of an answer.
type counted struct {
	http.ResponseWriter
	status int
}

// WriteHeader implements http.ResponseWriter.
func (c *counted) WriteHeader(status int) {
	c.status = status
	c.ResponseWriter.WriteHeader(status)
}

// Unwrap is for http.ResponseController.
func (c *counted) Unwrap() http.ResponseWriter { return c.ResponseWriter }
