package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/plumbline-ci/plumbline/collect"
	"github.com/plumbline-ci/plumbline/collect/parse"
)

// pendingEnv names, for a command under run, the file that collects what it
// records for the run that is being measured.
const pendingEnv = "PLUMBLINE_RUN_FILE"

func newRecord(a *app) *cobra.Command {
	var tags []string
	var name, typ string
	cmd := &cobra.Command{
		Use:   "record NAME=VALUE[UNIT]...",
		Short: "Add metrics of your own to the current run",
		Long: `Add metrics of your own to the current run, from any language.

Under "plumbline run" they join the run that is being measured; elsewhere they
are stored as a run of their own. The same name again is one more sample.`,
		Example: `plumbline record startup.seconds=1.42s bundle.size=2.5MB
plumbline record rows.loaded=120000 --tag table=users`,
		Args: someArgs("metric", "startup.seconds=1.42s"),
		RunE: func(cmd *cobra.Command, args []string) error {
			ms, err := parseMetrics(args, tags)
			if err != nil {
				return usage(err)
			}
			if a.settings.disabled {
				return nil
			}
			if file := a.Getenv(pendingEnv); file != "" {
				return failure(appendPending(file, ms))
			}
			if err := a.writable(""); err != nil {
				return err
			}
			run, err := a.newStoredRun(cmd.Context(), typ, name)
			if err != nil {
				return err
			}
			run.Metrics = foldMetrics(ms)
			return a.put(cmd.Context(), run)
		},
	}
	cmd.Flags().StringArrayVar(&tags, "tag", nil, "`k=v` that tells this series apart; repeat it")
	cmd.Flags().StringVar(&name, "name", "", "the suite's `name`, which keys its baseline")
	cmd.Flags().StringVar(&typ, "type", "record", "what the run did, in a `word`")
	return cmd
}

var valueAndUnit = regexp.MustCompile(`^([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*(\D.*)?$`)

// parseMetrics reads NAME=VALUE[UNIT] arguments. The last = divides, because
// the name of a series may hold tags.
func parseMetrics(args, tags []string) ([]collect.Metric, error) {
	kv := collect.Tags{}
	for _, t := range tags {
		k, v, ok := strings.Cut(t, "=")
		if !ok || k == "" {
			return nil, fmt.Errorf("--tag %q: want key=value", t)
		}
		kv[k] = v
	}
	var ms []collect.Metric
	for _, arg := range args {
		i := strings.LastIndexByte(arg, '=')
		if i <= 0 {
			return nil, fmt.Errorf("%q: want NAME=VALUE or NAME=VALUEUNIT, such as startup.seconds=1.42s", arg)
		}
		g := valueAndUnit.FindStringSubmatch(strings.TrimSpace(arg[i+1:]))
		if g == nil {
			return nil, fmt.Errorf("%q: %q is no number with an optional unit, such as 1.42s or 2.5MB", arg, arg[i+1:])
		}
		v, err := strconv.ParseFloat(g[1], 64)
		if err != nil || math.IsInf(v, 0) {
			return nil, fmt.Errorf("%q: %q is out of the range of numbers", arg, g[1])
		}
		ms = append(ms, collect.Metric{Name: collect.Name(arg[:i], kv), Value: v, Unit: collect.Unit(strings.TrimSpace(g[2]))})
	}
	return ms, nil
}

// foldMetrics makes repeated names samples of one metric.
func foldMetrics(ms []collect.Metric) []collect.Metric {
	s := parse.NewSheet("")
	for _, m := range ms {
		s.Add(m)
	}
	return s.Metrics()
}

// pendingMetric is a line of the file that pendingEnv names.
type pendingMetric struct {
	Name  string       `json:"name"`
	Value float64      `json:"value"`
	Unit  collect.Unit `json:"unit,omitempty"`
}

// appendPending adds metrics to the run under way. Each line is one small write
// to a file opened for appending, so that commands in parallel do not mix.
func appendPending(file string, ms []collect.Metric) error {
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return fmt.Errorf("add to the current run: %w (%s is set, but its run has ended)", err, pendingEnv)
	}
	for _, m := range ms {
		line, _ := json.Marshal(pendingMetric{m.Name, m.Value, m.Unit}) // finite numbers and strings always encode
		if _, err = f.Write(append(line, '\n')); err != nil {
			break
		}
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return fmt.Errorf("add to the current run: %w", err)
	}
	return nil
}

// readPending returns what commands recorded for the run under way.
func readPending(r io.Reader) ([]collect.Metric, error) {
	var ms []collect.Metric
	for d := json.NewDecoder(r); ; {
		var p pendingMetric
		switch err := d.Decode(&p); err {
		case nil:
			ms = append(ms, collect.Metric{Name: p.Name, Value: p.Value, Unit: p.Unit})
		case io.EOF:
			return ms, nil
		default:
			return ms, fmt.Errorf("read the metrics that the command recorded: %w", err)
		}
	}
}
