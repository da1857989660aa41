package dash

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"sort"
	"sync"
	"time"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/collect"
)

// live tells those who listen of the runs that come.
type live struct {
	looking   sync.Mutex // of who lists the store
	mu        sync.Mutex
	listeners map[chan []byte]bool
	seen      []string  // ids of the newest runs, when the store was last looked at; nil: never
	oldest    time.Time // of these, where there were more: what is older is no news
}

// Bounds of who listens, of what is told, and of how far back a run is noticed.
const (
	mostListeners = 100
	mostTold      = 50
	mostSeen      = 50
	keepAlive     = 15 * time.Second
)

func newLive() *live { return &live{listeners: map[chan []byte]bool{}} }

// event is what listeners are told.
type event struct {
	Runs []run `json:"runs"`
	More bool  `json:"more"`
}

// tell tells all listeners of runs, newest first. One that does not read is left out:
// it asks for what it has missed when it comes back.
func (l *live) tell(runs []collect.Origin) {
	e := event{Runs: []run{}, More: len(runs) > mostTold}
	for _, o := range runs[:min(len(runs), mostTold)] {
		e.Runs = append(e.Runs, newRun(o))
	}
	data, err := json.Marshal(e)
	if err != nil {
		return // not reached: the types are ours
	}
	text := fmt.Appendf(nil, "event: runs\ndata: %s\n\n", data)
	l.mu.Lock()
	defer l.mu.Unlock()
	for c := range l.listeners {
		select {
		case c <- text:
		default:
		}
	}
}

// listen adds a listener; false: there are too many.
func (l *live) listen() (c chan []byte, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.listeners) >= mostListeners {
		return nil, false
	}
	c = make(chan []byte, 8)
	l.listeners[c] = true
	return c, true
}

func (l *live) leave(c chan []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.listeners, c)
}

// looked reports whether it is known what was there.
func (l *live) looked() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.seen != nil
}

func (l *live) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.listeners)
}

// events tells a client of runs as they come.
func (s *Server) events(w http.ResponseWriter, r *http.Request) {
	label(r, "/api/v1/events")
	if !accepts(r, "text/event-stream") {
		s.refuse(w, r, problemf(http.StatusNotAcceptable, "Accept: %s; want text/event-stream", r.Header.Get("Accept")))
		return
	}
	if _, err := newQuery(r, nil); err != nil {
		s.refuse(w, r, err)
		return
	}
	c, ok := s.live.listen()
	if !ok {
		s.refuse(w, r, problemf(http.StatusTooManyRequests, "%d clients listen already; ask for /api/v1/runs from time to time", mostListeners))
		return
	}
	defer s.live.leave(c)
	if !s.live.looked() {
		if err := s.look(r.Context()); err != nil { // or the first run that comes would be taken for one that was there
			s.refuse(w, r, err)
			return
		}
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	control := http.NewResponseController(w)
	alive := time.NewTicker(keepAlive)
	defer alive.Stop()
	for text := []byte("retry: 3000\n: here are the runs that come from now on\n\n"); ; {
		_ = control.SetWriteDeadline(time.Now().Add(2 * keepAlive)) // where that cannot be set, the server's holds
		if _, err := w.Write(text); err != nil || control.Flush() != nil {
			return
		}
		select {
		case <-r.Context().Done():
			return
		case text = <-c:
		case <-alive.C:
			text = []byte(": still here\n\n")
		}
	}
}

// arrived says that runs were stored here.
func (s *Server) arrived(runs []collect.Run) {
	s.answers.changed()
	var origins []collect.Origin
	s.live.mu.Lock()
	for _, r := range runs {
		origins = append(origins, r.Origin)
		if s.live.seen != nil {
			s.live.seen = append(s.live.seen, r.ID)
		}
	}
	s.live.mu.Unlock()
	sort.SliceStable(origins, func(i, j int) bool { return origins[j].Time.Before(origins[i].Time) })
	s.live.tell(origins)
}

// idle is after how long without a request nobody is there.
const idle = time.Minute

// poll looks at the store from time to time, while somebody is there.
func (s *Server) poll(ctx context.Context) {
	tick := time.NewTicker(s.o.Poll)
	defer tick.Stop()
	for {
		if s.live.count() > 0 || time.Since(time.Unix(s.asked.Load(), 0)) < idle {
			if err := s.look(ctx); err != nil && ctx.Err() == nil {
				s.o.Log("look for new runs: %v", err)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// look lists the newest runs, and tells of those that were not there before.
func (s *Server) look(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience[light])
	defer cancel()
	s.live.looking.Lock()
	defer s.live.looking.Unlock()
	newest, err := s.newest(ctx, baseline.Filter{}, mostSeen, func(collect.Origin) bool { return true })
	if err != nil {
		return err
	}
	fresh, changed := s.live.compare(newest)
	if changed {
		s.answers.changed()
	}
	if len(fresh) > 0 {
		s.live.tell(fresh)
	}
	return nil
}

// compare remembers the newest runs, and returns those that were not there before.
// Changed says that something else is different too: runs are gone.
func (l *live) compare(newest []baseline.Entry) (fresh []collect.Origin, changed bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	before, since, ids := l.seen, l.oldest, make([]string, len(newest))
	for i, e := range newest {
		ids[i] = e.ID
		if before != nil && !e.Time.Before(since) && !slices.Contains(before, e.ID) {
			fresh = append(fresh, e.Origin)
		}
	}
	l.seen, l.oldest = ids, time.Time{}
	if len(newest) == mostSeen {
		l.oldest = newest[len(newest)-1].Time
	}
	return fresh, before != nil && !slices.Equal(before, ids)
}
