package github

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/sethvargo/go-githubactions"
)

// Warn puts a warning on the job's page and in its log.
func (s *Step) Warn(msg string) { s.annotate("warning", msg) }

// Error puts an error on the job's page and in its log. It does not fail the
// step: the exit status does.
func (s *Step) Error(msg string) { s.annotate("error", msg) }

// Notice puts a note on the job's page and in its log.
func (s *Step) Notice(msg string) { s.annotate("notice", msg) }

// Debugf writes a line to the log where the user asked for more.
func (s *Step) Debugf(format string, args ...any) {
	if s.Inputs.Debug {
		_, _ = io.WriteString(s.stdout, disarm(fmt.Sprintf(format, args...))+"\n") // see annotate
	}
}

func (s *Step) annotate(command, msg string) { annotate(s.stdout, command, msg) }

// LogError is Step.Error for where NewStep gave no Step.
func LogError(log io.Writer, msg string) { annotate(log, "error", msg) }

func annotate(log io.Writer, command, msg string) {
	c := githubactions.Command{Name: command, Message: disarm(msg)}
	// A log that cannot be written has no place to complain, and the library's
	// own IssueCommand would panic.
	_, _ = io.WriteString(log, c.String()+"\n")
}

// Log returns a writer to the step's log that disarms workflow commands in what
// is written. It holds back the last line until it is whole: close it.
func (s *Step) Log() io.WriteCloser { return Disarm(s.stdout) }

// Disarm is Step.Log for another stream: the runner obeys commands on standard
// error too.
func Disarm(w io.Writer) io.WriteCloser { return &logWriter{out: w} }

// logWriter disarms line by line.
type logWriter struct {
	out  io.Writer
	held []byte // of the line that is not whole yet
}

// maxHeld bounds the memory for a line without end. Such a line is broken in
// pieces, each disarmed as a line of its own.
const maxHeld = 64 << 10

func (w *logWriter) Write(p []byte) (int, error) {
	w.held = append(w.held, p...)
	end := bytes.LastIndexByte(w.held, '\n') + 1
	if end == 0 && len(w.held) < maxHeld {
		return len(p), nil
	}
	if end == 0 {
		return len(p), w.Close()
	}
	_, err := io.WriteString(w.out, disarm(string(w.held[:end])))
	w.held = append(w.held[:0], w.held[end:]...)
	return len(p), err
}

// Close writes what is left, as a line.
func (w *logWriter) Close() error {
	if len(w.held) == 0 {
		return nil
	}
	_, err := io.WriteString(w.out, disarm(string(w.held))+"\n")
	w.held = w.held[:0]
	return err
}

// disarm makes text safe for the log: no line of it is a workflow command. The
// runner obeys :: at the start of a line and the older ##[ anywhere in it, and
// compares them by the rules of a language, in which invisible characters count
// for nothing (https://github.com/actions/runner, ActionCommand.cs). So these
// are removed first, and the break is a space that one sees.
func disarm(s string) string {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	s = strings.Map(visible, s)
	if !strings.Contains(s, "::") && !strings.Contains(s, "##[") {
		return s
	}
	var b strings.Builder
	for line := range strings.Lines(s) {
		line = strings.ReplaceAll(line, "##[", "# #[")
		text := strings.TrimLeftFunc(line, unicode.IsSpace)
		if rest, ok := strings.CutPrefix(text, "::"); ok {
			line = line[:len(line)-len(text)] + ": :" + rest
		}
		b.WriteString(line)
	}
	return b.String()
}

// visible maps other ends of lines to a line feed and drops what has no width.
func visible(r rune) rune {
	switch {
	case r == '\n' || r == '\t':
		return r
	case r == '\r' || r == '\v' || r == '\f' || r == 0x85 || r == 0x2028 || r == 0x2029:
		return '\n'
	case unicode.Is(unicode.C, r), unicode.Is(unicode.Variation_Selector, r),
		unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r), r == 0x180e:
		return -1
	}
	return r
}
