//go:build unix

package probe

import (
	"errors"
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/sys/unix"
)

// signals are those that this process gets and the command is to have.
type signals struct {
	c      chan os.Signal
	broken chan os.Signal // never read
}

// listen begins to catch signals. One that this process was started to ignore,
// as nohup does, stays ignored here and in the command.
func listen() *signals {
	s := &signals{c: make(chan os.Signal, 32), broken: make(chan os.Signal, 1)}
	for _, sig := range []os.Signal{
		unix.SIGINT, unix.SIGTERM, unix.SIGHUP, unix.SIGQUIT, unix.SIGUSR1, unix.SIGUSR2,
		unix.SIGTSTP, unix.SIGCONT, unix.SIGWINCH,
	} {
		if !signal.Ignored(sig) {
			signal.Notify(s.c, sig)
		}
	}
	// A write to a closed standard output must give an error: by default it ends
	// a Go program, and with it the measurement. To ignore the signal would make
	// the command ignore it too.
	signal.Notify(s.broken, unix.SIGPIPE)
	return s
}

func (s *signals) stop() {
	signal.Stop(s.c)
	signal.Stop(s.broken)
}

// pass gives the command a signal that it has not got yet.
func (s *signals) pass(p *os.Process, sig os.Signal, out *output) {
	switch sig {
	case unix.SIGINT, unix.SIGQUIT, unix.SIGTSTP:
		if foreground() {
			// It came from the keyboard, to the whole group, so the command has
			// it. One that was sent to this process alone looks the same.
			break
		}
		_ = p.Signal(sig) // it fails where the command has ended
	case unix.SIGWINCH:
		if out.terminal != nil {
			// The kernel has told the command already, but its own terminal
			// changes only now.
			copySize(out.terminal, out.from)
			_ = p.Signal(sig)
		}
	default:
		_ = p.Signal(sig)
	}
	if sig == unix.SIGTSTP {
		stopped()
	}
}

// foreground reports whether this process's group, which is the command's too,
// is the one that the keyboard of the controlling terminal signals.
func foreground() bool {
	fd, err := unix.Open("/dev/tty", unix.O_RDONLY|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err != nil {
		return false
	}
	defer unix.Close(fd)
	group, err := unix.IoctlGetInt(fd, unix.TIOCGPGRP)
	return err == nil && group == unix.Getpgrp()
}

func terminate(p *os.Process) { _ = p.Signal(unix.SIGTERM) }

// ended takes over how the command ended.
func (r *Result) ended(s *os.ProcessState) {
	r.Status = s.ExitCode()
	if w, ok := s.Sys().(syscall.WaitStatus); ok && w.Signaled() {
		r.Status, r.Signal = 128+int(w.Signal()), w.Signal()
	}
}

func brokenPipe(err error) bool { return errors.Is(err, unix.EPIPE) }

// writeAll writes everything, also to a terminal that somebody who shares it
// has made non-blocking behind our back.
func writeAll(f *os.File, b []byte) error {
	for {
		n, err := f.Write(b)
		b = b[n:]
		if !errors.Is(err, unix.EAGAIN) {
			return err
		}
		fds := []unix.PollFd{{Fd: int32(f.Fd()), Events: unix.POLLOUT}}
		if _, err := unix.Poll(fds, -1); err != nil && !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}
