package probe

import (
	"errors"
	"os"
	"os/signal"

	"golang.org/x/sys/windows"
)

// signals are those that this process gets. The console gives them to the
// command as well, so none is passed on.
type signals struct{ c chan os.Signal }

func listen() *signals {
	s := &signals{c: make(chan os.Signal, 8)}
	signal.Notify(s.c, os.Interrupt)
	return s
}

func (s *signals) stop() { signal.Stop(s.c) }

func (s *signals) pass(*os.Process, os.Signal, *output) {}

// terminate kills: this system has no way to ask.
func terminate(p *os.Process) { _ = p.Kill() }

// ended takes over how the command ended.
func (r *Result) ended(s *os.ProcessState) { r.Status = s.ExitCode() }

func brokenPipe(err error) bool {
	return errors.Is(err, windows.ERROR_BROKEN_PIPE) || errors.Is(err, windows.ERROR_NO_DATA)
}

func writeAll(f *os.File, b []byte) error {
	_, err := f.Write(b)
	return err
}
