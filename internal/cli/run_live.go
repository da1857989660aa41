package cli

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/plumbline-ci/plumbline/collect"
	"github.com/plumbline-ci/plumbline/collect/listen"
	"github.com/plumbline-ci/plumbline/internal/watch/live"
)

// liveRun is what those are told who watch a run. A nil one takes nothing.
type liveRun struct {
	name    string
	times   int // how often the command will run, as far as is known
	started time.Time
	now     func() time.Time

	mu    sync.Mutex
	time  int // that it runs now, from 1
	sent  *listen.Listener
	usage []collect.Usage
	past  collect.Usage // what the times before used: seconds alone
}

// liveRun lets the run be watched. A run that nobody can watch is a run all the
// same. End tells who watches how it ended.
func (a *app) liveRun(o *runOptions, args []string) (r *liveRun, end func(error)) {
	r = &liveRun{name: strings.Join(args, " "), times: o.repeat * o.runs, started: a.Now(), now: a.Now}
	server, err := live.Serve(live.Folder(), r.status)
	if err != nil {
		if a.settings.log.debug {
			a.say("the run cannot be watched: %v", err)
		}
		return nil, func(error) {}
	}
	return r, func(err error) {
		status := exitPass
		if x := (*exitError)(nil); errors.As(err, &x) {
			status = x.status
		}
		server.Close(status)
	}
}

// begin says that the command begins, once more or for the first time, and what it
// sends.
func (r *liveRun) begin(sent *listen.Listener) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if n := len(r.usage); n > 0 {
		r.past.CPU = r.usage[n-1].CPU
	}
	r.time++
	r.sent = sent
}

// observe takes a sample of the command. Only the newest are kept.
func (r *liveRun) observe(u collect.Usage) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	u.CPU += r.past.CPU
	if len(r.usage) >= collect.MostUsage {
		r.usage = append(r.usage[:0], r.usage[1:]...)
	}
	r.usage = append(r.usage, u)
}

func (r *liveRun) status() collect.Status {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := collect.Status{Name: r.name, PID: os.Getpid(), Started: r.started, Time: r.now(), Usage: append([]collect.Usage(nil), r.usage...)}
	if r.times > 1 || r.time > 1 {
		s.Name = fmt.Sprintf("(%d of %d) %s", r.time, max(r.times, r.time), r.name)
	}
	if r.sent != nil {
		s.Series = r.sent.Status()
	}
	return s
}
