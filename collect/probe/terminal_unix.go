//go:build unix

package probe

import (
	"os"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

func isTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }

// openTerminal makes a terminal like the user's for the command to write to. It
// changes no byte on the way, because the user's own terminal will. It is
// nobody's controlling terminal: keyboard and job control stay with the user's.
//
// A program that sets its modes through standard output, not through standard
// input or /dev/tty, sets those of this terminal and not the user's.
func openTerminal(user *os.File) (ours, command *os.File, err error) {
	master, command, err := pty.Open()
	if err != nil {
		return nil, nil, err
	}
	defer master.Close()
	if err := copyModes(user, command); err != nil {
		_ = command.Close()
		return nil, nil, err
	}
	// pty.Open leaves a descriptor whose reads cannot be interrupted. A copy
	// that is made non-blocking before os sees it can.
	fd, err := unix.FcntlInt(master.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err == nil {
		err = unix.SetNonblock(fd, true)
	}
	if err != nil {
		_ = command.Close()
		return nil, nil, err
	}
	ours = os.NewFile(uintptr(fd), master.Name())
	copySize(user, ours)
	return ours, command, nil
}

// copyModes gives the command's terminal the user's modes, but for the
// processing of output.
func copyModes(user, command *os.File) error {
	modes, err := unix.IoctlGetTermios(int(user.Fd()), getModes)
	if err != nil {
		return err
	}
	modes.Oflag &^= unix.OPOST
	return unix.IoctlSetTermios(int(command.Fd()), setModes, modes)
}

// copySize gives the command's terminal the size of the user's. Where it fails
// the size stays what it was.
func copySize(user, command *os.File) {
	size, err := unix.IoctlGetWinsize(int(user.Fd()), unix.TIOCGWINSZ)
	if err != nil {
		return
	}
	raw, err := command.SyscallConn() // not Fd, which would make it blocking
	if err != nil {
		return
	}
	_ = raw.Control(func(fd uintptr) { _ = unix.IoctlSetWinsize(int(fd), unix.TIOCSWINSZ, size) })
}
