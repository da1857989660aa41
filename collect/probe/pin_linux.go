package probe

import (
	"fmt"
	"runtime"

	"golang.org/x/sys/unix"
)

// Pin lets commands that the calling goroutine starts with Run, and all that
// they start, use only these CPUs. It stays until unpin is called, by the same
// goroutine. This process's other threads, which sample the command, are not
// bound. Where the system cannot do it the error is errors.ErrUnsupported.
func Pin(cpus []int) (unpin func(), err error) {
	// A child has the CPUs of the thread that forks it.
	runtime.LockOSThread()
	var before, want unix.CPUSet
	if err := unix.SchedGetaffinity(0, &before); err != nil {
		runtime.UnlockOSThread()
		return nil, fmt.Errorf("read the CPUs of this process: %w", err)
	}
	for _, c := range cpus {
		if !before.IsSet(c) { // false for what is no CPU at all
			runtime.UnlockOSThread()
			return nil, fmt.Errorf("CPU %d is none that this process may use", c)
		}
		want.Set(c)
	}
	if err := unix.SchedSetaffinity(0, &want); err != nil {
		runtime.UnlockOSThread()
		return nil, fmt.Errorf("bind to CPUs %v: %w", cpus, err)
	}
	return func() {
		if unix.SchedSetaffinity(0, &before) == nil {
			runtime.UnlockOSThread() // else the thread ends with its goroutine
		}
	}, nil
}
