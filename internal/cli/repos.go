package cli

import (
	"github.com/spf13/pflag"

	"github.com/plumbline-ci/plumbline/baseline"
)

// repos are the repositories whose runs a command is about, as in
// baseline.Filter; none: all.
type repos []string

func (r *repos) flag(f *pflag.FlagSet) {
	f.StringArrayVar((*[]string)(r), "repo", nil, "only runs of this `owner/name`, or org/*; repeat it")
}

// of is the part of a store that they name.
func (r repos) of(s baseline.Store) baseline.Store { return baseline.Only(s, r) }

func (r repos) valid() error { return usage(baseline.Filter{Repositories: r}.Check()) }
