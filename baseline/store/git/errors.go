package git

import (
	"errors"
	"fmt"
	"strings"
)

// wrap says what was tried, and on what.
func (s *Store) wrap(what string, err error) error {
	where := ""
	if f := (*failed)(nil); errors.As(err, &f) && s.private != nil {
		where = " at " + s.private.where
	}
	if a := adviceOn(err); a != "" {
		return fmt.Errorf("%s store %q%s: %w; %s", what, s.name, where, err, a)
	}
	return fmt.Errorf("%s store %q%s: %w", what, s.name, where, err)
}

// What to do about what git says. Each is final: trying again does not help.
var final = []struct{ said, advice string }{
	{"protected branch", "the branch is protected: leave it out of the rules for branches, it is written by jobs alone"},
	{"rule violations", "a rule of the repository is against it: leave the branch out of the rules for branches, it is written by jobs alone"},
	{"hook declined", "the server's own rules are against it"},
	{"[remote rejected] (non-fast-forward)", "the server lets nobody rewrite a branch, which pruning does: allow it for this one"},
	{"denying non-fast-forward", "the server lets nobody rewrite a branch, which pruning does: allow it for this one"},
	{"currently checked out", "the branch is checked out there; check another one out"},
	{"returned error: 403", "the token may not do that; a job needs permissions: contents: write, which a pull request from a fork never has"},
	{"returned error: 401", "the server does not know the token; has it expired?"},
	{"Authentication failed", "the server refused the credentials of this checkout"},
	{"could not read Username", "there are no credentials: actions/checkout leaves them for later steps unless it has persist-credentials: false"},
	{"could not read Password", "there are no credentials: actions/checkout leaves them for later steps unless it has persist-credentials: false"},
	{"Permission denied", "this user may not do that there"},
	{"ermission to ", "the token may not do that; a job needs permissions: contents: write, which a pull request from a fork never has"},
	{"insufficient permission", "this user may not write there"},
	{"unable to create temporary object directory", "this user may not write there"},
	{"Repository not found", "there is no such repository, or the token may not see it"},
	{"' not found", "there is no such repository, or the token may not see it"},
	{"returned error: 404", "there is no such repository, or the token may not see it"},
	{"does not appear to be a git repository", "want the URL or path of a repository"},
	{"does not exist", "want the URL or path of a repository"},
	{"dubious ownership", "the repository there belongs to another user; git config --global safe.directory allows it"},
	{"file size limit", "a run is too large for the server"},
	{"No space left on device", "the disk is full"},
	{"ead-only file system", "what is mounted there can only be read"},
	{"mismatched algorithms", "the remote names its objects in another way (sha1, sha256) than the repository here: they cannot be mixed"},
}

// What may pass by itself.
var passing = []struct{ said, advice string }{
	{"Could not resolve host", "is the network there?"},
	{"Failed to connect", "is the network there, and the server up?"},
	{"Connection refused", "is the server up?"},
	{"Connection timed out", "is the network there, and the server up?"},
	// So says a server of a commit on one that a pruning has just removed.
	{"shallow update not allowed", "the remote does not take commits from a shallow clone"},
}

// adviceOn says what to do about an error; empty: nobody knows.
func adviceOn(err error) string {
	f := (*failed)(nil)
	if !errors.As(err, &f) {
		return ""
	}
	for _, a := range append(final, passing...) {
		if strings.Contains(f.said, a.said) {
			return a.advice
		}
	}
	return ""
}

// mayPass reports whether it may help to try again.
func mayPass(err error) bool {
	f := (*failed)(nil)
	if !errors.As(err, &f) || f.command != "push" && f.command != "fetch" && f.command != "ls-remote" {
		return false
	}
	for _, a := range final {
		if strings.Contains(f.said, a.said) {
			return false
		}
	}
	return true
}
