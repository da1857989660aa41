package probe

import (
	"github.com/shirou/gopsutil/v3/cpu"
	"github.com/shirou/gopsutil/v3/mem"
)

// host measures the whole machine while a command runs.
type host struct {
	before   *cpu.TimesStat // nil: not to be had
	samples  int
	pct, use float64 // sums over the samples
}

func newHost() *host {
	h := &host{before: hostTimes()}
	h.sample()
	return h
}

func hostTimes() *cpu.TimesStat {
	t, err := cpu.Times(false)
	if err != nil || len(t) == 0 {
		return nil
	}
	return &t[0]
}

func (h *host) sample() {
	m, err := mem.VirtualMemory()
	if err != nil || m.Total == 0 {
		return
	}
	h.samples++
	h.pct += m.UsedPercent
	h.use += float64(m.Used)
}

// figures returns the load since newHost and the mean memory in use.
func (h *host) figures() (load, memory, used Reading) {
	if after := hostTimes(); after != nil && h.before != nil {
		busy, all := busyTime(after), allTime(after)
		busy, all = busy-busyTime(h.before), all-allTime(h.before)
		if all >= loadWindow.Seconds() {
			load = reading(min(100, max(0, busy/all*100)))
		}
	}
	if h.samples > 0 {
		n := float64(h.samples)
		memory, used = reading(h.pct/n), reading(h.use/n)
	}
	return load, memory, used
}

// allTime leaves out guest time, which the kernel counts as user time already.
func allTime(t *cpu.TimesStat) float64 {
	return t.User + t.System + t.Nice + t.Idle + t.Iowait + t.Irq + t.Softirq + t.Steal
}

func busyTime(t *cpu.TimesStat) float64 { return allTime(t) - t.Idle - t.Iowait }
