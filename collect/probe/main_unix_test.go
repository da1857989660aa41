//go:build unix

package probe

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// waitSignals are those that the helper wait catches: the first ends it, the
// second is counted.
var waitSignals = []os.Signal{
	unix.SIGTERM, unix.SIGINT, unix.SIGHUP, unix.SIGQUIT, unix.SIGUSR1, unix.SIGUSR2, unix.SIGCONT,
}

var systemHelpers = map[string]func(args []string) int{
	"shell":     helperShell,
	"stop":      helperStop,
	"forgetful": helperForgetful,
}

// helperStop says that it is ready and copies until its input ends, as a command
// that is stopped by the keyboard and goes on.
func helperStop([]string) int {
	fmt.Println("ready")
	return helpers["copy"](nil)
}

// helperForgetful ignores that its child ends, so the kernel forgets what the
// child used.
func helperForgetful(a []string) int {
	signal.Ignore(unix.SIGCHLD)
	if err := child("burn", a[0]).Run(); !errors.Is(err, unix.ECHILD) {
		return status(fmt.Errorf("waiting gave %v, want that there is no child", err))
	}
	return 0
}

// helperShell does a shell's part in job control: its command runs in a group of
// its own that has the terminal. When it stops it is continued, once.
func helperShell(a []string) int {
	c := exec.Command(a[0], a[1:]...)
	c.Stdin, c.Stdout, c.Stderr = os.Stdin, os.Stdout, os.Stderr
	c.SysProcAttr = &syscall.SysProcAttr{Foreground: true, Ctty: 0}
	if err := c.Start(); err != nil {
		return status(err)
	}
	pid := c.Process.Pid
	for {
		var ws unix.WaitStatus
		if _, err := unix.Wait4(pid, &ws, unix.WUNTRACED, nil); err == unix.EINTR {
			continue
		} else if err != nil {
			return status(err)
		}
		if !ws.Stopped() {
			return ws.ExitStatus()
		}
		fmt.Fprintln(os.Stdout, "shell: the command stopped")
		if err := unix.Kill(-pid, unix.SIGCONT); err != nil {
			return status(err)
		}
	}
}

// ownTime is the processor time of this process.
func ownTime() time.Duration {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
