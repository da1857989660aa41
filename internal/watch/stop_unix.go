//go:build unix

package watch

import (
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/sys/unix"
)

// stops are the signals that ask the program to stop.
var stops = []os.Signal{syscall.SIGTSTP}

// stoppable reports whether there is a shell that lets the program go on again: the
// one that gave it a group of its own in the shell's session.
func stoppable() bool {
	session, err := unix.Getsid(0)
	return err == nil && session != unix.Getpgrp()
}

// stop stops the program, or all of its job as the terminal would have done, and
// returns when it goes on. SIGTSTP would be right, but in a program of Go that has
// once asked for it, it no longer does.
func stop(job bool) error {
	again := make(chan os.Signal, 1)
	signal.Notify(again, syscall.SIGCONT)
	defer signal.Stop(again)
	pid := os.Getpid()
	if job {
		pid = 0
	}
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		return err
	}
	<-again
	return nil
}
