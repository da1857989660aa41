package probe

import (
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/plumbline-ci/plumbline/collect"
)

// Reading is a figure that may not have been measured. The zero Reading was not.
type Reading struct {
	Value    float64
	Measured bool
}

func reading(v float64) Reading { return Reading{Value: v, Measured: true} }

// Result is what Run measured. A percentage of load counts one core as 100.
type Result struct {
	Status int       // exit status; 128+n when signal n ended the command
	Signal os.Signal // that signal; nil: none
	Start  time.Time
	Wall   time.Duration // until the command itself ended
	// User and System are the processor time of the whole tree by the kernel's
	// accounting, with what descendants that still run have used so far.
	User, System time.Duration
	AvgLoad      Reading // percent
	MaxLoad      Reading // percent: the busiest sampling interval
	PeakRSS      Reading // bytes; a lower bound for trees of several processes
	AvgRSS       Reading // bytes, the mean over time
	Read         Reading // bytes from storage
	Written      Reading // bytes to storage
	HostCPU      Reading // percent of all cores of the machine, 0-100
	HostMem      Reading // percent of the machine's memory in use, 0-100
	HostMemUsed  Reading // bytes
	ProcessRSS   Reading // bytes, the mean of the command's own process
	ProcessCPU   Reading // percent, the command's own process
	// Notes are what a person must know to read the figures right.
	Notes []string

	series series
	host   *host
}

func (r *Result) note(format string, args ...any) {
	r.Notes = append(r.Notes, fmt.Sprintf(format, args...))
}

// total is what a meter knows at the end about the whole tree.
type total struct {
	user, system time.Duration
	peakRSS      Reading // of the largest process, exact
	read         Reading
	written      Reading
	process      Reading // seconds of processor time of the command's own process
	left         int     // descendants that still run
}

// conclude turns samples and totals into the figures.
func (r *Result) conclude(t total) {
	r.User, r.System = t.user, t.system
	r.Read, r.Written = t.read, t.written
	if r.Wall > 0 {
		r.AvgLoad = reading(percent(t.user+t.system, r.Wall))
		if t.process.Measured {
			r.ProcessCPU = reading(t.process.Value / r.Wall.Seconds() * 100)
		}
		r.MaxLoad = r.series.maxLoad(r.Wall, t.user+t.system, r.AvgLoad)
	}
	r.PeakRSS = larger(r.series.peakRSS, t.peakRSS)
	r.AvgRSS, r.ProcessRSS = r.series.rss.mean(), r.series.processRSS.mean()
	r.HostCPU, r.HostMem, r.HostMemUsed = r.host.figures()
	switch {
	case t.left == 1:
		r.note("1 process was still running when the command ended")
	case t.left > 1:
		r.note("%d processes were still running when the command ended", t.left)
	}
	slices.Sort(r.Notes)
}

func percent(cpu, wall time.Duration) float64 { return cpu.Seconds() / wall.Seconds() * 100 }

func larger(a, b Reading) Reading {
	if !a.Measured || b.Measured && b.Value > a.Value {
		return b
	}
	return a
}

const mega = 1e6 // bytes in a MB

// Metrics returns the result as metrics of a run of the given type. What was
// not measured is not among them.
func (r Result) Metrics(typ string) []collect.Metric {
	success := 0.0
	if r.Status == 0 {
		success = 1
	}
	out := []collect.Metric{
		{Name: typ + ".seconds", Unit: "s", Better: collect.Lower, Value: r.Wall.Seconds()},
		{Name: typ + ".success", Better: collect.Higher, Value: success},
		{Name: "cpu.user_seconds", Unit: "s", Better: collect.Lower, Value: r.User.Seconds()},
		{Name: "cpu.system_seconds", Unit: "s", Better: collect.Lower, Value: r.System.Seconds()},
	}
	return append(out, r.readings()...)
}

// readings are the figures that may not have been measured, those that were.
func (r *Result) readings() []collect.Metric {
	var out []collect.Metric
	// More load is neither good nor bad: it is more work or less waiting. What
	// the rest of the machine did is no merit of the command either.
	for _, f := range []struct {
		name    string
		reading Reading
		unit    collect.Unit
		better  collect.Direction
	}{
		{"cpu.avg_load", r.AvgLoad, "%", collect.None},
		{"cpu.max_load", r.MaxLoad, "%", collect.None},
		{"ram.peak_mb", r.PeakRSS, "MB", collect.Lower},
		{"ram.avg_mb", r.AvgRSS, "MB", collect.Lower},
		{"io.read_mb", r.Read, "MB", collect.Lower},
		{"io.write_mb", r.Written, "MB", collect.Lower},
		{"system.cpu_percent", r.HostCPU, "%", collect.None},
		{"system.memory_percent", r.HostMem, "%", collect.None},
		{"system.memory_used_mb", r.HostMemUsed, "MB", collect.None},
		{"system.process_memory_mb", r.ProcessRSS, "MB", collect.Lower},
		{"system.process_cpu_percent", r.ProcessCPU, "%", collect.None},
	} {
		if !f.reading.Measured {
			continue
		}
		v := f.reading.Value
		if f.unit == "MB" {
			v /= mega
		}
		out = append(out, collect.Metric{Name: f.name, Unit: f.unit, Better: f.better, Value: v})
	}
	return out
}
