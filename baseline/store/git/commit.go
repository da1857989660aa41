package git

import (
	"bytes"
	"context"
	"fmt"
	"path"
	"strings"
	"time"
)

// change is what becomes of a file; nil: it goes.
type change struct {
	path string
	text []byte
}

// edit is what a commit does.
type edit struct {
	changes []change
	message string
	// squash makes a commit without a past, of all that is on the branch.
	squash bool
}

// commit writes a commit on top of the branch as it is known, for nobody to see
// yet, and returns its id.
func (s *Store) commit(ctx context.Context, e edit) (id string, err error) {
	r, now := s.private, s.now
	var b bytes.Buffer
	message := strings.ToValidUTF8(e.message, "?")
	fmt.Fprintf(&b, "feature done\ncommit %s\nmark :1\ncommitter plumbline <plumbline@localhost> %d +0000\n", nextRef, time.Now().Unix())
	fmt.Fprintf(&b, "data %d\n%s\n", len(message), message)
	switch {
	case now.commit == "":
	case e.squash:
		tree, err := r.line(ctx, "rev-parse", "--verify", now.commit+"^{tree}")
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&b, "M 040000 %s \"\"\n", tree)
	default:
		fmt.Fprintf(&b, "from %s\n", now.commit)
	}
	for _, c := range e.changes {
		if c.text == nil {
			fmt.Fprintf(&b, "D %s\n", quote(c.path))
			continue
		}
		if dir := now.inTheWay(c.path); dir != "" {
			return "", fmt.Errorf("%s is a file, and %s needs a folder there", showName(s.branch, dir), c.path)
		}
		fmt.Fprintf(&b, "M 100644 inline %s\ndata %d\n", quote(c.path), len(c.text))
		b.Write(c.text)
		b.WriteByte('\n')
	}
	b.WriteString("\nget-mark :1\ndone\n")
	out, err := r.git(ctx, &b, "fast-import", "--quiet", "--force", "--date-format=raw")
	if err != nil {
		return "", err
	}
	return strings.TrimSpace(string(out)), nil
}

// inTheWay is a file where a path needs a folder; empty: there is none.
func (s *snapshot) inTheWay(name string) string {
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		if _, is := s.files[dir]; is || s.plain[dir] {
			return dir
		}
	}
	return ""
}

// quote writes a path for git fast-import.
func quote(name string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(name) + `"`
}

// push puts a commit on the branch where that still is what it was.
func (s *Store) push(ctx context.Context, commit string) error {
	ref := s.ref()
	_, err := s.private.git(ctx, nil, "push", "--porcelain", "--no-verify", "--recurse-submodules=no",
		"--force-with-lease="+ref+":"+s.now.commit, remoteName, commit+":"+ref)
	return err
}
