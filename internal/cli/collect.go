package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/plumbline-ci/plumbline/collect"
	"github.com/plumbline-ci/plumbline/collect/parse"
)

func newCollect(a *app) *cobra.Command {
	var format, prefix, output, name, typ string
	var list bool
	var cover coverageOptions
	var sizes sizeOptions
	cmd := &cobra.Command{
		Use:   "collect FILE-or-GLOB...",
		Short: "Turn result files that exist already into one run",
		Long: `Turn result files of tests, benchmarks and coverage, and the sizes of what was
built, into one run.

The format of a file is told by its content. ** in a glob stands for any number
of folders; - is standard input. One file that cannot be read ends the command
before anything is stored.`,
		Example: `plumbline collect 'reports/**/*.xml' coverage.out
go test -json ./... | plumbline collect --output - -`,
		Args: func(cmd *cobra.Command, args []string) error {
			if list {
				return noArgs(cmd, args)
			}
			if !sizes.none() {
				return nil
			}
			return someArgs("result file", "report.xml")(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if list {
				return listFormats(cmd.OutOrStdout())
			}
			if err := errors.Join(checkFormat(format), sizes.valid()); err != nil {
				return usage(err)
			}
			if err := a.writable(output); err != nil && !a.settings.disabled {
				return err
			}
			run, err := a.newStoredRun(cmd.Context(), typ, name)
			if err != nil {
				return err
			}
			sheet := parse.NewSheet(prefix)
			if sheet.Sources, err = cover.sources(cmd.Context(), ""); err != nil {
				return usage(err)
			}
			if err := a.readSources(sourcesOf(args, format), time.Time{}, sheet); err != nil {
				return usage(err)
			}
			if run.Metrics, err = withSizes(cmd.Context(), sheet, sizes); err != nil {
				return failure(err)
			}
			if len(run.Metrics) == 0 {
				return usage(fmt.Errorf("%s: no test, benchmark or covered line in it: nothing stored", strings.Join(args, ", ")))
			}
			return a.deliver(cmd.Context(), run, output)
		},
	}
	f := cmd.Flags()
	defer completeWords(cmd, "format", formatNames()...)
	f.StringVar(&format, "format", "", "read them as this `format` (default: by content)")
	f.BoolVar(&list, "formats", false, "list the formats, and who writes them")
	sizes.flags(f)
	f.StringArrayVar(&sizes.binaries, "binary", nil, "a Go program by section and package: `LABEL=FILE`")
	f.BoolVar(&sizes.unpack, "unpack", false, "load an image's layers from the registry too")
	f.StringVar(&prefix, "prefix", "", "tests' metrics begin with this `word`")
	f.StringVar(&output, "output", "", "write to this `file` or -, not to the store")
	cover.flags(f)
	f.StringVar(&name, "name", "", "the suite's `name`, which keys its baseline")
	f.StringVar(&typ, "type", "results", "what the run did, in a `word`")
	return cmd
}

// sourcesOf reads the arguments: files of a format or, where it is empty, of that
// which stands before each.
func sourcesOf(args []string, format string) (srcs []source) {
	for _, arg := range args {
		s := source{format, arg}
		if format == "" {
			s = parseSource(arg)
		}
		srcs = append(srcs, s)
	}
	return srcs
}

// withSizes adds what is measured in MB to what the files say.
func withSizes(ctx context.Context, sheet *parse.Sheet, sizes sizeOptions) ([]collect.Metric, error) {
	made, err := sizes.measure(ctx)
	for _, m := range made {
		sheet.Add(m)
	}
	return sheet.Metrics(), err
}
