package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"github.com/plumbline-ci/plumbline/check/report"
	"github.com/plumbline-ci/plumbline/collect"
)

func newReport(a *app) *cobra.Command {
	var o checkOptions
	var page string
	cmd := &cobra.Command{
		Use:   "report",
		Short: "Write a page about a run, with the history of each metric",
		Long: `Write a page about a run as one HTML file that loads nothing: the verdict,
what got worse, and every metric with its history, to sort, filter and zoom.
It judges as check does with the same flags; its exit status is 0 whatever the
verdict.`,
		Example: `plumbline report --html report.html
plumbline report --html - --history history.jsonl.gz --head h.jsonl > h.html`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if page == "" {
				return usage(errors.New("nothing to write to: want --html FILE, or --html - for standard output"))
			}
			if o.format != "text" {
				return usage(fmt.Errorf("--format %q: a page is HTML alone; check --format writes other forms", o.format))
			}
			if err := o.valid(); err != nil {
				return usage(err)
			}
			return a.report(cmd.Context(), o, page)
		},
	}
	f := cmd.Flags()
	o.flags(f, false)
	for _, name := range []string{"format", "all", "trend", "newest"} {
		f.Lookup(name).Hidden = true
	}
	f.StringVar(&page, "html", "", "`file` for the page; - for standard output")
	return cmd
}

func (a *app) report(ctx context.Context, o checkOptions, page string) error {
	if o.trend {
		return usage(errors.New("--trend has no page: chart --trend draws a metric's whole history"))
	}
	s, err := a.openPart(ctx, o.history, o.repos)
	if err != nil {
		return err
	}
	looks, err := a.headRuns(ctx, s, o.head)
	if err != nil {
		return err
	}
	all, err := a.judged(ctx, o, s, looks)
	if err != nil {
		return err
	}
	links := report.Links{Commits: a.commits(ctx, looks[0].Origin)}
	return failure(a.writeTo(page, func(w io.Writer) error {
		return report.HTML(w, report.NewPage(all.Result, links), all)
	}))
}

// commits is what the address of a commit of a run begins with, empty where nothing
// here tells which server its repository is on.
func (a *app) commits(ctx context.Context, o collect.Origin) string {
	if o.Repository == "" {
		return ""
	}
	server := a.Getenv("GITHUB_SERVER_URL")
	if server == "" {
		remote, err := a.git(ctx, "config", "--get", "remote.origin.url")
		if err != nil || repositoryOf(remote) != o.Repository {
			return ""
		}
		server = "https://" + hostOf(remote)
	}
	return commitsAt(server, o.Repository)
}

// hostOf is the host of a remote's address: https://host/o/r or git@host:o/r.
func hostOf(remote string) string {
	if u, err := url.Parse(remote); err == nil && u.Host != "" {
		return u.Hostname()
	}
	host, _, _ := strings.Cut(remote, ":")
	return host[strings.LastIndex(host, "@")+1:]
}

// commitsAt is what the address of a commit begins with on a server.
func commitsAt(server, repository string) string {
	u, err := url.Parse(server)
	owner, name, ok := strings.Cut(repository, "/")
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || !strings.Contains(u.Host, ".") && u.Hostname() != "localhost" || !ok || owner == "" || name == "" {
		return ""
	}
	return u.JoinPath(owner, name, "commit").String() + "/"
}
