package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/plumbline-ci/plumbline/collect"
	"github.com/plumbline-ci/plumbline/collect/parse"
)

// importOptions are the flags of import.
type importOptions struct {
	suite, output string
	dry           bool
	named         bool // name was given, perhaps as nothing
	fill          collect.Origin
	parse         parse.HistoryOptions
}

func newImport(a *app) *cobra.Command {
	var o importOptions
	var list bool
	cmd := &cobra.Command{
		Use:   "import FORMAT FILE...",
		Short: "Adopt the history that another tool has kept",
		Long: `Adopt the history that another tool has kept: each of its runs becomes a run of
the store, with its commit, time, branch and repository where the file has them.

FORMAT is auto, or one of --formats; a FILE may be compressed, a folder of files
or - for standard input. What was adopted before is not adopted again. An entry
that cannot be read is told with its place, and the others count.`,
		Example: `plumbline import auto gh-pages/dev/bench/data.js --branch main
plumbline import benchstat nightly/ --name bench --dry-run`,
		Args: func(cmd *cobra.Command, args []string) error {
			if list {
				return noArgs(cmd, args)
			}
			if len(args) < 2 {
				return usage(fmt.Errorf("want a format and a file, as in: %s auto data.js; there are %d", cmd.CommandPath(), len(args)))
			}
			return nil
		},
		ValidArgsFunction: completeHistories,
		RunE: func(cmd *cobra.Command, args []string) error {
			if list {
				return listHistories(a.Stdout)
			}
			o.named = cmd.Flags().Changed("name")
			return a.importHistory(cmd.Context(), o, args[0], args[1:])
		},
	}
	f := cmd.Flags()
	f.BoolVar(&list, "formats", false, "list the formats, and who writes them")
	f.BoolVar(&o.dry, "dry-run", false, "say what would be adopted and store nothing")
	f.StringVar(&o.output, "output", "", "write JSON Lines to this `file` or -, not to the store")
	f.StringVar(&o.suite, "suite", "", "only this `suite` of the file")
	f.StringVar(&o.fill.Name, "name", "", "the suite's `name` in the store (default: as in the file)")
	f.StringVar(&o.fill.Branch, "branch", "", "the `branch` of runs that do not say theirs")
	f.StringVar(&o.fill.Repository, "repository", "", "the `owner/name` of runs that do not say theirs")
	f.StringVar(&o.fill.Type, "type", "", "what runs did that do not say it, in a `word`")
	f.StringVar(&o.parse.Package, "package", "", "Go's `package` of benchmarks that do not say theirs")
	return cmd
}

