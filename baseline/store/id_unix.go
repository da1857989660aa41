//go:build unix

package store

import (
	"io/fs"
	"syscall"
)

// fileID is the file's number in its file system; 0: it is not known.
func fileID(info fs.FileInfo) uint64 {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return uint64(s.Ino)
	}
	return 0
}
