package baseline

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/plumbline-ci/plumbline/collect"
)

// Latest is the word for the newest run that is no re-run of another.
const Latest = "latest"

// FindError says that an id names no stored run, or several.
type FindError struct{ text string }

func (e *FindError) Error() string { return e.text }

// Find returns the stored run that prefix names: an id, the begin of exactly
// one id, or latest for the newest run that is no re-run of another.
// A *FindError says that there is no such run; any other error is the store's.
func Find(ctx context.Context, s Store, prefix string) (Entry, error) {
	if prefix == "" {
		return Entry{}, &FindError{"find run: the id is empty; want the begin of one, or latest"}
	}
	var found []Entry
	var f Filter
	if prefix != Latest {
		f.ID = prefix
	}
	for e, err := range s.List(ctx, f) {
		if bad := (*collect.LineError)(nil); errors.As(err, &bad) {
			continue // Find is not asked about it
		}
		switch {
		case err != nil:
			return Entry{}, err
		case e.ID == prefix || prefix == Latest && e.RerunOf == "":
			return e, nil
		case strings.HasPrefix(e.ID, prefix):
			found = append(found, e)
		}
	}
	switch len(found) {
	case 0:
		if empty(ctx, s) {
			return Entry{}, &FindError{"there are no runs yet; plumbline run or plumbline collect stores one"}
		}
		return Entry{}, &FindError{fmt.Sprintf("no run %q in the store; want an id, the begin of one, or latest", prefix)}
	case 1:
		return found[0], nil
	}
	return Entry{}, ambiguous(prefix, found)
}

func empty(ctx context.Context, s Store) bool {
	for _, err := range s.List(ctx, Filter{}) {
		if err == nil {
			return false
		}
	}
	return true
}

// FindLooks is Find, and gives the stored re-runs of that run too, oldest first.
// They are no older than it, so that the store is read no further than that, and
// once only where the newest run is asked for.
func FindLooks(ctx context.Context, s Store, prefix string) (head Entry, reruns []Entry, err error) {
	known := prefix != Latest
	if known {
		if head, err = Find(ctx, s, prefix); err != nil || head.RerunOf != "" {
			return head, nil, err
		}
	}
	for e, err := range s.List(ctx, Filter{Since: head.Time}) { // without a head: any time
		if bad := (*collect.LineError)(nil); err != nil && !known && !errors.As(err, &bad) {
			return Entry{}, nil, err
		}
		if err != nil {
			continue // reading the baseline says so
		}
		switch {
		case e.RerunOf != "":
			reruns = append(reruns, e)
		case !known:
			head, known = e, true
		}
		if known && e.Time.Before(head.Time) {
			break
		}
	}
	if !known {
		head, err = Find(ctx, s, prefix) // which says why
		return head, nil, err
	}
	reruns = slices.DeleteFunc(reruns, func(e Entry) bool { return e.RerunOf != head.ID || e.Time.Before(head.Time) })
	slices.Reverse(reruns)
	return head, reruns, nil
}

// maxCandidates is how many runs an error lists.
const maxCandidates = 10

func ambiguous(prefix string, found []Entry) error {
	var b strings.Builder
	fmt.Fprintf(&b, "run %q is ambiguous; it fits %d runs:", prefix, len(found))
	for _, e := range found[:min(len(found), maxCandidates)] {
		fmt.Fprintf(&b, "\n  %s  %s  %s", e.ID, e.Time.Format("2006-01-02 15:04:05"), e.Branch)
	}
	if len(found) > maxCandidates {
		fmt.Fprintf(&b, "\n  and %d more", len(found)-maxCandidates)
	}
	return &FindError{b.String()}
}
