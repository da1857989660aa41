package live

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

const extension = ".sock"

// Folder is where this user's runs have their sockets. It is beside other temporary
// files and not in the store: paths of sockets may have some hundred bytes only, a
// store may be on another machine, and one who watches need not stand where the run
// was started.
func Folder() string {
	name := "plumbline"
	if uid := os.Getuid(); uid >= 0 { // else temporary files are a user's own
		name += "-" + strconv.Itoa(uid)
	}
	return filepath.Join(os.TempDir(), name)
}

// makeOwn makes the folder, or finds out whether one that is there is this user's
// and nobody else may enter it.
func makeOwn(folder string) error {
	err := os.Mkdir(folder, 0o700)
	if err != nil && !errors.Is(err, os.ErrExist) {
		return fmt.Errorf("make a folder for who watches: %w", err)
	}
	return own(folder)
}

// own returns an error where a folder may be another user's.
func own(folder string) error {
	info, err := os.Lstat(folder)
	switch {
	case err != nil:
		return err
	case !info.IsDir() || !private(info):
		return fmt.Errorf("%s is not a folder that you alone may use: remove it", folder)
	}
	return nil
}
