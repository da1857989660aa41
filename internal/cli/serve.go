package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/baseline/store"
	"github.com/plumbline-ci/plumbline/internal/dash"
)

// serveOptions are the flags of serve.
type serveOptions struct {
	listen, tokenFile string
	hosts             []string
	write             bool
	repos             repos
}

func newServe(a *app) *cobra.Command {
	var o serveOptions
	cmd := &cobra.Command{
		Use:   "serve [STORE]",
		Short: "Show a store in the browser, with a REST API",
		Long: `Show a store in the browser: suites, runs, histories, trends, slow tests,
sizes, and how often the gate alerts. The API under it is described at
/api/v1/openapi.json. Only this machine is served unless --listen says so, and
others only with a token. Nothing is changed unless --write lets runs in.
Ends on Ctrl-C or SIGTERM, when those who are being answered have their answer.`,
		Example: `plumbline serve
plumbline serve --repo acme/widget postgres://ci@db.example/perf
plumbline serve --listen :8080 --host perf.example --token-file token --write`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usage(fmt.Errorf("serve takes one store, and not %d", len(args)))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			path := ""
			if len(args) > 0 {
				path = args[0]
			}
			return a.serve(cmd.Context(), path, o)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.listen, "listen", "127.0.0.1:8080", "`address` to listen at; port 0 takes a free one")
	f.StringVar(&o.tokenFile, "token-file", "", "`file` with the token to ask for; 16 characters or more")
	f.StringArrayVar(&o.hosts, "host", nil, "a `name` that this server is called by; repeat it")
	f.BoolVar(&o.write, "write", false, "store runs that are sent with the token")
	o.repos.flag(f)
	return cmd
}

func (a *app) serve(ctx context.Context, path string, o serveOptions) error {
	token, err := readToken(o.tokenFile)
	if err == nil && o.write && token == "" {
		err = usage(errors.New("--write needs --token-file: who sends runs is asked for the token in it"))
	}
	if err != nil {
		return err
	}
	s, path, err := a.served(path, o)
	if err != nil {
		return err
	}
	l, err := listenAt(ctx, o.listen, token)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(serveMemory)
	}
	// Many requests tell of their progress at once: none does.
	quiet := *a
	quiet.Stderr = struct{ io.Writer }{a.Stderr}
	server := dash.New(dash.Options{
		Store: s, Name: store.Name(path), Version: version(), Repositories: o.repos, Token: token, Write: o.write, Poll: pollOf(path),
		Hosts: hostsOf(o), Judge: judge{&quiet, s, path}, Log: quiet.say,
	})
	fmt.Fprintf(a.Stdout, "http://%s/\n", l.Addr())
	a.say("serving %s; Ctrl-C ends it", store.Name(path))
	return failure(server.Serve(ctx, l))
}

// serveMemory is what the collector keeps the heap under, where it can.
const serveMemory = 100 << 20

// served opens the store, and says where it is. What is shown is all of it, or what
// --repo names.
func (a *app) served(path string, o serveOptions) (s baseline.Store, at string, err error) {
	if err := o.repos.valid(); err != nil {
		return nil, "", err
	}
	if err := unsaid("STORE", path); err != nil {
		return nil, "", err
	}
	at = plainPath(path)
	if at == "" {
		if at, err = a.storePath(); err != nil {
			return nil, "", err
		}
	}
	if o.write {
		if err := takesRuns(at); err != nil {
			return nil, "", err
		}
		s, err = a.open(at)
	} else {
		s, err = a.openHistory(path)
	}
	if err != nil {
		return nil, "", err
	}
	return baseline.Only(s, o.repos), at, nil
}

// leastToken is how long a token is at least, so that nobody guesses it.
const leastToken = 16

func readToken(file string) (string, error) {
	if file == "" {
		return "", nil
	}
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return "", usage(fmt.Errorf("--token-file %s: it does not exist; want a file of one line, as of: openssl rand -hex 32", file))
	}
	if err != nil {
		return "", usage(fmt.Errorf("--token-file: %w", err))
	}
	token := strings.TrimSpace(string(text))
	if len(token) < leastToken || strings.ContainsAny(token, " \t\r\n") {
		return "", usage(fmt.Errorf("--token-file %s: want one line of %d characters or more without spaces, as of: openssl rand -hex 32", file, leastToken))
	}
	return token, nil
}

// listenAt listens at an address, of this machine alone where there is no token.
func listenAt(ctx context.Context, address, token string) (net.Listener, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if addr := (*net.AddrError)(nil); errors.As(err, &addr) {
		return nil, usage(fmt.Errorf("--listen %q: %w; want HOST:PORT, such as 127.0.0.1:8080 or :8080", address, err))
	}
	if err != nil {
		return nil, failure(fmt.Errorf("listen at %s: %w", address, err))
	}
	if at, ok := l.Addr().(*net.TCPAddr); token == "" && (!ok || !at.IP.IsLoopback()) {
		l.Close()
		return nil, usage(fmt.Errorf("--listen %s: others can reach that, and there is no token; want --token-file, or an address of this machine alone such as 127.0.0.1:8080", address))
	}
	return l, nil
}

// hostsOf are the names by which requests may call this server.
func hostsOf(o serveOptions) []string {
	hosts := o.hosts
	if host, _, err := net.SplitHostPort(o.listen); err == nil && host != "" {
		hosts = append(hosts, host)
	}
	return hosts
}

// pollOf is how often a store is looked at for new runs. A listing of object storage
// or of a git server costs money or somebody's patience.
func pollOf(path string) time.Duration {
	switch store.Scheme(path) {
	case "", "dir", "sqlite", "postgres", "postgresql":
		return 2 * time.Second
	}
	return 30 * time.Second
}
