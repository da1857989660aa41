package github

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Step is one step of a job that runs plumbline as its action. Close it.
type Step struct {
	Inputs Inputs
	Event  Event
	// Workspace is the folder of the checkout, and Dir the folder in it where
	// the step works: input working-directory. Both are absolute.
	Workspace, Dir string

	getenv func(string) string
	stdout io.Writer
	root   *os.Root // of Workspace
	dir    string   // Dir seen from the workspace, with slashes
}

// UsageError is a mistake in what the user's workflow says.
type UsageError struct{ Err error }

func (e *UsageError) Error() string { return e.Err.Error() }

// Unwrap returns what is wrong.
func (e *UsageError) Unwrap() error { return e.Err }

// NewStep reads the step's inputs and event and opens its workspace. An error
// in the inputs is a *UsageError.
func NewStep(getenv func(string) string, stdout io.Writer) (*Step, error) {
	s := &Step{getenv: getenv, stdout: stdout, Workspace: getenv("GITHUB_WORKSPACE")}
	if s.Workspace == "" {
		return nil, &UsageError{errors.New("GITHUB_WORKSPACE is not set: action is for a step of GitHub Actions; elsewhere use collect and check")}
	}
	var err error
	if s.Inputs, err = readInputs(getenv); err != nil {
		return nil, &UsageError{err}
	}
	if s.Event, err = ReadEvent(getenv); err != nil {
		return nil, err
	}
	if s.Workspace, err = filepath.Abs(s.Workspace); err != nil {
		return nil, fmt.Errorf("find the workspace: %w", err)
	}
	if s.root, err = os.OpenRoot(s.Workspace); err != nil {
		return nil, fmt.Errorf("open the workspace: %w", err)
	}
	if err := s.enter(s.Inputs.WorkingDirectory); err != nil {
		return nil, errors.Join(&UsageError{err}, s.root.Close())
	}
	return s, nil
}

// Close releases the workspace.
func (s *Step) Close() error { return s.root.Close() }

// enter sets the folder to work in.
func (s *Step) enter(dir string) error {
	rel, err := s.Local(dir)
	if err != nil {
		return fmt.Errorf("input working-directory: %w", err)
	}
	info, err := s.root.Stat(filepath.FromSlash(rel))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("input working-directory: no folder %q in the workspace", dir)
	case err != nil:
		return fmt.Errorf("input working-directory: %q: %w", dir, err)
	case !info.IsDir():
		return fmt.Errorf("input working-directory: %q is no folder", dir)
	}
	s.dir, s.Dir = rel, filepath.Join(s.Workspace, filepath.FromSlash(rel))
	return nil
}
