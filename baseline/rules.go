package baseline

import (
	"fmt"
	"strings"
	"time"

	"github.com/plumbline-ci/plumbline/collect"
)

// DefaultRuns is how many runs make a baseline where nobody says: enough for
// the tails of the noise, and few enough to follow a project that changes.
const DefaultRuns = 50

// rule returns why a run is no baseline for the query, or nothing. It looks at
// the origin alone, so that the metrics of a run that it excludes are not read.
type rule func(q Query, run collect.Origin) (reason string)

// rules are tried in this order; the first that excludes a run says why.
var rules = [...]rule{
	laterThanHead, rerun, attemptOfHead, otherRepository, otherSuite, otherType,
	pullRequest, otherBranch, otherCommit, failedRun, gateFailed, tooOld, otherMachine, notAccepted,
}

func exclusion(q Query, run collect.Origin) string {
	for _, r := range rules {
		if reason := r(q, run); reason != "" {
			return reason
		}
	}
	return ""
}

// laterThanHead: a baseline is what was known before. Runs of the head's very
// time are Fetch's to place, who knows their order.
func laterThanHead(q Query, run collect.Origin) string {
	if run.Time.After(q.Head.Time) {
		return later
	}
	return ""
}

// rerun: a second look is taken only where the first was suspect, so that a
// baseline with such looks in it would be drawn towards what is odd.
func rerun(_ Query, run collect.Origin) string {
	if run.RerunOf != "" {
		return "re-runs that were to confirm another run"
	}
	return ""
}

// attemptOfHead: a job that was started again looks at the head's code again.
func attemptOfHead(q Query, run collect.Origin) string {
	h := q.Head
	sameJob := run.Workflow == h.Workflow && run.Job == h.Job && run.Type == h.Type && run.Name == h.Name
	attempts := run.Attempt > 0 && h.Attempt > 0 && run.Attempt != h.Attempt
	if h.Commit != "" && run.Commit == h.Commit && sameJob && attempts {
		return "other attempts of the head run"
	}
	return ""
}

// otherRepository: a store may be shared by many.
func otherRepository(q Query, run collect.Origin) string {
	if differ(run.Repository, q.Head.Repository) {
		return "of other repositories"
	}
	return ""
}

// otherSuite: a name that the user gave keys the baseline. Where neither run
// has one, the jobs must not differ.
func otherSuite(q Query, run collect.Origin) string {
	switch {
	case run.Name != q.Head.Name:
		return "of another suite"
	case run.Name == "" && differ(run.Job, q.Head.Job):
		return "of another job"
	}
	return ""
}

// otherType: a build is not compared with a test.
func otherType(q Query, run collect.Origin) string {
	if differ(run.Type, q.Head.Type) {
		return "of another type"
	}
	return ""
}

// pullRequest: what a pull request measures is not accepted code yet, and a
// fork may call its branch as it likes.
func pullRequest(_ Query, run collect.Origin) string {
	switch run.Event {
	case "pull_request", "pull_request_target", "merge_group":
		return "of pull requests"
	}
	return ""
}

func otherBranch(q Query, run collect.Origin) string {
	if differ(run.Branch, q.Branch) {
		return "of other branches"
	}
	return ""
}

// enoughDigits of a sha tell its commit.
const enoughDigits = 7

// OfCommit reports whether a run is of the commit of a sha, or of its beginning
// where that has 7 digits or more.
func OfCommit(run collect.Origin, sha string) bool {
	return run.Commit == sha || len(sha) >= enoughDigits && strings.HasPrefix(run.Commit, sha)
}

// MayBeBaseline reports whether some head could be compared with a run, as far as
// the run itself tells: it is of accepted code, did not fail, and is no re-run.
func MayBeBaseline(run collect.Origin) bool {
	return sound(run) && pullRequest(Query{}, run) == ""
}

func sound(run collect.Origin) bool {
	return rerun(Query{}, run) == "" && failedRun(Query{}, run) == "" && gateFailed(Query{}, run) == ""
}

// otherCommit: the user named the commit to compare with.
func otherCommit(q Query, run collect.Origin) string {
	if q.Commit != "" && !OfCommit(run, q.Commit) {
		return "of other commits than the pinned one"
	}
	return ""
}

// failedRun: a build that broke half-way was fast.
func failedRun(_ Query, run collect.Origin) string {
	if run.Success == collect.Failed {
		return "failed"
	}
	return ""
}

// gateFailed: what was refused must not become the level of tomorrow by being
// measured again and again.
func gateFailed(_ Query, run collect.Origin) string {
	if run.Gate == collect.Failed {
		return "that failed their gate"
	}
	return ""
}

// notAccepted asks the caller, who may know more than the runs tell.
func notAccepted(q Query, run collect.Origin) string {
	if q.Refuse == nil {
		return ""
	}
	return q.Refuse(run)
}

func tooOld(q Query, run collect.Origin) string {
	if q.MaxAge > 0 && q.Head.Time.Sub(run.Time) > q.MaxAge {
		return "older than " + days(q.MaxAge)
	}
	return ""
}

// days writes an age as people do: in days where it is a number of those.
func days(d time.Duration) string {
	const day = 24 * time.Hour
	if d%day != 0 {
		text := d.String()
		if strings.HasSuffix(text, "m0s") {
			text = strings.TrimSuffix(text, "0s")
		}
		if strings.HasSuffix(text, "h0m") {
			text = strings.TrimSuffix(text, "0m")
		}
		return text
	}
	if d == day {
		return "1 day"
	}
	return fmt.Sprintf("%d days", d/day)
}

// differ reports whether both say something, and not the same.
func differ(a, b string) bool { return a != "" && b != "" && a != b }
