//go:build !linux

package probe

import (
	"os"
	"os/exec"
	"time"

	"github.com/shirou/gopsutil/v3/process"
)

// meter measures a command by what its end tells and by samples of its tree.
type meter struct {
	kept  map[int]*kept
	ended time.Duration // what processes that have ended were last seen to have used
}

// kept is a process between samples. The object remembers when it began, and so
// is not taken for another one that gets its number.
type kept struct {
	*process.Process
	began int64 // milliseconds since 1970
	used  time.Duration
}

func newMeter([]string) *meter { return &meter{kept: map[int]*kept{}} }

func (m *meter) close() {}

func (m *meter) start(cmd *exec.Cmd) error { return cmd.Start() }

func (m *meter) wait(p *os.Process) (*os.ProcessState, time.Time, error) {
	state, err := p.Wait()
	return state, time.Now(), err
}

// sample looks at the tree below the command. Not ok: it cannot be seen.
func (m *meter) sample(command int) (s sample, ok bool) {
	parents, err := parents()
	if err != nil {
		return sample{}, false
	}
	m.keep(command, below(command, parents))
	s.cpu = m.ended
	for pid, k := range m.kept {
		if t, err := k.Times(); err == nil {
			k.used = time.Duration((t.User + t.System) * float64(time.Second))
		}
		s.cpu += k.used
		mem, err := k.MemoryInfo()
		if err != nil {
			continue
		}
		s.rss += int64(mem.RSS)
		if pid == command {
			s.processRSS, ok = reading(float64(mem.RSS)), true
		}
	}
	return s, ok
}

// keep brings kept in line with the processes below the command. One that is
// older than the command only has a parent of the same number.
func (m *meter) keep(command int, living map[int]bool) {
	for pid, k := range m.kept {
		if began, err := k.CreateTime(); !living[pid] || err != nil || began != k.began {
			if pid != command { // whose own account tells more
				m.ended += k.used
			}
			delete(m.kept, pid)
		}
	}
	oldest := int64(0)
	if p, err := process.NewProcess(int32(command)); err == nil {
		oldest, _ = p.CreateTime()
	}
	for pid := range living {
		if m.kept[pid] != nil {
			continue
		}
		p, err := process.NewProcess(int32(pid))
		if err != nil {
			continue
		}
		if began, err := p.CreateTime(); err == nil && began >= oldest {
			m.kept[pid] = &kept{Process: p, began: began}
		}
	}
}

// below returns the command and its descendants.
func below(command int, parents map[int]int) map[int]bool {
	in := map[int]bool{command: true}
	for grown := true; grown; {
		grown = false
		for pid, parent := range parents {
			if in[parent] && !in[pid] {
				in[pid], grown = true, true
			}
		}
	}
	return in
}

// total takes the account of the command's end. Where the system's account has
// the command's own process only, samples of the others are added.
func (m *meter) total(state *os.ProcessState) total {
	t := total{user: state.UserTime(), system: state.SystemTime()}
	m.account(state, &t)
	return t
}
