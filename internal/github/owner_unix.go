//go:build unix

package github

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// GiveBack makes files and whole folders of the workspace belong to its owner.
// The container runs as root, the runner does not: what root leaves behind
// breaks the runner's next checkout. For another user than root it does nothing.
func (s *Step) GiveBack(names ...string) error {
	for _, n := range names {
		rel, err := s.Local(n)
		if err == nil {
			err = giveBack(s.root, rel)
		}
		if err != nil {
			return fmt.Errorf("give files back: %w", err)
		}
	}
	return nil
}

// giveBack makes a file or folder below root belong to the owner of root.
func giveBack(root *os.Root, name string) error {
	if os.Geteuid() != 0 {
		return nil
	}
	info, err := root.Stat(".")
	if err != nil {
		return err
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return nil
	}
	if _, err := root.Lstat(filepath.FromSlash(name)); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return fs.WalkDir(root.FS(), name, func(name string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return root.Lchown(filepath.FromSlash(name), int(owner.Uid), int(owner.Gid))
	})
}
