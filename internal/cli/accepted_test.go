package cli

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/plumbline-ci/plumbline/check"
)

// TestLocate merges a branch: the runs of main are of the merge, and contain the
// commit of the branch all the same.
func TestLocate(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("there is no git")
	}
	t.Chdir(t.TempDir())
	git := func(args ...string) string {
		t.Helper()
		who := []string{"-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"}
		out, err := exec.Command("git", append(who, args...)...).CombinedOutput()
		if err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	commit := func(message string) string {
		git("commit", "-q", "--allow-empty", "-m", message)
		return git("rev-parse", "HEAD")
	}
	git("init", "-q", "-b", "main")
	base := commit("base")
	git("checkout", "-q", "-b", "slow")
	slow := commit("slow")
	git("checkout", "-q", "main")
	other := commit("other")
	git("merge", "-q", "--no-ff", "-m", "merge", "slow")
	merge := git("rev-parse", "HEAD")

	a := &app{}
	accepted := []check.Acceptance{{Since: check.Since{Commit: slow[:8]}}, {Since: check.Since{Commit: "0123456"}}}
	a.locate(t.Context(), accepted, merge)
	if w := accepted[0].Since.Within; !w[merge] || w[base] || w[other] {
		t.Errorf("%s is within %v, want within the merge %s and not within %s or %s", slow, w, merge, base, other)
	}
	if w := accepted[1].Since.Within; w != nil {
		t.Errorf("an unknown commit is within %v, want nothing known", w)
	}
	a.locate(t.Context(), accepted, other)
	if w := accepted[0].Since.Within; w == nil || len(w) > 0 {
		t.Errorf("%s is within %v of what %s contains, want none", slow, w, other)
	}
}
