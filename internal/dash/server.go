package dash

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/collect"
	"github.com/plumbline-ci/plumbline/internal/dash/ui"
)

// Judge judges runs, as the commands do.
type Judge interface {
	// Verdict compares a run with its baseline. Looks are the run and its re-runs.
	Verdict(ctx context.Context, looks []collect.Run) (check.Result, error)
	// History reads the newest runs, at most so many, of the suite of a run that may
	// be a baseline, up to that run. Branch may be empty: as check chooses it.
	History(ctx context.Context, newest collect.Origin, branch string, most int) (baseline.Baseline, error)
	// Gate is what a verdict is given by.
	Gate(ctx context.Context) (check.Thresholds, error)
}

// Options say what is served, and to whom.
type Options struct {
	Store   baseline.Store
	Name    string // of the store, for people
	Version string // of the program
	Judge   Judge
	// Repositories are those that may be stored, as in baseline.Filter; empty: any.
	Repositories []string
	Token        string   // that is asked for; empty: none
	Write        bool     // runs may be stored
	Hosts        []string // names of this server, beside localhost and addresses
	// Poll is how often the store is looked at for new runs, while somebody is
	// there; 0: 2 s.
	Poll time.Duration
	// Log is told what no client is to know; nil: nobody is.
	Log func(format string, args ...any)
}

// How much a server remembers: of runs, and of answers.
const (
	indexBytes  = 24 << 20
	answerBytes = 16 << 20
)

// Server serves a store.
type Server struct {
	o       Options
	began   time.Time
	index   *baseline.Index
	answers *answers
	turns   turns
	live    *live
	meter   *meter
	puts    chan struct{} // of who stores runs
	asked   atomic.Int64  // when a request came last, in Unix seconds
	key     session
}

// New makes a server. It reads nothing yet.
func New(o Options) *Server {
	if o.Poll <= 0 {
		o.Poll = 2 * time.Second
	}
	if o.Log == nil {
		o.Log = func(string, ...any) {}
	}
	s := &Server{
		o: o, began: time.Now(), index: baseline.NewIndex(o.Store, indexBytes), answers: newAnswers(answerBytes),
		turns: newTurns(), live: newLive(), puts: make(chan struct{}, 1), key: newSession(o.Token),
	}
	s.meter = newMeter(s)
	return s
}

// Handler is all that is served.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	for _, r := range routes {
		mux.Handle(r.path, s.answering(r))
	}
	mux.HandleFunc("POST /api/v1/runs", s.put)
	mux.HandleFunc("GET /api/v1/events", s.events)
	mux.HandleFunc("GET /api/v1/openapi.json", s.describe)
	mux.HandleFunc("/api/", s.nothing)
	mux.Handle("GET /metrics", s.meter.handler())
	mux.HandleFunc("GET "+loginPath, s.loginForm)
	mux.HandleFunc("POST "+loginPath, s.login)
	mux.Handle("/", ui.Handler())
	return s.guard(mux)
}

// Serve answers who connects to l until ctx is done, and then lets those finish who
// were being answered. It looks at the store for new runs as long.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	h := &http.Server{
		Handler: s.Handler(), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: time.Minute, WriteTimeout: 2 * time.Minute,
		IdleTimeout: time.Minute, MaxHeaderBytes: 32 << 10,
		BaseContext: func(net.Listener) context.Context { return ctx },
	}
	polled := make(chan struct{})
	go func() { defer close(polled); s.poll(ctx) }()
	ended := make(chan error, 1)
	go func() {
		<-ctx.Done()
		within, stop := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer stop()
		ended <- h.Shutdown(within)
	}()
	err := h.Serve(l)
	cancel()
	<-polled
	if errors.Is(err, http.ErrServerClosed) {
		return <-ended
	}
	return err
}
