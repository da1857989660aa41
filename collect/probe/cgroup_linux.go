package probe

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// cgroup is a control group for one command, which also counts processes whose
// parent never waits for them. A nil cgroup does nothing.
type cgroup struct {
	path string
	dir  *os.File
}

// newCgroup makes a group below the one that the file own names for this
// process. It returns nil where that is not allowed, which is the usual case.
func newCgroup(mounts []string, own string) *cgroup {
	b, err := os.ReadFile(own)
	if err != nil {
		return nil
	}
	name, ok := ownGroup(b)
	if !ok {
		return nil
	}
	for _, mount := range mounts {
		if _, err := os.Stat(filepath.Join(mount, "cgroup.controllers")); err != nil {
			continue
		}
		sweep(filepath.Join(mount, name))
		path, err := os.MkdirTemp(filepath.Join(mount, name), groupPrefix+strconv.Itoa(os.Getpid())+"-")
		if err != nil {
			return nil
		}
		dir, err := os.Open(path)
		if err != nil {
			_ = os.Remove(path)
			return nil
		}
		return &cgroup{path: path, dir: dir}
	}
	return nil
}

// groupPrefix begins the name of a group; the process that made it follows.
const groupPrefix = "plumbline-"

// sweep removes the groups of processes that were killed before they could. The
// kernel keeps a group that is in use.
func sweep(dir string) {
	groups, _ := filepath.Glob(filepath.Join(dir, groupPrefix+"*-*"))
	for _, path := range groups {
		pid := number([]byte(strings.TrimPrefix(filepath.Base(path), groupPrefix)))
		if pid > 0 && errors.Is(unix.Kill(int(pid), 0), unix.ESRCH) {
			_ = os.Remove(path)
		}
	}
}

// ownGroup finds the group of version 2 in the text of /proc/self/cgroup.
func ownGroup(b []byte) (string, bool) {
	for line := range strings.Lines(string(b)) {
		if name, ok := strings.CutPrefix(line, "0::"); ok {
			return strings.TrimSpace(name), true
		}
	}
	return "", false
}

// complete raises the total to what the group knows. It counts the same
// processes by the same clocks, so it is only higher where a process was lost.
// Its I/O is that of the devices and not of the processes: it stands in only
// where the kernel does not count theirs.
func (g *cgroup) complete(t *total) {
	if g == nil {
		return
	}
	if user, system, ok := g.cpu(); ok && user+system > t.user+t.system {
		t.user, t.system = user, system
	}
	if read, written, ok := g.io(); ok && !t.read.Measured {
		t.read, t.written = reading(read), reading(written)
	}
}

func (g *cgroup) cpu() (user, system time.Duration, ok bool) {
	b, err := os.ReadFile(filepath.Join(g.path, "cpu.stat"))
	b = append([]byte("\n"), b...)
	if err != nil || !bytes.Contains(b, []byte("\nuser_usec ")) {
		return 0, 0, false
	}
	user = time.Duration(field(b, "\nuser_usec ")) * time.Microsecond
	system = time.Duration(field(b, "\nsystem_usec ")) * time.Microsecond
	return user, system, true
}

// io adds up the devices.
func (g *cgroup) io() (read, written float64, ok bool) {
	b, err := os.ReadFile(filepath.Join(g.path, "io.stat"))
	if err != nil {
		return 0, 0, false
	}
	for line := range bytes.Lines(b) {
		read += float64(field(line, " rbytes="))
		written += float64(field(line, " wbytes="))
	}
	return read, written, true
}

// close removes the group. Processes that still run in it go back to the group
// that they would have been in.
func (g *cgroup) close() {
	if g == nil {
		return
	}
	defer g.dir.Close()
	// A process that is about to end can neither be moved nor let the group be
	// removed, and one that was moved may have left a child. The last resort is
	// to leave an empty group behind.
	for range 10 {
		g.empty()
		if err := os.Remove(g.path); !errors.Is(err, unix.EBUSY) {
			return
		}
		g.await(20 * time.Millisecond)
	}
}

func (g *cgroup) empty() {
	left, _ := os.ReadFile(filepath.Join(g.path, "cgroup.procs"))
	home := filepath.Join(filepath.Dir(g.path), "cgroup.procs")
	for pid := range strings.FieldsSeq(string(left)) {
		_ = os.WriteFile(home, []byte(pid), 0) // it may have ended
	}
}

// await waits until the kernel tells that the group's last process has left.
func (g *cgroup) await(most time.Duration) {
	fd, err := unix.Open(filepath.Join(g.path, "cgroup.events"), unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return
	}
	defer unix.Close(fd)
	_, _ = unix.Read(fd, make([]byte, 64)) // what is so already is no event
	_, _ = unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLPRI}}, int(most.Milliseconds()))
}
