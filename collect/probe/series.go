package probe

import (
	"runtime"
	"time"
)

// loadWindow is the shortest time that a load is told of. The kernel counts a
// process's time in hundredths of a second: over less than this the steps show.
const loadWindow = 250 * time.Millisecond

// sample is the tree at one moment.
type sample struct {
	cpu        time.Duration // what the whole tree has used since it started
	rss        int64         // bytes
	processRSS Reading       // bytes, the command's own process
}

// series turns samples into means and peaks without keeping them.
type series struct {
	peakRSS    Reading
	rss        weighted
	processRSS weighted
	at         time.Duration // of the last sample
	// The load is that of the time since the window's start.
	windowAt, windowCPU time.Duration
	cpu                 time.Duration // the most that was seen
	load                float64       // percent, the largest
}

// add takes a sample that was taken so long after the start.
func (s *series) add(at time.Duration, x sample) {
	span := at - s.at
	s.at = at
	s.rss.add(float64(x.rss), span)
	if x.processRSS.Measured {
		s.processRSS.add(x.processRSS.Value, span)
	}
	s.peakRSS = larger(s.peakRSS, reading(float64(x.rss)))
	// A process that ends while the tree is read is missed for this once. The
	// time used never falls, so its return is no jump either.
	s.cpu = max(s.cpu, x.cpu)
	s.close(at, s.cpu)
}

// close ends the window when it is wide enough.
func (s *series) close(at, cpu time.Duration) {
	if at-s.windowAt < loadWindow {
		return
	}
	s.load = max(s.load, percent(cpu-s.windowCPU, at-s.windowAt))
	s.windowAt, s.windowCPU = at, cpu
}

// maxLoad ends the last window at the command's end. A load is never above what
// the machine has, nor below the average.
func (s *series) maxLoad(wall, cpu time.Duration, avg Reading) Reading {
	s.close(wall, max(s.cpu, cpu))
	return reading(max(avg.Value, min(s.load, 100*float64(runtime.NumCPU()))))
}

// weighted is a mean over time: each value counts as long as it stood.
type weighted struct{ sum, weight, most float64 }

func (w *weighted) add(v float64, span time.Duration) {
	w.sum += v * span.Seconds()
	w.weight += span.Seconds()
	w.most = max(w.most, v)
}

func (w *weighted) mean() Reading {
	if w.weight <= 0 {
		return Reading{}
	}
	return reading(min(w.sum/w.weight, w.most)) // rounding may lift it above
}
