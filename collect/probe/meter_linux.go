package probe

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// meter measures the descendants of this process that come into being while it
// exists.
type meter struct {
	tree      *tree
	group     *cgroup // nil: none can be made
	subreaper int     // what this process was before
	// The kernel counts the peak of the process that it was started from as a
	// command's own, so only what is above this is the command's.
	ownPeak int64

	mu      sync.Mutex
	orphans usage // of those that this process waited for
	// children is what the command's own process waited for, as far as /proc
	// told when it had ended.
	children time.Duration
	looked   bool
}

// usage is the kernel's account of a process and of the children that it waited
// for.
type usage struct {
	user, system  time.Duration
	maxRSS        int64 // bytes
	read, written int64 // bytes of block I/O
}

func newMeter(groups []string) *meter {
	m := &meter{tree: newTree("/proc"), group: newCgroup(groups, "/proc/self/cgroup")}
	// Orphans go to the nearest subreaper, and only who waits gets the account.
	// Kernels that cannot are older than this program's oldest.
	var before int32
	_ = unix.Prctl(unix.PR_GET_CHILD_SUBREAPER, uintptr(unsafe.Pointer(&before)), 0, 0, 0)
	m.subreaper = int(before)
	_ = unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
	return m
}

func (m *meter) close() {
	_ = unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, uintptr(m.subreaper), 0, 0, 0)
	m.tree.close()
	m.group.close()
}

// start starts the command, in the control group if the kernel lets it. A file
// that is executable and has no format is given to the shell, as execvp does.
func (m *meter) start(cmd *exec.Cmd) error {
	err := m.startOnce(cmd)
	if errors.Is(err, unix.ENOEXEC) {
		renew(cmd)
		cmd.Args = append([]string{"/bin/sh", cmd.Path}, cmd.Args[1:]...)
		cmd.Path = "/bin/sh"
		err = m.startOnce(cmd)
	}
	m.ownPeak = ownPeak()
	return err
}

func (m *meter) startOnce(cmd *exec.Cmd) error {
	if m.group != nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{UseCgroupFD: true, CgroupFD: int(m.group.dir.Fd())}
		if err := cmd.Start(); err == nil {
			return nil
		}
		renew(cmd) // whether group or program is at fault shows without the group
	}
	return cmd.Start()
}

// renew makes a Cmd that failed to start one that can be started.
func renew(cmd *exec.Cmd) {
	*cmd = exec.Cmd{
		Path: cmd.Path, Args: cmd.Args, Dir: cmd.Dir, Env: cmd.Env,
		Stdin: cmd.Stdin, Stdout: cmd.Stdout, Stderr: cmd.Stderr,
	}
}

// ownPeak is the most memory that a command can have inherited from this
// process. The kernel's figures are behind by some pages for each core.
func ownPeak() int64 {
	return highWater() + int64(runtime.NumCPU())*64*int64(os.Getpagesize())
}

// highWater is the most memory that this program had since it was executed.
// getrusage would tell the peak of who started it too.
func highWater() int64 {
	b, err := os.ReadFile("/proc/self/status")
	const key = "\nVmHWM:"
	if i := bytes.Index(b, []byte(key)); err == nil && i >= 0 {
		return number(bytes.TrimLeft(b[i+len(key):], " \t")) << 10
	}
	var u unix.Rusage
	_ = unix.Getrusage(unix.RUSAGE_SELF, &u)
	return u.Maxrss << 10
}

// wait returns when the command has ended. Meanwhile it waits for orphans of
// the tree too, and lets this process stop when the terminal stops the command.
// It only looks at who changed, so that none is taken from another waiter.
func (m *meter) wait(p *os.Process) (*os.ProcessState, time.Time, error) {
	for {
		child, err := peek(unix.WEXITED | unix.WSTOPPED)
		switch {
		case err != nil:
			state, err := p.Wait()
			return state, time.Now(), err
		case child.stopped:
			m.stopped(child, p.Pid)
		case child.pid == p.Pid:
			end := time.Now()
			m.look(p.Pid)
			state, err := p.Wait()
			return state, end, err
		default:
			m.reap(child.pid)
		}
	}
}

