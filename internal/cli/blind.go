package cli

import (
	"context"
	"path/filepath"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/baseline/store"
	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/collect"
	"github.com/plumbline-ci/plumbline/internal/config"
)

// blind marks a verdict whose baseline could not be read, whatever it is.
func blind(r *check.Result, what, why string, on check.Action) {
	r.Blind(what+" could not be read, so nothing was compared: "+why, on)
	r.Notes = append(r.Notes, "what was tried: "+why) // the first line of a text may be cut
}

// fetchOrSay is fetch, but that a store out of reach is no error: then there is no
// baseline, and why says what was tried. So it is where a part of it was read: what
// the rest would have said nobody knows.
func (a *app) fetchOrSay(ctx context.Context, s baseline.Store, c config.Config, head collect.Run, o checkOptions) (b baseline.Baseline, why string, err error) {
	b, err = a.fetch(ctx, s, c, head, o)
	for _, bad := range append([]error{err}, b.Unreadable...) {
		if why = unread(ctx, bad); why != "" {
			return baseline.Baseline{}, why, nil
		}
	}
	return b, "", err
}

// compareNothing gives the verdict on a head run that could not be read.
func (a *app) compareNothing(o checkOptions, why string) error {
	conf, err := a.readConfig(o)
	if err != nil {
		return err
	}
	r := check.Result{Verdict: check.Pass}
	blind(&r, "head run and baseline", why, conf.Gate.OnInconclusive)
	return a.print(o, r)
}

// waitingHead is the head run where it waits for the store; nil: it does not.
func (a *app) waitingHead(ctx context.Context, o checkOptions) ([]collect.Run, error) {
	path, err := a.storePath()
	if err != nil || o.history != "" || !spoolOf(path).there() {
		return nil, err
	}
	d, err := store.OpenDir(spoolOf(path).dir)
	if err != nil {
		return nil, failure(err)
	}
	looks, err := a.headRuns(ctx, d, o.head)
	if err != nil {
		return nil, nil // some other run waits: the store itself would have to be asked
	}
	a.say("the head run is one that waits in %s", filepath.ToSlash(spoolOf(path).dir))
	return looks, nil
}

// deliverWaiting delivers what waits for the store of this invocation. What keeps
// it from that, reading the store says too.
func (a *app) deliverWaiting(ctx context.Context, s baseline.Store) {
	path, err := a.storePath()
	if err != nil || !a.far(path) {
		return
	}
	if err := a.deliverSpool(ctx, spoolOf(path), s, mostRefused); err != nil {
		a.tellWaiting(ctx, path)
	}
}
