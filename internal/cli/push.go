package cli

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/collect/export"
	"github.com/plumbline-ci/plumbline/collect/export/amqp"
	"github.com/plumbline-ci/plumbline/collect/export/otlp"
	"github.com/plumbline-ci/plumbline/collect/export/pushgateway"
	"github.com/plumbline-ci/plumbline/collect/export/statsd"
)

const pushHelp = `Send a stored run to another system. The address says which:

  pushgateway+http://HOST:9091        Prometheus Pushgateway; also as
  http://HOST:9091/metrics/job/NAME   with the job and labels of its group
  otlp+http://HOST:4318               OpenTelemetry; also http://HOST/v1/metrics
  statsd://HOST:8125                  StatsD; with tags dogstatsd://, or its
                                      socket unix:///PATH; ?prefix=, ?tags=
  amqp://HOST/VHOST?queue=NAME        RabbitMQ; ?exchange=NAME&key=KEY

https and amqps are encrypted. USER:PASSWORD@ goes before HOST. What is secret
is better in the environment than in a command line: PLUMBLINE_PUSH_TO is the
address, PLUMBLINE_PUSH_TOKEN a bearer token for http, and
OTEL_EXPORTER_OTLP_HEADERS more headers for OpenTelemetry.`

// pushOptions are the flags of push.
type pushOptions struct {
	to, run string
	repos   repos
	timeout time.Duration
}

func newPush(a *app) *cobra.Command {
	var o pushOptions
	cmd := &cobra.Command{
		Use:   "push --to URL",
		Short: "Send a stored run to a Pushgateway, OpenTelemetry, StatsD or AMQP",
		Long:  pushHelp,
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.to == "" {
				o.to = a.Getenv("PLUMBLINE_PUSH_TO")
			}
			return a.push(cmd.Context(), o)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.to, "to", "", "`address` of the system (PLUMBLINE_PUSH_TO)")
	f.StringVar(&o.run, "run", "latest", "`id` of the run, a unique beginning of it, or latest")
	o.repos.flag(f)
	f.DurationVar(&o.timeout, "timeout", 30*time.Second, "give up after this time")
	return cmd
}

func (a *app) push(ctx context.Context, o pushOptions) error {
	to, err := a.sender(o.to)
	if err != nil {
		return usage(fmt.Errorf("--to: %w", err))
	}
	defer to.Close()
	if o.timeout <= 0 {
		return usage(fmt.Errorf("--timeout %v: want more than 0, such as 30s", o.timeout))
	}
	if a.settings.disabled {
		a.say("disabled: nothing was sent")
		return nil
	}
	s, err := a.openForRun(ctx, o.run, o.repos)
	if err != nil {
		return err
	}
	e, err := baseline.Find(ctx, s, o.run)
	if err != nil {
		return found(err)
	}
	run, err := s.Get(ctx, e)
	if err != nil {
		return failure(err)
	}
	ctx, cancel := context.WithTimeout(ctx, o.timeout)
	defer cancel()
	if err := to.Send(ctx, export.OfRun(run)); err != nil {
		return failure(fmt.Errorf("run %s was not sent: %w", run.ID, err))
	}
	a.say("sent run %s: %s", run.ID, count(len(run.Metrics), "metric"))
	return nil
}

// sender opens what an address is of. No error says more of the address than its
// scheme, as the rest may be secret.
func (a *app) sender(to string) (export.Sender, error) {
	if to == "" {
		return nil, errors.New("want the address of a system; plumbline push --help lists them")
	}
	u, err := export.Address(to)
	if err != nil {
		return nil, err
	}
	system, scheme, ok := strings.Cut(u.Scheme, "+")
	if ok && (scheme == "http" || scheme == "https") {
		to = to[len(system)+1:]
	} else {
		system = systemOf(u)
	}
	switch system {
	case "pushgateway":
		return made(pushgateway.New(pushgateway.Options{URL: to, Token: a.Getenv("PLUMBLINE_PUSH_TOKEN")}))
	case "otlp":
		header, err := a.otlpHeader()
		if err != nil {
			return nil, err
		}
		return made(otlp.New(otlp.Options{URL: to, Header: header, Warn: func(text string) { a.say("the receiver says: %s", text) }}))
	case "statsd":
		return made(statsd.New(statsd.Options{URL: to}))
	case "amqp":
		return made(amqp.New(amqp.Options{URL: to}))
	case "http":
		return nil, errors.New("an http address says by its path what it is of: want .../metrics/job/NAME of a Pushgateway, .../v1/metrics of OpenTelemetry, or pushgateway+http:// or otlp+http:// before the host")
	}
	return nil, fmt.Errorf("unknown scheme %q; want pushgateway+http, otlp+http, statsd, dogstatsd, unix or amqp", u.Scheme)
}

// made keeps a nil pointer from becoming a sender that is none.
func made[S export.Sender](s S, err error) (export.Sender, error) {
	if err != nil {
		return nil, err
	}
	return s, nil
}

// systemOf tells which system an address is of by its scheme and path.
func systemOf(u *url.URL) string {
	switch u.Scheme {
	case "statsd", "dogstatsd", "unix", "statsd+unix", "dogstatsd+unix":
		return "statsd"
	case "amqp", "amqps":
		return "amqp"
	case "http", "https":
		switch {
		case strings.Contains(u.Path, "/metrics/job"):
			return "pushgateway"
		case strings.HasSuffix(u.Path, "/v1/metrics"):
			return "otlp"
		}
		return "http"
	}
	return ""
}

// otlpHeader reads the headers that OpenTelemetry's own variable asks for:
// NAME=VALUE,NAME=VALUE, escaped as in a URL.
func (a *app) otlpHeader() (http.Header, error) {
	h := http.Header{}
	if token := a.Getenv("PLUMBLINE_PUSH_TOKEN"); token != "" {
		h.Set("Authorization", "Bearer "+token)
	}
	for one := range strings.SplitSeq(a.Getenv("OTEL_EXPORTER_OTLP_HEADERS"), ",") {
		if strings.TrimSpace(one) == "" {
			continue
		}
		name, value, ok := strings.Cut(one, "=")
		value, err := url.PathUnescape(strings.TrimSpace(value))
		if !ok || err != nil {
			return nil, errors.New("OTEL_EXPORTER_OTLP_HEADERS: want NAME=VALUE,NAME=VALUE")
		}
		h.Set(strings.TrimSpace(name), value)
	}
	return h, nil
}
