package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/collect"
	"github.com/plumbline-ci/plumbline/collect/export"
	"github.com/plumbline-ci/plumbline/collect/export/otlp"
)

// exportOptions are the flags of export.
type exportOptions struct {
	date, output, format string
	limit                int
	split                bool
	repos                repos
}

func newExport(a *app) *cobra.Command {
	var o exportOptions
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Write stored runs, oldest first, in another form",
		Example: `plumbline export --format csv --output runs.csv
plumbline export --split --output metrics   # one CSV file a metric
plumbline export --format openmetrics --output history.om
plumbline export --limit 50 > history.jsonl`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			f, err := o.valid()
			if err != nil {
				return usage(err)
			}
			return a.export(cmd.Context(), o, f)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.date, "date", "", "only the runs of this `day` in UTC, such as 2026-03-01")
	f.IntVar(&o.limit, "limit", 0, "only the newest so many; 0 is all")
	o.repos.flag(f)
	f.StringVar(&o.output, "output", "-", "`file` to write; - is standard output")
	f.StringVar(&o.format, "format", "", "`form`: "+strings.Join(exportNames(), ", ")+" (default: by the output's name)")
	f.BoolVar(&o.split, "split", false, "write one CSV file for each metric into the folder --output")
	completeWords(cmd, "format", exportNames()...)
	return cmd
}

// exportFormats are all formats, those of packages of their own too.
func exportFormats() []export.Format {
	return append(export.Formats(), export.Format{Name: "otlp", Write: otlp.JSON})
}

func exportNames() []string {
	var names []string
	for _, f := range exportFormats() {
		names = append(names, f.Name)
	}
	return names
}

func (o *exportOptions) valid() (export.Format, error) {
	if err := o.repos.valid(); err != nil {
		return export.Format{}, err
	}
	if o.date != "" {
		if _, err := time.Parse(time.DateOnly, o.date); err != nil {
			return export.Format{}, fmt.Errorf("--date %q: want a day such as 2026-03-01", o.date)
		}
	}
	if o.limit < 0 {
		return export.Format{}, fmt.Errorf("--limit %d: want 0 for all, or how many", o.limit)
	}
	name := o.format
	if name == "" {
		name = "jsonl"
		ext := strings.TrimPrefix(filepath.Ext(o.output), ".")
		switch {
		case o.split:
			name = "csv"
		case ext == "prom": // as the node exporter wants it
			name = "prometheus"
		case slices.Contains(exportNames(), ext):
			name = ext
		}
	}
	if o.split && (name != "csv" || o.output == "-") {
		return export.Format{}, errors.New("--split writes CSV files into a folder: want --split --output FOLDER, without another --format")
	}
	for _, f := range exportFormats() {
		if f.Name == name {
			return f, nil
		}
	}
	return export.Format{}, fmt.Errorf("--format %q: want one of %s", o.format, strings.Join(exportNames(), ", "))
}

func (a *app) export(ctx context.Context, o exportOptions, f export.Format) error {
	s, err := a.openHistory("")
	if err != nil {
		return err
	}
	s = baseline.Only(s, o.repos)
	entries, err := a.entries(ctx, s, o.limit, func(e baseline.Entry) bool {
		return o.date == "" || e.Time.UTC().Format(time.DateOnly) == o.date
	})
	if err != nil {
		return err
	}
	p := a.startProgress("exported %d runs")
	defer p.done()
	if o.split {
		return failure(export.SplitCSV(o.output, readRuns(ctx, s, entries, p)))
	}
	write := func(w io.Writer) error { return f.Write(w, readRuns(ctx, s, entries, p)) }
	if o.output == "-" {
		return failure(write(a.Stdout))
	}
	return failure(replaceFile(o.output, func(f *os.File) error { return write(f) }))
}

// readRuns yields the runs of entries from the last to the first, one at a time
// in memory.
func readRuns(ctx context.Context, s baseline.Store, entries []baseline.Entry, p *progress) iter.Seq2[collect.Run, error] {
	return func(yield func(collect.Run, error) bool) {
		for _, e := range slices.Backward(entries) {
			r, err := s.Get(ctx, e)
			p.add(1)
			if !yield(r, err) || err != nil {
				return
			}
		}
	}
}
