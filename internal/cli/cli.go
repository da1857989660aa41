package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/plumbline-ci/plumbline/baseline"
)

// The exit statuses of every command but run, which passes its child's on.
const (
	exitPass       = 0
	exitRegression = 1
	exitUsage      = 2 // wrong usage, unreadable configuration or input
	exitFailure    = 3 // the work could not be done: I/O, network, server
)

// exitRunFailed is what run exits with for its own failures; 126 and 127, for
// commands that cannot be executed or found, come from the probe. It is as env
// and timeout do.
const exitRunFailed = 125

// Env is the world as one invocation sees it.
type Env struct {
	Args           []string // without the program's name
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Getenv         func(string) string
	Now            func() time.Time
}

// OSEnv is the environment of this process.
func OSEnv() Env {
	return Env{
		Args: os.Args[1:], Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		Getenv: os.Getenv, Now: time.Now,
	}
}

// exitError carries an exit status. A nil err means that all has been said.
type exitError struct {
	status int
	err    error
}

func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit status %d", e.status)
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

// usage and failure mark errors with their exit statuses; nil stays nil.
func usage(err error) error   { return withStatus(exitUsage, err) }
func failure(err error) error { return withStatus(exitFailure, err) }

func withStatus(status int, err error) error {
	if err == nil {
		return nil
	}
	if x := (*exitError)(nil); errors.As(err, &x) {
		return err // the first who knew decides
	}
	return &exitError{status: status, err: err}
}

// Main runs one command and returns its exit status.
func Main(ctx context.Context, e Env) int {
	a := &app{Env: e}
	root := newRoot(a)
	root.SetArgs(e.Args)
	err := root.ExecuteContext(ctx)
	a.closeAll()
	if err == nil {
		return exitPass
	}
	status := exitUsage // an error that says no status is cobra's, about usage
	if x := (*exitError)(nil); errors.As(err, &x) {
		status = x.status
		if x.err == nil {
			return status
		}
	}
	a.say("%v", err)
	return status
}

// app is what the commands of one invocation share.
type app struct {
	Env
	settings settings
	base     *baseFile // the configuration, where it is not the workspace's
	opened   []io.Closer
	stores   map[string]baseline.Store // that have an address, by it
	stranger bool                      // may have written what is in the working folder
}

// closeLater closes a store with the invocation, where it has a connection.
func (a *app) closeLater(s baseline.Store) {
	if c, ok := s.(io.Closer); ok {
		a.opened = append(a.opened, c)
	}
}

func (a *app) closeAll() {
	for _, c := range a.opened {
		if err := c.Close(); err != nil {
			a.say("close the store: %v", err)
		}
	}
}

// say writes one line for people. Results never go this way.
func (a *app) say(format string, args ...any) {
	fmt.Fprintf(a.Stderr, "plumbline: "+format+"\n", args...)
}

func newRoot(a *app) *cobra.Command {
	root := &cobra.Command{
		Use:           "plumbline",
		Short:         "A CI regression checker: an alert means something, and silence means something",
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usage(unknownCommand(cmd, args[0]))
			}
			return cmd.Help()
		},
		Args: cobra.ArbitraryArgs,

		SuggestionsMinimumDistance: 2,
	}
	root.SetIn(a.Stdin)
	root.SetOut(a.Stdout)
	root.SetErr(a.Stderr)
	root.SetHelpFunc(writeHelp)
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usage(plainFlag(err)) })
	a.settings.flags(root.PersistentFlags(), a.Getenv)
	root.AddCommand(
		newRun(a), newCollect(a), newRecord(a), newCheck(a), newAB(a), newBacktest(a), newExplain(a), newReport(a),
		newChart(a), newBadge(a), newSite(a),
		newLs(a), newShow(a), newExport(a), newPush(a), newPrune(a), newImport(a), newCopy(a),
		newServe(a), newWatch(a), newInit(a), newDoctor(a), newAction(a), newVersion(a),
	)
	return root
}

func unknownCommand(root *cobra.Command, name string) error {
	if near := root.SuggestionsFor(name); len(near) > 0 {
		return fmt.Errorf("unknown command %q; did you mean %q?", name, near[0])
	}
	return fmt.Errorf("unknown command %q; plumbline --help lists them", name)
}
