package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"strings"
	"syscall"

	"github.com/plumbline-ci/plumbline/collect"
	"github.com/plumbline-ci/plumbline/collect/probe"
)

// The sides of a comparison.
const (
	sideBase = 0
	sideHead = 1
)

var sideNames = [...]string{"base", "head"}

// measuring runs the command on one side or the other.
type measuring struct {
	a    *app
	o    *abOptions
	args []string
	dirs [2]string
	stop *stopper
}

// prepare runs the user's command in both folders.
func (m *measuring) prepare(ctx context.Context) error {
	if m.o.prepare == "" {
		return nil
	}
	for side, dir := range m.dirs {
		res, err := probe.Run(ctx, probe.Command{
			Args: shell(m.o.prepare), Dir: dir, Env: environIn(dir), Stdout: os.Stderr,
		})
		switch {
		case err != nil:
			return failure(fmt.Errorf("prepare %s: %w", sideNames[side], err))
		case res.Status != 0:
			return failure(fmt.Errorf("prepare %s: %q ended with status %d in %s", sideNames[side], m.o.prepare, res.Status, dir))
		case m.stop.came():
			return errStopped
		}
	}
	return nil
}

func shell(command string) []string {
	if runtime.GOOS == "windows" {
		return []string{"cmd", "/c", command}
	}
	return []string{"sh", "-c", command}
}

// environIn is this process's environment for a command in another folder, which
// PWD names too. Empty is this folder, and nothing changes.
func environIn(dir string) []string {
	if dir == "" {
		return os.Environ()
	}
	env := environOutsideGit()
	if runtime.GOOS != "windows" {
		env = append(env, "PWD="+dir)
	}
	return env
}

// environOutsideGit leaves out what git tells its hooks of the checkout that they
// run in: under these, git in another worktree would write this one's index.
func environOutsideGit() []string {
	return slices.DeleteFunc(os.Environ(), func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return slices.Contains(gitPlace, name)
	})
}

var gitPlace = []string{"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY", "GIT_PREFIX"}

// once measures a side once.
func (m *measuring) once(ctx context.Context, side int) ([]collect.Metric, error) {
	p, err := newPending()
	if err != nil {
		return nil, failure(err)
	}
	defer p.remove()
	o := runOptions{typ: m.o.typ, prefix: m.o.prefix, quiet: true, dir: m.dirs[side], noReporters: true}
	res, ms, own, child := m.a.measureOnce(ctx, &o, m.args, p)
	switch {
	case m.stop.came(), res.Status == 128+int(syscall.SIGINT):
		return nil, errStopped
	case child != nil && res.Start.IsZero():
		// The status in it is what run would exit with.
		return nil, &exitError{exitFailure, fmt.Errorf("%s: %v%s", sideNames[side], child, m.advice(side))}
	case child != nil:
		return nil, failure(fmt.Errorf("%s: the command ended with status %d in %s%s", sideNames[side], res.Status, m.dirs[side], m.advice(side)))
	case own != nil:
		return nil, failure(fmt.Errorf("%s: %w", sideNames[side], own))
	}
	return ms, nil
}

// advice is for a base that does not run: it is a fresh checkout.
func (m *measuring) advice(side int) string {
	switch {
	case side != sideBase:
		return ""
	case m.o.prepare == "":
		return "; cannot compare: base is a fresh checkout; where that lacks something, let --prepare make it"
	}
	return "; cannot compare"
}

// errStopped says that a signal ended the work.
var errStopped = errors.New("interrupted")

// stopped is the error of work that a signal cut short, else err.
func stopped(s *stopper, err error) error {
	if s.came() || errors.Is(err, errStopped) {
		return failure(errors.New("interrupted before anything could be compared"))
	}
	return failure(err)
}

// stopper remembers that a signal asked to end.
type stopper struct {
	c    chan os.Signal
	seen bool
}

func listenForStop() *stopper {
	s := &stopper{c: make(chan os.Signal, 1)}
	for _, sig := range []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP} {
		if !signal.Ignored(sig) {
			signal.Notify(s.c, sig)
		}
	}
	return s
}

func (s *stopper) end() { signal.Stop(s.c) }

// came reports whether a signal has come.
func (s *stopper) came() bool {
	select {
	case <-s.c:
		s.seen = true
	default:
	}
	return s.seen
}
