package probe

import (
	"os"
	"time"

	"golang.org/x/sys/windows"
)

var waitSignals = []os.Signal{os.Kill, os.Interrupt}

var systemHelpers = map[string]func(args []string) int{}

// currentPeak is told on Linux only.
func currentPeak() int64 { return 0 }

// ownTime is the processor time of this process.
func ownTime() time.Duration {
	var created, ended, kernel, user windows.Filetime
	if err := windows.GetProcessTimes(windows.CurrentProcess(), &created, &ended, &kernel, &user); err != nil {
		panic(err)
	}
	ticks := func(f windows.Filetime) int64 { return int64(f.HighDateTime)<<32 + int64(f.LowDateTime) }
	return time.Duration(ticks(kernel)+ticks(user)) * 100
}