// stopped makes this process stop with the command, so that the shell whose
// terminal it is gets its turn. The shell continues both.
func (m *meter) stopped(child changed, command int) {
	_ = unix.Waitid(unix.P_PID, child.pid, nil, unix.WSTOPPED|unix.WNOHANG, nil)
	if child.pid != command {
		return
	}
	switch child.signal {
	case unix.SIGTSTP, unix.SIGTTIN, unix.SIGTTOU:
		_ = unix.Kill(unix.Getpid(), unix.SIGSTOP)
	}
}

// stopped does nothing here: wait sees the command stop, or decide not to.
func stopped() {}

// look keeps what the command's children have used, which its account at the
// end does not tell from its own. The process has ended and is not yet waited
// for.
func (m *meter) look(pid int) {
	s, ok := m.tree.stat(pid)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.children, m.looked = s.childUser+s.childSystem, ok
}

// reap takes the account of an orphan that ended.
func (m *meter) reap(pid int) {
	var u unix.Rusage
	if _, err := unix.Wait4(pid, nil, unix.WNOHANG, &u); err != nil || m.tree.foreign(pid) {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.orphans.add(usageOf(u))
}

func usageOf(u unix.Rusage) usage {
	return usage{
		user:   time.Duration(u.Utime.Nano()),
		system: time.Duration(u.Stime.Nano()),
		maxRSS: u.Maxrss << 10,
		read:   u.Inblock << 9, written: u.Oublock << 9, // blocks of 512 bytes
	}
}

func (u *usage) add(v usage) {
	u.user += v.user
	u.system += v.system
	u.read += v.read
	u.written += v.written
	u.maxRSS = max(u.maxRSS, v.maxRSS)
}

// sample looks at the tree below the command. Not ok: it cannot be seen.
func (m *meter) sample(command int) (sample, bool) {
	m.mu.Lock()
	ended := m.orphans.user + m.orphans.system
	m.mu.Unlock()
	s, ok := m.tree.sample(command)
	s.cpu += ended
	return s, ok
}

// total adds up the accounts of all that ended and what the others have used so
// far. It is called once, after wait.
func (m *meter) total(state *os.ProcessState) total {
	for { // orphans that ended after the command
		child, err := peek(unix.WEXITED | unix.WNOHANG)
		if err != nil || child.pid == 0 {
			break
		}
		m.reap(child.pid)
	}
	all := m.orphans
	var t total
	if u, ok := state.SysUsage().(*syscall.Rusage); ok {
		main := usageOf(unix.Rusage{
			Utime: unix.Timeval(u.Utime), Stime: unix.Timeval(u.Stime),
			Maxrss: u.Maxrss, Inblock: u.Inblock, Oublock: u.Oublock,
		})
		if main.maxRSS <= m.ownPeak {
			main.maxRSS = 0
		}
		if m.looked {
			t.process = reading(max(0, main.user+main.system-m.children).Seconds())
		}
		all.add(main)
	}
	living, left := m.tree.living()
	all.add(living)
	t.user, t.system, t.left = all.user, all.system, left
	if all.maxRSS > 0 {
		t.peakRSS = reading(float64(all.maxRSS))
	}
	if _, err := os.Stat("/proc/self/io"); err == nil { // else the kernel counts none
		t.read, t.written = reading(float64(all.read)), reading(float64(all.written))
	}
	m.group.complete(&t)
	return t
}

// changed is a child that ended or stopped. Pid is 0 where there is none.
type changed struct {
	pid     int
	signal  unix.Signal
	stopped bool
}

// peek tells of a child that changed and leaves it as it is.
func peek(options int) (changed, error) {
	// The kernel's siginfo_t for a child, on the systems with 64 bits.
	var info struct {
		signo, errno, code, _ int32
		pid                   int32
		uid                   uint32
		status                int32
		_                     [100]byte
	}
	const stopped = 5 // CLD_STOPPED
	for {
		err := unix.Waitid(unix.P_ALL, 0, (*unix.Siginfo)(unsafe.Pointer(&info)), options|unix.WNOWAIT, nil)
		if err == unix.EINTR {
			continue
		}
		return changed{
			pid: int(info.pid), signal: unix.Signal(info.status), stopped: info.code == stopped,
		}, err
	}
}
