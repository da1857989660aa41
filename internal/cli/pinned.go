package cli

import (
	"context"
	"fmt"

	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/internal/config"
)

// pinned is the commit that a name means: a tag's, or else the one whose sha
// begins so. Where git does not know it the name itself is taken for a sha, which
// a store may have runs of all the same.
func (a *app) pinned(ctx context.Context, name string) string {
	ctx, cancel := context.WithTimeout(ctx, gitTime)
	defer cancel()
	for _, ref := range []string{"refs/tags/" + name, name} {
		if !hexRE.MatchString(name) && ref == name {
			break // a branch moves on, and is no pin
		}
		if sha, err := a.git(ctx, "rev-parse", "--verify", "--quiet", "--end-of-options", ref+"^{commit}"); err == nil {
			return sha
		}
	}
	return name
}

// pinNote says what a pinned baseline is. Without a run of it nothing was
// compared, which somebody who named it does not expect.
func pinNote(r *check.Result, conf config.Config) {
	name := conf.Baseline.Commit
	switch {
	case name == "":
	case r.Baseline.Runs == 0:
		r.Blind(fmt.Sprintf("no run is stored of %s, the commit or tag that the baseline is pinned to", name), conf.Gate.OnInconclusive)
	default:
		r.Notes = append(r.Notes, fmt.Sprintf("the baseline is pinned to %s, commit %.7s", name, r.Baseline.NewestCommit))
	}
}