func completeHistories(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveDefault
	}
	names := []string{"auto"}
	for _, h := range parse.Histories() {
		names = append(names, h.Name)
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// listHistories prints what can be adopted.
func listHistories(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, h := range parse.Histories() {
		fmt.Fprintf(t, "%s\t%s\n", strings.Join(append([]string{h.Name}, h.Aliases...), ", "), h.From)
	}
	fmt.Fprintln(t, "FORMAT of collect\tresult files in it, a run a file, with the file's time (plumbline collect --formats)")
	return t.Flush()
}

// importHistory adopts the runs of files.
func (a *app) importHistory(ctx context.Context, o importOptions, format string, args []string) error {
	if format == "auto" {
		format = ""
	} else if _, ok := parse.LookupHistory(format); !ok {
		return usage(fmt.Errorf("unknown format %q; plumbline import --formats lists them, and auto tells by content", format))
	}
	files, err := a.historyFiles(args, format)
	if err != nil {
		return err
	}
	defer func() {
		for _, f := range files {
			f.remove()
		}
	}()
	if err := o.oneSuite(files); err != nil {
		return err
	}
	if a.settings.disabled {
		return nil
	}
	s, err := a.openSink(ctx, o)
	if err != nil {
		return err
	}
	im := importer{app: a, options: o, sink: s, suites: map[string]bool{}}
	switch {
	case o.dry || o.output == "":
		err = im.files(ctx, files)
	case o.output == "-":
		s.out = a.Stdout
		err = im.files(ctx, files)
	default:
		err = replaceFile(o.output, func(f *os.File) error {
			s.out = f
			return im.files(ctx, files)
		})
	}
	if err != nil {
		return failure(err)
	}
	return im.done()
}

// oneSuite refuses to give one name to several suites of the files: their runs
// would be taken for runs of one.
func (o importOptions) oneSuite(files []*historyFile) error {
	if !o.named || o.suite != "" {
		return nil
	}
	seen := map[string]bool{}
	for _, f := range files {
		if f.kind.OwnIDs {
			continue // whose names stay
		}
		err := f.each(o.parse, func(run collect.Run, err error) error {
			if err == nil && run.Name != "" {
				seen[run.Name] = true
			}
			return nil
		})
		if err != nil {
			return failure(err)
		}
	}
	if len(seen) < 2 {
		return nil
	}
	return usage(fmt.Errorf("--name %q is one name, and there are several suites: %s; want one of them as --suite", o.fill.Name, quotedList(seen)))
}

// quotedList lists names in their order.
func quotedList(names map[string]bool) string {
	var all []string
	for name := range names {
		all = append(all, fmt.Sprintf("%q", name))
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

// mostFaults is how many bad entries are told one by one.
const mostFaults = 20

// importer adopts one file after the other and counts.
type importer struct {
	*app
	options            importOptions
	sink               *importSink
	faults, left, runs int
	suites             map[string]bool
	branchless         bool
}

func (im *importer) files(ctx context.Context, files []*historyFile) error {
	p := im.startProgress("read %d runs")
	defer p.done()
	for _, f := range files {
		err := f.each(im.options.parse, func(run collect.Run, err error) error {
			if err != nil {
				im.fault(err)
				return ctx.Err()
			}
			p.add(1)
			return im.run(ctx, f, run)
		})
		if err != nil {
			return err
		}
	}
	return im.sink.flush(ctx)
}

// run adopts one run.
func (im *importer) run(ctx context.Context, f *historyFile, run collect.Run) error {
	im.suites[run.Name] = true
	o := im.options
	if o.suite != "" && run.Name != o.suite {
		im.left++
		return nil
	}
	id := identity{format: f.kind.Name, own: f.kind.OwnIDs, timed: !run.Time.IsZero()}
	if run.Name == "" || o.named && !f.kind.OwnIDs {
		run.Name = o.fill.Name
	}
	for _, of := range []struct {
		to   *string
		with string
	}{{&run.Branch, o.fill.Branch}, {&run.Repository, o.fill.Repository}, {&run.Type, o.fill.Type}} {
		if *of.to == "" {
			*of.to = of.with
		}
	}
	if !id.timed {
		run.Time = f.time
	}
	im.runs++
	im.branchless = im.branchless || run.Branch == ""
	if !id.own {
		run.Extra = importedFrom(run.Extra, f.kind.Name)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	refused, err := im.sink.put(ctx, run, id)
	if refused != nil {
		im.fault(fmt.Errorf("%s: %w", f.name, refused))
	}
	return err
}

// importedFrom notes in a run which tool has kept it.
func importedFrom(extra map[string]json.RawMessage, tool string) map[string]json.RawMessage {
	if extra == nil {
		extra = map[string]json.RawMessage{}
	}
	extra["imported_from"] = strconv.AppendQuote(nil, tool)
	return extra
}

func (im *importer) fault(err error) {
	if im.faults++; im.faults <= mostFaults {
		im.say("%v: passed over", err)
	}
}

// done says what came of it.
func (im *importer) done() error {
	s := im.sink
	verb := ""
	if im.options.dry {
		verb = "; nothing was stored"
	}
	if im.runs > 0 {
		im.say("%d new, %d already there%s%s", s.added, s.known, s.span(), verb)
	}
	if im.left > 0 {
		im.say("left out %s of other suites than %q", count(im.left, "run"), im.options.suite)
	}
	if im.branchless && s.added > 0 {
		im.say("the history says no branch, so these runs count for every branch; --branch NAME says it")
	}
	if names := im.suiteNames(); s.added > 0 && names != "" {
		im.say("they are compared with runs of the same name: %s (--name gives another)", names)
	}
	if im.faults > mostFaults {
		im.say("and %d more entries that cannot be read", im.faults-mostFaults)
	}
	switch {
	case im.faults > 0:
		what := "entries"
		if im.faults == 1 {
			what = "entry"
		}
		return usage(fmt.Errorf("%d %s could not be read; what else there is counts", im.faults, what))
	case im.runs == 0 && im.options.suite != "":
		return usage(fmt.Errorf("no suite %q in it: it has %s", im.options.suite, quotedList(im.suites)))
	case im.runs == 0:
		return usage(errors.New("no run in it"))
	}
	return nil
}

// suiteNames are those of the file that the user did not choose.
func (im *importer) suiteNames() string {
	if im.options.named || im.options.suite != "" {
		return ""
	}
	names := map[string]bool{}
	for name := range im.suites {
		if name != "" {
			names[name] = true
		}
	}
	return quotedList(names)
}
