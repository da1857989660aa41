package probe

import (
	"bytes"
	"encoding/binary"
	"time"

	"golang.org/x/sys/unix"
)

// tickTime is the unit of times in /proc on every Linux that Go runs on.
const tickTime = 10 * time.Millisecond

// parseStat reads a line of /proc/PID/stat. The name in parentheses may hold
// anything, parentheses and line breaks too, so fields are counted from the
// last one on.
func parseStat(b []byte, pageBytes int64) (s stat, ok bool) {
	i := bytes.LastIndexByte(b, ')')
	if i < 0 || len(b) < i+3 {
		return stat{}, false
	}
	b = b[i+2:]
	s.state = b[0]
	for n := 0; len(b) > 0; n++ {
		end := bytes.IndexByte(b, ' ')
		if end < 0 {
			end = len(b)
		}
		v := number(b[:end])
		switch n { // proc_pid_stat(5) counts from 1 and begins two fields before
		case 1:
			s.parent = int(v)
		case 11:
			s.user = time.Duration(v) * tickTime
		case 12:
			s.system = time.Duration(v) * tickTime
		case 13:
			s.childUser = time.Duration(v) * tickTime
		case 14:
			s.childSystem = time.Duration(v) * tickTime
		case 21:
			s.rss = v * pageBytes
			return s, true
		}
		b = b[min(end+1, len(b)):]
	}
	return stat{}, false
}

// number reads the digits at the start of b; without one it is 0.
func number(b []byte) (v int64) {
	for _, c := range b {
		if c < '0' || c > '9' {
			break
		}
		v = v*10 + int64(c-'0')
	}
	return v
}

// field returns the number after key, 0 where the key is not there.
func field(b []byte, key string) int64 {
	i := bytes.Index(b, []byte(key))
	if i < 0 {
		return 0
	}
	return number(b[i+len(key):])
}

// list fills listed with the numbers of all processes, in order. The kernel
// gives them so; os.ReadDir would make a string and a struct for each.
func (t *tree) list() {
	t.listed = t.listed[:0]
	if _, err := unix.Seek(t.dir, 0, 0); err != nil {
		return
	}
	for {
		n, err := unix.ReadDirent(t.dir, t.buf)
		if err == unix.EINTR {
			continue
		}
		if err != nil || n <= 0 {
			return
		}
		for b := t.buf[:n]; len(b) > nameAt; {
			size := int(binary.NativeEndian.Uint16(b[16:]))
			if size <= nameAt || size > len(b) {
				break
			}
			if c := b[nameAt]; c >= '1' && c <= '9' {
				t.listed = append(t.listed, int(number(b[nameAt:size])))
			}
			b = b[size:]
		}
	}
}

// nameAt is where the name begins in a linux_dirent64: after inode and offset
// of 8 bytes, a length of 2 and a type of 1.
const nameAt = 19
