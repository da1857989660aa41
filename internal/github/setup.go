package github

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// The folder of the binary below the home that the runner gives to container
// actions. Every version of the runner mounts that one, for the whole job.
const binFolder = ".plumbline/bin"

// inHome is where the jobs of a container see that home.
const inHome = "/github/home"

// Setup puts the program on the PATH of the job's later steps, under the name
// plumbline, and returns the folders that it added. A container action sees
// other paths than the steps of the job, and the runner takes the lines of
// GITHUB_PATH as they are: so both are added, the one that the host has and the
// one that a job with a container has. A folder that is not there does no harm.
//
// The layout is that of https://github.com/actions/runner: HOME is
// WORK/_temp/_github_home, and RUNNER_WORKSPACE is WORK/REPOSITORY, a path of
// the host that is not translated.
func (s *Step) Setup(program string) ([]string, error) {
	home := s.getenv("HOME")
	if home == "" {
		return nil, errors.New("setup: HOME is not set: the runner sets it")
	}
	dir := filepath.Join(home, filepath.FromSlash(binFolder))
	if err := s.install(program, dir); err != nil {
		return nil, fmt.Errorf("setup: %w", err)
	}
	dirs := []string{dir}
	if filepath.ToSlash(home) == inHome {
		if work := s.getenv("RUNNER_WORKSPACE"); work != "" {
			// The host's path is written last, so that it stands first on the PATH.
			dirs = append(dirs, path.Join(path.Dir(work), "_temp", "_github_home", binFolder))
		}
	}
	lines := strings.Join(dirs, "\n") + "\n"
	if strings.Count(lines, "\n") != len(dirs) {
		return nil, errors.New("setup: a path of the runner has a line break in it")
	}
	if _, err := s.appendTo("GITHUB_PATH", []byte(lines), 1<<20); err != nil {
		return nil, fmt.Errorf("setup: %w", err)
	}
	return dirs, nil
}

// install copies the program, whole or not at all, for everyone to run.
func (s *Step) install(program, dir string) error {
	// Whoever owns the home gets what lies in it: see GiveBack.
	home, err := os.OpenRoot(filepath.Dir(filepath.Dir(dir)))
	if err != nil {
		return err
	}
	defer home.Close()
	if err := home.MkdirAll(filepath.FromSlash(binFolder), 0o755); err != nil {
		return err
	}
	const name = binFolder + "/plumbline"
	if err := copyTo(home, program, name+".new"); err != nil {
		return err
	}
	if err := home.Rename(name+".new", name); err != nil {
		return err
	}
	return giveBack(home, path.Dir(binFolder))
}

func copyTo(root *os.Root, program, name string) error {
	in, err := os.Open(program)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := root.OpenFile(filepath.FromSlash(name), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o755)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Chmod(0o755), out.Close())
}
