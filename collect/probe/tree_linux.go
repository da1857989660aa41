package probe

import (
	"cmp"
	"os"
	"slices"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// maxOpen is how many files of processes are kept open. Beyond, each sample
// opens them again: dearer, but no process runs out of descriptors.
const maxOpen = 256

// tree follows the descendants of this process through /proc. One listing of
// the folder tells who is new, and only of those the parent is asked: to walk
// down from parent to child by task/*/children costs three times as much for 50
// processes, and a multiple of that where they have threads.
//
// A kept file is bound to its process and not to the number, so a number that
// is used again is never taken for the process that had it before.
type tree struct {
	path  string
	self  int
	pages int64 // bytes in a page

	mu     sync.Mutex
	dir    int     // /proc; -1: it cannot be read
	known  []entry // sorted by pid
	spare  []entry
	listed []int
	buf    []byte
	open   int
}

type kind int8

const (
	unknown kind = iota // its parent is not known yet
	outside             // not of this tree, or older than it
	member
)

type entry struct {
	pid  int
	kind kind
	fd   int // of its stat file; -1: not kept
}

// newTree takes all processes that exist for foreign.
func newTree(path string) *tree {
	t := &tree{
		path: path, self: os.Getpid(), pages: int64(os.Getpagesize()), dir: -1,
		buf: make([]byte, 16<<10),
	}
	if me, err := os.Readlink(path + "/self"); err != nil || me != strconv.Itoa(t.self) {
		return t // none, or that of another namespace
	}
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return t
	}
	t.dir = fd
	t.list()
	for _, pid := range t.listed {
		t.known = append(t.known, entry{pid: pid, kind: outside, fd: -1})
	}
	return t
}

func (t *tree) close() {
	for _, e := range t.known {
		t.forget(e)
	}
	t.known = nil
	if t.dir >= 0 {
		_ = unix.Close(t.dir)
		t.dir = -1
	}
}

func (t *tree) forget(e entry) {
	if e.fd >= 0 {
		_ = unix.Close(e.fd)
		t.open--
	}
}

// foreign reports whether the process existed before the tree.
func (t *tree) foreign(pid int) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	i, ok := t.find(pid)
	return ok && t.known[i].kind == outside
}

func (t *tree) find(pid int) (int, bool) {
	return slices.BinarySearchFunc(t.known, pid, func(e entry, pid int) int { return cmp.Compare(e.pid, pid) })
}

// sample adds up the members. Parents mostly come before their children, so a
// child that ends meanwhile is missed rather than counted twice.
func (t *tree) sample(command int) (s sample, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.refresh()
	for i := range t.known {
		e := &t.known[i]
		p, alive := t.readMember(e)
		if !alive {
			continue
		}
		s.cpu += p.user + p.system + p.childUser + p.childSystem
		s.rss += p.rss
		if e.pid == command {
			ok = p.state != 'Z' // it has ended: its memory is gone
			s.processRSS = reading(float64(p.rss))
		}
	}
	return s, ok
}

// living adds up what the members that still run have used, with the children
// that they waited for. Those that ended and wait for their parent count too,
// but they do not run.
func (t *tree) living() (u usage, left int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.refresh()
	for i := range t.known {
		e := &t.known[i]
		p, alive := t.readMember(e)
		if !alive {
			continue
		}
		v := usage{user: p.user + p.childUser, system: p.system + p.childSystem}
		v.read, v.written = t.blocks(e.pid)
		u.add(v)
		if p.state != 'Z' && p.state != 'X' {
			left++
		}
	}
	return u, left
}

// refresh brings known in line with the processes that exist.
func (t *tree) refresh() {
	if t.dir < 0 {
		return
	}
	t.list()
	next := t.spare[:0]
	i := 0
	for _, pid := range t.listed {
		for i < len(t.known) && t.known[i].pid < pid {
			t.forget(t.known[i])
			i++
		}
		if i < len(t.known) && t.known[i].pid == pid {
			next = append(next, t.known[i])
			i++
			continue
		}
		next = append(next, entry{pid: pid, fd: -1})
	}
	for ; i < len(t.known); i++ {
		t.forget(t.known[i])
	}
	t.known, t.spare = next, t.known
	t.place()
}

// place finds out which of the new processes belong to the tree. A child may
// have a lower number than its parent, so it asks until nothing changes.
func (t *tree) place() {
	for changed := true; changed; {
		changed = false
		for i := range t.known {
			e := &t.known[i]
			if e.kind != unknown || e.pid == t.self {
				continue
			}
			p, alive := t.read(e)
			if alive {
				e.kind = t.kindBelow(p.parent)
			}
			if e.kind != unknown {
				changed = true
			}
			if e.kind == outside {
				t.forget(*e)
				e.fd = -1
			}
		}
	}
}

func (t *tree) kindBelow(parent int) kind {
	if parent == t.self {
		return member
	}
	if i, ok := t.find(parent); ok {
		return t.known[i].kind
	}
	// The parent has ended since the listing, or is out of sight as that of
	// process 1 is. The next sample sees whose it is now.
	if parent == 0 {
		return outside
	}
	return unknown
}

// readMember is read, for members that are still there.
func (t *tree) readMember(e *entry) (stat, bool) {
	if e.kind != member {
		return stat{}, false
	}
	return t.read(e)
}

// read reads the status of a process and keeps the file.
func (t *tree) read(e *entry) (stat, bool) {
	fd := e.fd
	if fd < 0 {
		var err error
		fd, err = unix.Openat(t.dir, strconv.Itoa(e.pid)+"/stat", unix.O_RDONLY|unix.O_CLOEXEC, 0)
		if err != nil {
			return stat{}, false
		}
		if t.open < maxOpen {
			e.fd = fd
			t.open++
		} else {
			defer unix.Close(fd)
		}
	}
	n, err := unix.Pread(fd, t.buf, 0)
	if err != nil {
		return stat{}, false
	}
	return parseStat(t.buf[:n], t.pages)
}

// stat reads the status of any process.
func (t *tree) stat(pid int) (stat, bool) {
	b, err := os.ReadFile(t.path + "/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return stat{}, false
	}
	return parseStat(b, t.pages)
}

// blocks returns the bytes of block I/O of a process. Another user's cannot be
// read and are left out.
func (t *tree) blocks(pid int) (read, written int64) {
	b, err := os.ReadFile(t.path + "/" + strconv.Itoa(pid) + "/io")
	if err != nil {
		return 0, 0
	}
	return field(b, "\nread_bytes: "), field(b, "\nwrite_bytes: ")
}

// stat is what /proc/PID/stat says.
type stat struct {
	state                                byte
	parent                               int
	user, system, childUser, childSystem time.Duration
	rss                                  int64 // bytes
}
