package cli

import (
	"context"
	"errors"
	"io"

	"github.com/spf13/cobra"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/check/report/picture"
)

// badgeOptions are the flags of badge.
type badgeOptions struct {
	check         checkOptions
	verdict       bool
	svg, endpoint string
	label         string
}

func (o *badgeOptions) valid(args []string) error {
	switch {
	case o.verdict == (len(args) == 1):
		return errors.New("want a metric, as in plumbline badge build.seconds --svg build.svg, or --verdict for the whole run")
	case o.svg == "" && o.endpoint == "":
		return errors.New("nothing to write: want --svg FILE or --endpoint FILE, or - for standard output")
	case o.check.trend:
		return errors.New("--trend: a badge is of the newest run; leave it out")
	}
	return o.check.valid()
}

func newBadge(a *app) *cobra.Command {
	var o badgeOptions
	cmd := &cobra.Command{
		Use:   "badge [METRIC]",
		Short: "Write a badge with a metric's value or the verdict",
		Long: `Write a badge in the look of shields.io: a metric's newest value, or with
--verdict that of the run. It judges as check does with the same flags: red
fails, orange warns or is suspect, yellow is waived or near its limit, green
passes, blue was not judged, and grey is not known. Coverage has its own scale.`,
		Example: `plumbline badge coverage.line_pct --svg coverage.svg --label coverage
plumbline badge --verdict --svg verdict.svg --endpoint verdict.json`,
		Args: cobra.MaximumNArgs(1),

		ValidArgsFunction: a.completeMetric,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.valid(args); err != nil {
				return usage(err)
			}
			b, err := a.badge(cmd.Context(), o, args)
			if err != nil {
				return err
			}
			if o.label != "" {
				b.Label = o.label
			}
			if err = a.writeTo(o.svg, b.WriteSVG); err == nil {
				err = a.writeTo(o.endpoint, func(w io.Writer) error { return b.WriteEndpoint(w) })
			}
			return failure(err)
		},
	}
	f := cmd.Flags()
	pictured(f, &o.check)
	f.Lookup("trend").Hidden = true
	f.BoolVar(&o.verdict, "verdict", false, "of the whole run")
	f.StringVar(&o.svg, "svg", "", "`file` for a drawing; - for standard output")
	f.StringVar(&o.endpoint, "endpoint", "", "`file` for the JSON of a shields.io endpoint badge")
	f.StringVar(&o.label, "label", "", "`text` at the left (default: the metric or suite)")
	return cmd
}

// badge says what there is to say. Where the store has nothing yet, that is
// unknown, and no reason to leave a page without its badge.
func (a *app) badge(ctx context.Context, o badgeOptions, args []string) (picture.Badge, error) {
	none := picture.Badge{Label: "plumbline", Message: picture.Unknown}
	var err error
	if o.verdict {
		var b picture.Badge
		if b, err = a.verdictBadge(ctx, o.check); err == nil {
			return b, nil
		}
	} else {
		none.Label = args[0]
		e, found := a.explanation(ctx, o.check, args[0])
		if err = found; err == nil {
			return picture.OfMetric(&e), nil
		}
	}
	nothing, unfound := (*nothingError)(nil), (*baseline.FindError)(nil)
	if errors.As(err, &nothing) || o.check.head == "" && errors.As(err, &unfound) {
		a.say("the badge says %q: %v", none.Message, err)
		return none, nil
	}
	return none, err
}

func (a *app) verdictBadge(ctx context.Context, o checkOptions) (picture.Badge, error) {
	s, err := a.openPart(ctx, o.history, o.repos)
	if err != nil {
		return picture.Badge{}, err
	}
	looks, err := a.headRuns(ctx, s, o.head)
	if err != nil {
		return picture.Badge{}, err
	}
	r, err := a.verdict(ctx, o, s, looks)
	return picture.OfVerdict(&r), err
}
