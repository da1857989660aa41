package notice

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// File is a file that has the states of suites, for programs of one machine.
type File struct{ Path string }

// With lets do change the state of a suite while no other program may, and keeps
// what it made of it, also where it fails. A file that cannot be read is no empty
// one: all would be told again.
func (f File) With(ctx context.Context, suite string, do func(*State) error) (err error) {
	if err := os.MkdirAll(filepath.Dir(f.Path), 0o777); err != nil {
		return fmt.Errorf("remember what was told: %w", err)
	}
	lock := flock.New(f.Path + ".lock")
	if ok, err := lock.TryLockContext(ctx, 50*time.Millisecond); !ok || err != nil {
		return fmt.Errorf("remember what was told in %s: another program has it: %w", f.Path, errors.Join(err, ctx.Err()))
	}
	defer func() { err = errors.Join(err, lock.Unlock()) }()
	all, err := f.read()
	if err != nil {
		return err
	}
	s := all[suite]
	err = do(&s)
	if all[suite] = s; len(s.Shifts) == 0 && len(s.Counts) == 0 {
		delete(all, suite)
	}
	return errors.Join(err, f.write(all))
}

// Read is the state of a suite as it is, for looking at alone.
func (f File) Read(suite string) (State, error) {
	all, err := f.read()
	return all[suite], err
}

func (f File) read() (map[string]State, error) {
	all := map[string]State{}
	data, err := os.ReadFile(f.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return all, nil
	}
	if err == nil {
		err = json.Unmarshal(data, &all)
	}
	if err != nil {
		return nil, fmt.Errorf("read what was told already: %s: %w; mend the file, or remove it to have what is worse told again", f.Path, err)
	}
	return all, nil
}

func (f File) write(all map[string]State) error {
	data, err := json.Marshal(all)
	if err != nil {
		return fmt.Errorf("remember what was told: %w", err)
	}
	next := f.Path + ".new"
	if err := os.WriteFile(next, append(data, '\n'), 0o666); err != nil {
		return fmt.Errorf("remember what was told: %w", err)
	}
	return os.Rename(next, f.Path)
}
