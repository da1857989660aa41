package cli

import "runtime"

// readMuch is how many bytes of memory in use are worth to be looked through. It
// is what some thousand metrics of two hundred runs take.
const readMuch = 24 << 20

// reclaim gives the memory of what was read and is not needed any more, such as
// records of many megabytes, to what comes next. Left alone the runtime waits until
// there is twice as much.
func reclaim() {
	var m runtime.MemStats
	if runtime.ReadMemStats(&m); m.HeapAlloc > readMuch {
		runtime.GC()
	}
}
