package probe

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Inbox is a folder into which the programs of a command write files. Each file is
// taken out as soon as it is written, so that the next program may use its name
// again: two runs of one tool would else write one over the other.
type Inbox struct {
	root  string
	files []string // taken, in order
	w     *inboxWatch
}

// NewInbox makes an empty inbox in the temporary folder and begins to take files.
// It must be removed.
func NewInbox() (*Inbox, error) {
	root, err := os.MkdirTemp("", "plumbline-inbox-*")
	if err != nil {
		return nil, fmt.Errorf("make a folder for reports: %w", err)
	}
	if root, err = filepath.Abs(root); err != nil {
		return nil, err
	}
	i := &Inbox{root: root}
	if err = errors.Join(os.Mkdir(i.Dir(), 0o777), os.Mkdir(i.taken(), 0o777)); err == nil {
		i.w, err = i.watch()
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("watch a folder for reports: %w", err), os.RemoveAll(root))
	}
	return i, nil
}

// Dir is the absolute path of the folder to write to.
func (i *Inbox) Dir() string { return filepath.Join(i.root, "in") }

func (i *Inbox) taken() string { return filepath.Join(i.root, "taken") }

// Name is the name that a file of Files was written under.
func (*Inbox) Name(file string) string { return filepath.Base(filepath.Dir(file)) }

// Files ends the taking and returns the paths of all files in the order of their
// completion. Lost is how many more were written and not kept, because two
// programs wrote one name at the same moment. It is known on Linux, and else 0. It
// is called once.
func (i *Inbox) Files() (files []string, lost int) {
	opened := i.w.stop()
	names, err := os.ReadDir(i.Dir())
	if err == nil {
		for _, e := range names {
			i.take(e.Name())
		}
	}
	return i.files, max(0, opened-len(i.files))
}

// Remove removes the inbox with all its files.
func (i *Inbox) Remove() error { return os.RemoveAll(i.root) }

// take moves a file to a folder of its own whose name is the file's. It fails
// silently where the file is gone, or is still open on a system that then holds
// it: another look comes.
func (i *Inbox) take(name string) {
	if info, err := os.Lstat(filepath.Join(i.Dir(), name)); err != nil || !info.Mode().IsRegular() {
		return
	}
	dir := filepath.Join(i.taken(), fmt.Sprint(len(i.files)), name)
	if err := os.MkdirAll(dir, 0o777); err != nil && !errors.Is(err, fs.ErrExist) {
		return
	}
	to := filepath.Join(dir, "report"+filepath.Ext(name))
	if err := os.Rename(filepath.Join(i.Dir(), name), to); err == nil {
		i.files = append(i.files, to)
	}
}
