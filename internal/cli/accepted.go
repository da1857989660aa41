package cli

import (
	"context"
	"regexp"
	"strings"

	"github.com/plumbline-ci/plumbline/check"
)

var hexRE = regexp.MustCompile(`^[0-9A-Fa-f]+$`)

// locate asks git which commits up to the head's contain those that brought an
// accepted level. A merge has other commits than the branch that it merged, and
// only git knows that they belong together. Without git, or in a checkout that is
// too shallow, a run of the very commit is all that is recognised.
func (a *app) locate(ctx context.Context, accepted []check.Acceptance, head string) {
	if !hexRE.MatchString(head) {
		head = "HEAD"
	}
	ctx, cancel := context.WithTimeout(ctx, gitTime)
	defer cancel()
	for i := range accepted {
		since := &accepted[i].Since
		if since.Commit == "" {
			continue
		}
		out, err := a.git(ctx, "rev-list", "--ancestry-path", since.Commit+".."+head)
		if err != nil {
			continue
		}
		since.Within = make(map[string]bool)
		for _, commit := range strings.Fields(out) {
			since.Within[commit] = true
		}
	}
}
