package probe

import (
	"encoding/binary"
	"errors"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// inboxWatch listens to what the kernel tells of the folder: each opening of a
// file in it, of which there is one a writer, and each file that is written.
type inboxWatch struct {
	i      *Inbox
	f      *os.File
	fd     int
	done   chan struct{}
	buf    []byte
	opened int
}

func (i *Inbox) watch() (*inboxWatch, error) {
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if err != nil {
		return nil, err
	}
	// Of two openings in a row the kernel would tell one. Changes, which come
	// between, keep them apart: what the first wrote, and that the second emptied it.
	const all = unix.IN_OPEN | unix.IN_MODIFY | unix.IN_CLOSE_WRITE | unix.IN_ONLYDIR
	if _, err := unix.InotifyAddWatch(fd, i.Dir(), all); err != nil {
		_ = unix.Close(fd)
		return nil, err
	}
	w := &inboxWatch{i: i, f: os.NewFile(uintptr(fd), "inotify"), fd: fd, done: make(chan struct{}), buf: make([]byte, 64<<10)}
	go func() {
		defer close(w.done)
		for {
			n, err := w.f.Read(w.buf)
			if err != nil {
				return
			}
			w.events(w.buf[:n])
		}
	}()
	return w, nil
}

// events reads structures of the kernel: a watch, a mask, a cookie and the length
// of the name that follows, of four bytes each.
func (w *inboxWatch) events(b []byte) {
	for len(b) >= unix.SizeofInotifyEvent {
		mask := binary.NativeEndian.Uint32(b[4:])
		end := unix.SizeofInotifyEvent + int(binary.NativeEndian.Uint32(b[12:]))
		if end > len(b) {
			return
		}
		name := strings.TrimRight(string(b[unix.SizeofInotifyEvent:end]), "\x00")
		b = b[end:]
		switch {
		case mask&unix.IN_Q_OVERFLOW != 0:
			w.opened++ // nobody knows of how many: it counts as a loss
		case name == "" || mask&unix.IN_ISDIR != 0:
		case mask&unix.IN_OPEN != 0:
			w.opened++
		case mask&unix.IN_CLOSE_WRITE != 0:
			w.i.take(name)
		}
	}
}

// stop reads what the kernel still has to tell and returns how often a file was
// opened.
func (w *inboxWatch) stop() int {
	_ = w.f.SetReadDeadline(time.Unix(1, 0))
	<-w.done
	for {
		n, err := unix.Read(w.fd, w.buf)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil || n <= 0 {
			break
		}
		w.events(w.buf[:n])
	}
	_ = w.f.Close()
	return w.opened
}
