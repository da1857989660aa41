package cli

import (
	"context"
	"errors"
	"io"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/plumbline-ci/plumbline/check/report"
	"github.com/plumbline-ci/plumbline/check/report/picture"
	"github.com/plumbline-ci/plumbline/collect"
)

func newChart(a *app) *cobra.Command {
	var (
		o        checkOptions
		svg, png string
		look     picture.Options
		theme    string
	)
	cmd := &cobra.Command{
		Use:   "chart METRIC",
		Short: "Draw a metric's history as a picture",
		Long: `Draw a metric's history as a picture: its runs, levels and where they change,
what passes for noise, the limit, the head run and its confirmations. It judges
as check does with the same flags; --trend draws the whole history instead.`,
		Example: `plumbline chart build.seconds --svg build.svg
plumbline chart coverage.line_pct --trend --png coverage.png --theme dark`,
		Args: oneArg("metric", "build.seconds"),

		ValidArgsFunction: a.completeMetric,
		RunE: func(cmd *cobra.Command, args []string) error {
			if svg == "" && png == "" {
				return usage(errors.New("nothing to draw on: want --svg FILE or --png FILE, or - for standard output"))
			}
			if err := o.valid(); err != nil {
				return usage(err)
			}
			look.Theme = picture.Theme(theme)
			if err := look.Check(); err != nil {
				return usage(err)
			}
			s, err := a.series(cmd.Context(), o, args[0])
			if err != nil {
				return err
			}
			err = a.writeTo(svg, func(w io.Writer) error { return picture.SVG(w, s, look) })
			if err == nil {
				err = a.writeTo(png, func(w io.Writer) error { return picture.PNG(w, s, look) })
			}
			return failure(err)
		},
	}
	f := cmd.Flags()
	pictured(f, &o)
	f.Lookup("trend").Usage = "the whole history with its lasting shifts"
	f.StringVar(&svg, "svg", "", "`file` for a drawing; - for standard output")
	f.StringVar(&png, "png", "", "`file` for an image; - for standard output")
	f.IntVar(&look.Width, "width", 800, "`pixels`")
	f.IntVar(&look.Height, "height", 400, "`pixels`")
	f.IntVar(&look.Scale, "scale", 1, "`times` as many pixels in an image, 1 to 4")
	f.StringVar(&theme, "theme", string(picture.Auto), "`look`: auto (as the reader's system), light or dark")
	f.StringVar(&look.Title, "title", "", "`text` above (default: the metric)")
	completeWords(cmd, "theme", "auto", "light", "dark")
	return cmd
}

// pictured are the flags of check that say what a picture is of.
func pictured(f *pflag.FlagSet, o *checkOptions) {
	o.flags(f, false)
	for _, name := range []string{"format", "all", "newest"} {
		f.Lookup(name).Hidden = true
	}
}

// series is what a metric's chart is of: the verdict on it, or all its history.
func (a *app) series(ctx context.Context, o checkOptions, name string) (report.Series, error) {
	if !o.trend {
		e, err := a.explanation(ctx, o, name)
		return report.NewSeries(&e), err
	}
	h, r, err := a.searched(ctx, o)
	if err != nil {
		return report.Series{}, err
	}
	for j, m := range h.Metrics {
		if m.Name == name {
			return report.NewHistorySeries(m, h.Values[j], report.History{Runs: h.Runs, Shifts: r.Shifts}), nil
		}
	}
	return report.Series{}, usage(unknownMetric(name, collect.Run{}, h))
}

// writeTo writes a file whole, or to standard output; without a name nothing.
func (a *app) writeTo(name string, write func(io.Writer) error) error {
	switch name {
	case "":
		return nil
	case "-":
		return write(a.Stdout)
	}
	return replaceFile(name, func(f *os.File) error { return write(f) })
}
