package git

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unicode"
)

// settings are values of git's configuration, for one call or for all.
type setting struct{ scope, key, value string }

// program runs git in a folder.
type program struct {
	dir     string    // the working folder
	gitDir  string    // empty: as git finds it
	config  []setting // by environment, which nobody else can read, as they could arguments
	secrets []string  // what must not be told
}

// failed is what git said when it failed.
type failed struct {
	command string
	said    string // by git, without secrets
	err     error
}

func (f *failed) Error() string {
	if f.said == "" {
		return fmt.Sprintf("git %s: %v", f.command, f.err)
	}
	return fmt.Sprintf("git %s: %v: %s", f.command, f.err, f.said)
}

func (f *failed) Unwrap() error { return f.err }

// git runs one command and returns what it printed.
func (p *program) git(ctx context.Context, in io.Reader, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "git", append([]string{"--no-pager"}, args...)...)
	cmd.Dir, cmd.Stdin, cmd.Env = p.dir, in, p.environ()
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	// Told to end, git ends the programs that it started too.
	cmd.Cancel = func() error {
		if cmd.Process.Signal(syscall.SIGTERM) != nil {
			return cmd.Process.Kill()
		}
		return nil
	}
	cmd.WaitDelay = 5 * time.Second
	err := cmd.Run()
	switch {
	case ctx.Err() != nil:
		return nil, fmt.Errorf("git %s: %w", command(args), ctx.Err())
	case errors.Is(err, exec.ErrNotFound):
		return nil, errors.New("the program git is not here: install it; the image of the action has none, so run plumbline in a step of its own there (mode: setup)")
	case err != nil:
		return out.Bytes(), &failed{command(args), p.clean(refusals(out.Bytes()) + said.String()), err}
	}
	return out.Bytes(), nil
}

// command is the git command among arguments.
func command(args []string) string {
	for i := 0; i < len(args); i++ {
		if args[i] == "-c" {
			i++
			continue
		}
		return args[i]
	}
	return ""
}

// refusals are the lines in which git push says what was not taken.
func refusals(out []byte) string {
	var b strings.Builder
	for line := range bytes.Lines(out) {
		if f := bytes.Split(bytes.TrimSpace(line), []byte("\t")); len(f) == 3 && string(f[0]) == "!" {
			fmt.Fprintf(&b, "%s\n", f[2])
		}
	}
	return b.String()
}

// mostSaid bounds what an error quotes, in bytes.
const mostSaid = 800

// clean makes one line of a text from outside, without secrets.
func (p *program) clean(text string) string {
	text = Name(text)
	for _, secret := range p.secrets {
		text = strings.ReplaceAll(text, secret, "xxxxx")
	}
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || !unicode.IsPrint(r) && !unicode.IsSpace(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "?"))
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > mostSaid {
		text = strings.ToValidUTF8(text[:mostSaid], "") + " …"
	}
	return text
}

// handedOn are the variables of git that say how to reach a remote. All others
// say where a hook runs, who commits, or what to trace.
var handedOn = []string{"GIT_SSH", "GIT_ASKPASS", "GIT_SSL_", "GIT_PROXY_", "GIT_HTTP_", "GIT_ALLOW_PROTOCOL", "GIT_EXEC_PATH", "GIT_CONFIG_", "GIT_CEILING_"}

// environ is the environment of a command.
func (p *program) environ() []string {
	env := slices.DeleteFunc(os.Environ(), func(v string) bool {
		fits := func(prefix string) bool { return strings.HasPrefix(v, prefix) }
		return strings.HasPrefix(v, "GIT_") && !slices.ContainsFunc(handedOn, fits) || strings.HasPrefix(v, "LANGUAGE=")
	})
	n, _ := strconv.Atoi(os.Getenv("GIT_CONFIG_COUNT"))
	for _, c := range p.config {
		env = append(env, fmt.Sprintf("GIT_CONFIG_KEY_%d=%s", n, c.key), fmt.Sprintf("GIT_CONFIG_VALUE_%d=%s", n, c.value))
		n++
	}
	env = append(env, fmt.Sprintf("GIT_CONFIG_COUNT=%d", n), "LC_ALL=C", "GIT_TERMINAL_PROMPT=0", "GIT_OPTIONAL_LOCKS=0")
	if p.gitDir != "" {
		env = append(env, "GIT_DIR="+p.gitDir)
	}
	return env
}
