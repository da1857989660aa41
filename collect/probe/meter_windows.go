package probe

import (
	"os"
	"unsafe"

	"golang.org/x/sys/windows"
)

// parents returns the parent of each process.
func parents() (map[int]int, error) {
	h, err := windows.CreateToolhelp32Snapshot(windows.TH32CS_SNAPPROCESS, 0)
	if err != nil {
		return nil, err
	}
	defer windows.CloseHandle(h)
	out := map[int]int{}
	e := windows.ProcessEntry32{Size: uint32(unsafe.Sizeof(windows.ProcessEntry32{}))}
	for err = windows.Process32First(h, &e); err == nil; err = windows.Process32Next(h, &e) {
		out[int(e.ProcessID)] = int(e.ParentProcessID)
	}
	return out, nil
}

// account adds what samples saw of the other processes: the times of an ended
// process are its own here. Their parts of user and system are not kept apart.
func (m *meter) account(state *os.ProcessState, t *total) {
	t.process = reading((t.user + t.system).Seconds())
	t.user += m.ended
	for pid, k := range m.kept {
		if pid != state.Pid() {
			t.user += k.used
		}
	}
}
