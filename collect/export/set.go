package export

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/plumbline-ci/plumbline/collect"
)

// Set is what is written or sent at one time: all that a recorder holds, or a
// stored run.
type Set struct {
	// Run is the record.
	Run collect.Run
	// Families are the same values by what they mean. Those of a recorder know
	// counters and histograms; a record does not say, so that its values are
	// plain ones.
	Families []collect.Family
	// Start is since when counters count. It is zero for a stored run.
	Start time.Time
}

// OfRun returns the set of a stored run.
func OfRun(r collect.Run) Set { return Set{Run: r, Families: collect.MetricFamilies(r.Metrics)} }

// Stored reports whether the set is of a stored run, not of a recorder.
func (s Set) Stored() bool { return s.Start.IsZero() && s.Run.ID != "" }

// OfRecorder returns the set of what a recorder holds now.
func OfRecorder(rec *collect.Recorder) (Set, error) {
	r, err := rec.Snapshot()
	if err != nil {
		return Set{}, err
	}
	return Set{Run: r, Families: rec.Families(), Start: rec.Started()}, nil
}

// Sender sends sets to another system. The packages below this one have one
// each. A sender is used by one goroutine at a time, and closed at the end.
type Sender interface {
	// Send sends all of a set or returns why it could not. No error has a secret
	// of the address in it.
	Send(ctx context.Context, s Set) error
	Close() error
}

// Every sends what a recorder holds at each interval, and once more when the
// context ends, for which it has the time of one interval. What goes wrong is
// told to failed, and the next interval tries again: counters count on
// meanwhile, so nothing is lost by it. It returns when all is done and closes
// nothing.
func Every(ctx context.Context, interval time.Duration, rec *collect.Recorder, to Sender, failed func(error)) {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		last := false
		select {
		case <-tick.C:
		case <-ctx.Done():
			last = true
		}
		one, cancel := context.WithTimeout(context.WithoutCancel(ctx), interval)
		s, err := OfRecorder(rec)
		if err == nil {
			err = to.Send(one, s)
		}
		cancel()
		if err != nil && failed != nil {
			failed(err)
		}
		if last {
			return
		}
	}
}

// Where is what tells runs apart that are the same metrics of other places: the
// repository, the branch, the suite. Each is a label or attribute of all metrics
// of a run. Only what is known is there.
func (s Set) Where() collect.Tags {
	tags := collect.Tags{}
	for _, f := range []struct{ key, value string }{
		{"repository", s.Run.Repository}, {"workflow", s.Run.Workflow}, {"job", s.Run.Job}, {"suite", s.Run.Name},
		{"type", s.Run.Type}, {"branch", s.Run.Branch}, {"os", s.Run.Runner.OS}, {"arch", s.Run.Runner.Arch},
	} {
		if f.value != "" {
			tags[f.key] = f.value
		}
	}
	return tags
}

// what is what only this run is: facts for people, which change each time.
func (s Set) what() collect.Tags {
	tags := collect.Tags{}
	for _, f := range []struct{ key, value string }{
		{"run_id", s.Run.ID}, {"git_commit", s.Run.Commit}, {"event", s.Run.Event}, {"operation", s.Run.Operation},
		{"cpu_model", s.Run.Runner.CPUModel}, {"image", s.Run.Runner.Image}, {"rerun_of", s.Run.RerunOf},
	} {
		if f.value != "" {
			tags[f.key] = f.value
		}
	}
	for key, n := range map[string]int{"attempt": s.Run.Attempt, "cores": s.Run.Runner.Cores} {
		if n != 0 {
			tags[key] = strconv.Itoa(n)
		}
	}
	return tags
}

// About are the families that say of the run itself what its metrics do not:
// which it is, when it was, how long it took and whether it succeeded.
func (s Set) About() []collect.Family {
	one := func(name string, unit collect.Unit, help string, v float64) collect.Family {
		return collect.Family{Name: name, Kind: collect.KindGauge, Unit: unit, Help: help, Series: []collect.Series{{Value: v}}}
	}
	all := []collect.Family{{
		Name: "plumbline.run", Kind: collect.KindInfo, Help: "What is known of the run that the metrics are of.",
		Series: []collect.Series{{Tags: s.what(), Value: 1}},
	}}
	if !s.Run.Time.IsZero() {
		at := float64(s.Run.Time.UnixMicro()) / 1e6
		all = append(all, one("plumbline.run_timestamp_seconds", "s", "When the run began, in seconds since 1970.", at))
	}
	if s.Run.Duration > 0 {
		all = append(all, one("plumbline.run_duration_seconds", "s", "How long the run took.", s.Run.Duration))
	}
	if s.Run.Success != collect.Unsaid {
		v := 0.0
		if s.Run.Success == collect.Succeeded {
			v = 1
		}
		all = append(all, one("plumbline.run_success", "", "Whether the run succeeded: 1 or 0.", v))
	}
	return all
}

// Subject is the name by which another system files the run: its suite, job or
// type.
func (s Set) Subject() string {
	return cmp.Or(s.Run.Name, s.Run.Job, s.Run.Type, "plumbline")
}

// Refused is why a server did not take what was sent: it answered, and asking
// again with the same will not help.
type Refused struct {
	Server string // without secrets
	Status string
	Text   string // what the server said, cut
}

func (r *Refused) Error() string {
	if r.Text == "" {
		return fmt.Sprintf("%s refused it: %s", r.Server, r.Status)
	}
	return fmt.Sprintf("%s refused it: %s: %s", r.Server, r.Status, r.Text)
}

// ErrNothing is returned for a set without values: some systems refuse it, and
// others would forget what they have.
var ErrNothing = errors.New("there are no values to send")
