package probe

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
	"time"

	"github.com/plumbline-ci/plumbline/collect"
)

// Command is a command to run and measure. All but Args may be left empty.
type Command struct {
	Args []string // program and arguments
	Dir  string   // empty: this process's
	Env  []string // nil: this process's
	// Stdin, Stdout and Stderr are the command's; nil: this process's.
	Stdin, Stdout, Stderr *os.File
	// Tee gets a copy of what the command writes to standard output. Nil leaves
	// standard output to the command alone. A Tee that returns an error is not
	// written to again; one that is slow slows the command, as a slow terminal
	// does.
	Tee io.Writer
	// Quiet sends standard output to Tee only.
	Quiet bool
	// Filter changes standard output on its way to the user, where there is a Tee,
	// which gets it unchanged. It is given each piece and, at the end, an empty last
	// one, and returns what to pass on, valid until its next call. It must not
	// change the piece. Nil changes nothing.
	Filter func(piece []byte, last bool) []byte
	// Observe is told of each sample, at once: it must not wait. Nil: nobody is.
	Observe func(collect.Usage)
	// Interval is the time between two samples; 0 means one second. The first
	// samples of a command come faster, so that short ones have some.
	Interval time.Duration
}

// StartError says why a command was not started.
type StartError struct {
	Name string // the program as it was asked for
	Err  error
	own  bool // nothing is wrong with the program
}

func (e *StartError) Error() string { return fmt.Sprintf("run %q: %v", e.Name, e.Err) }

// Unwrap returns the cause.
func (e *StartError) Unwrap() error { return e.Err }

// Status returns the exit status that env and timeout give for this error: 127
// where the program was not found, 126 where it was found and cannot be
// executed, 125 where the fault is not the program's.
func (e *StartError) Status() int {
	switch {
	case e.own:
		return 125
	case errors.Is(e.Err, exec.ErrNotFound), errors.Is(e.Err, fs.ErrNotExist):
		return 127
	}
	return 126
}

// running makes Run calls wait for each other. The kernel has one table of
// children, one subreaper flag and one set of signal handlers in a process.
var running sync.Mutex

// plan is what Run decides for its caller.
type plan struct {
	output time.Duration // how long others may hold the output, after the command ended
	kill   time.Duration // how long the command may take to end, after it was told to
	groups []string      // where control groups of version 2 may be mounted
}

// standard mounts are those of systems that have version 2 alone, and of those
// that have it beside version 1.
func standard() plan {
	return plan{
		output: 5 * time.Second, kill: 5 * time.Second,
		groups: []string{"/sys/fs/cgroup", "/sys/fs/cgroup/unified"},
	}
}

// Run runs the command and returns what it measured. It returns when the
// command has ended, whatever signal this process got meanwhile: those are
// passed on. When ctx ends, the command is told to terminate and killed five
// seconds later; ctx must not end by a signal, or the command gets two. An
// error is a *StartError, or says that the command's end was not seen.
//
// A descendant that outlives the command goes on running. Where it still holds
// the output that Tee reads, Run passes that on for at most five seconds more.
//
// One command runs at a time; another call waits. On Linux every child of this
// process that ends meanwhile is taken for an orphan of the command, so nothing
// else may be executed while Run runs.
func Run(ctx context.Context, c Command) (Result, error) {
	return run(ctx, c, standard())
}

func run(ctx context.Context, c Command, p plan) (Result, error) {
	running.Lock()
	defer running.Unlock()
	if len(c.Args) == 0 {
		return Result{}, &StartError{Err: errors.New("no command given"), own: true}
	}
	if c.Interval <= 0 {
		c.Interval = time.Second
	}
	cmd, err := newCmd(c)
	if err != nil {
		return Result{}, err
	}
	r := Result{host: newHost()}
	sigs := listen()
	defer sigs.stop()
	out, err := newOutput(c, cmd, &r)
	if err != nil {
		return Result{}, &StartError{Name: c.Args[0], Err: err, own: true}
	}
	m := newMeter(p.groups)
	defer m.close()
	r.Start = time.Now()
	if err := m.start(cmd); err != nil {
		out.abandon()
		return Result{}, &StartError{Name: c.Args[0], Err: err, own: ownFault(err)}
	}
	out.start()
	w := watch{ctx: ctx, c: c, p: p, proc: cmd.Process, m: m, sigs: sigs, out: out}
	state, err := w.untilEnd(&r)
	if err != nil {
		out.finish(0, nil)
		return r, fmt.Errorf("run %q: wait for its end: %w", c.Args[0], err)
	}
	w.drain(&r)
	r.conclude(m.total(state))
	r.ended(state)
	return r, nil
}

// newCmd finds the program and sets all but standard output.
func newCmd(c Command) (*exec.Cmd, error) {
	name := c.Args[0]
	if c.Dir != "" {
		// Asked before, because the error of a start would not tell the folder
		// from the program.
		if _, err := os.Stat(c.Dir); err != nil {
			return nil, &StartError{Name: name, Err: err, own: true}
		}
	}
	cmd := exec.Command(name, c.Args[1:]...)
	if errors.Is(cmd.Err, exec.ErrDot) && runtime.GOOS != "windows" {
		cmd.Err = nil // a person with "." in PATH gets what a shell gives
	}
	if cmd.Err != nil {
		if errors.Is(cmd.Err, exec.ErrNotFound) && inPath(name) {
			return nil, &StartError{Name: name, Err: fs.ErrPermission}
		}
		return nil, &StartError{Name: name, Err: cmd.Err}
	}
	cmd.Dir, cmd.Env = c.Dir, c.Env
	cmd.Stdin, cmd.Stderr = orElse(c.Stdin, os.Stdin), orElse(c.Stderr, os.Stderr)
	return cmd, nil
}

// inPath reports whether PATH has a file of this name that LookPath passed over
// because it is not executable: the error for it is another one.
func inPath(name string) bool {
	if filepath.Base(name) != name {
		return false
	}
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		if info, err := os.Stat(filepath.Join(dir, name)); err == nil && !info.IsDir() {
			return true
		}
	}
	return false
}

// ownFault reports whether a start failed for want of something else than the
// program.
func ownFault(err error) bool {
	return errors.Is(err, syscall.EAGAIN) || errors.Is(err, syscall.ENOMEM) || errors.Is(err, syscall.EMFILE)
}

func orElse(f, standard *os.File) *os.File {
	if f == nil {
		return standard
	}
	return f
}
