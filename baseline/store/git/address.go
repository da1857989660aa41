package git

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
	"sync"
	"time"
)

// trusted is how long a listing takes the branch for what it was: one command
// lists a store several times, and each look is a request.
const trusted = 5 * time.Second

// Store is the store on a branch. It is good for several goroutines at once.
type Store struct {
	name   string // the address, for people
	dir    string // the working folder
	branch string
	remote string // as the address names it; empty: the repository's own

	turn    chan struct{} // who has it works in the private repository
	private *repository   // nil: nothing was asked for yet
	now     *snapshot     // the branch when it was looked at; nil: it was not
	looked  time.Time
	trust   time.Duration
	most    int // bytes of a file that is read
	blobs   cache

	mu    sync.Mutex
	queue []*pending // runs that wait for the next commit
}

// Open makes the store of an address, which is git:BRANCH or git:BRANCH@REMOTE.
// REMOTE is a remote of the repository around the working folder, the URL or
// path of any repository, or a dot for that repository itself. Without it the
// remote is origin, else the one of the current branch, else the only one there
// is; a repository without remotes keeps the branch itself.
//
// Open asks nobody for anything. A branch that is missing is an empty store,
// which the first Put makes.
func Open(address string) (*Store, error) {
	branch, remote, at := strings.Cut(strings.TrimPrefix(address, "git:"), "@")
	s := &Store{name: Name(address), branch: branch, remote: remote, turn: make(chan struct{}, 1), trust: trusted, most: mostFile}
	err := checkBranch(branch)
	if err == nil && (at && remote == "" || strings.HasPrefix(remote, "-")) {
		err = errors.New("want the name of a remote, an URL or a path behind the @")
	}
	if err == nil {
		s.dir, err = os.Getwd()
	}
	if err != nil {
		return nil, fmt.Errorf("open store %q: %w", s.name, err)
	}
	return s, nil
}

// unfit is what no name of a branch has: see git check-ref-format.
var unfit = regexp.MustCompile(`[\x00-\x20\x7f~^:?*\[\\]|\.\.|//|@\{|\.lock(/|$)|(^|/)\.|\.$|/$|^/|^-|^HEAD$|^$`)

func checkBranch(name string) error {
	name = strings.TrimPrefix(name, "refs/heads/")
	if unfit.MatchString(name) {
		return fmt.Errorf("%q is no name of a branch; want git:BRANCH, such as git:perf", name)
	}
	return nil
}

// user is the part of an URL that may hold a password or token.
var user = regexp.MustCompile(`([A-Za-z][A-Za-z0-9+.-]*://)[^/?#\s'"]*@`)

// Name is an address, or a text with URLs, as anybody may read it.
func Name(text string) string { return user.ReplaceAllString(text, "${1}xxxxx@") }

// ref is the branch where it lives.
func (s *Store) ref() string { return "refs/heads/" + strings.TrimPrefix(s.branch, "refs/heads/") }

// Close removes the private repository. The store cannot be used afterwards.
func (s *Store) Close() error {
	s.turn <- struct{}{}
	defer func() { <-s.turn }()
	r := s.private
	s.private, s.now = nil, nil
	if r == nil {
		return nil
	}
	return os.RemoveAll(r.gitDir) // r.dir is the user's
}
