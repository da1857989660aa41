package probe

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// parents returns the parent of each process.
func parents() (map[int]int, error) {
	all, err := unix.SysctlKinfoProcSlice("kern.proc.all")
	if err != nil {
		return nil, err
	}
	out := make(map[int]int, len(all))
	for i := range all {
		out[int(all[i].Proc.P_pid)] = int(all[i].Eproc.Ppid)
	}
	return out, nil
}

// account reads the usage of the command and of the children that were waited
// for, which it includes. Here the memory is in bytes, and block operations
// have no size: bytes read and written stay unmeasured.
func (m *meter) account(state *os.ProcessState, t *total) {
	if u, ok := state.SysUsage().(*syscall.Rusage); ok && u.Maxrss > 0 {
		t.peakRSS = reading(float64(u.Maxrss))
	}
}

// stopped stops this process after the command got the terminal's signal.
func stopped() { _ = unix.Kill(unix.Getpid(), unix.SIGSTOP) }
