package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/check/report/picture"
	"github.com/plumbline-ci/plumbline/collect"
	"github.com/plumbline-ci/plumbline/internal/config"
	"github.com/plumbline-ci/plumbline/internal/site"
)

func newSite(a *app) *cobra.Command {
	var out, history string
	var only repos
	var pictures []string
	cmd := &cobra.Command{
		Use:   "site --out FOLDER",
		Short: "Write the history as a static site, for GitHub Pages",
		Long: `Write the history as a static site: an index over repositories and suites, and
for each suite its verdict, its lasting shifts, and its metrics with charts,
drawings and badges. It works on any server and from the folder itself. Only
what changed is written again; files that are not the site's are left alone.`,
		Example: `plumbline site --out public
plumbline site --out public --history git:perf --repo 'org/*'`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if out == "" {
				return usage(errors.New("nowhere to write: want --out FOLDER"))
			}
			s, err := a.openPart(cmd.Context(), history, only)
			if err != nil {
				return err
			}
			return a.site(cmd.Context(), s, siteOptions{out, history, pictures})
		},
	}
	f := cmd.Flags()
	f.StringVar(&out, "out", "", "`folder` of the site")
	f.StringVar(&history, "history", "", "a store, .jsonl file or .zip of them: its `path` (default: the store)")
	f.StringArrayVar(&pictures, "pictures", nil, "metrics with drawings and badges as files: a `pattern`, several times; '' is none (default: all)")
	only.flag(f)
	return cmd
}

type siteOptions struct {
	out, history string
	pictures     []string
}

func (a *app) site(ctx context.Context, s baseline.Store, o siteOptions) error {
	conf, err := a.readConfig(checkOptions{})
	if err != nil {
		return err
	}
	conf.Gate.Now = a.Now()
	heads, err := a.suiteHeads(ctx, s)
	if err != nil {
		return err
	}
	suites := make([]site.Suite, 0, len(heads))
	for _, head := range heads {
		suite, err := a.siteSuite(ctx, s, conf, head, o.history)
		if err != nil {
			return err
		}
		suite.Pictures = o.pictures
		suites = append(suites, suite)
	}
	w, err := site.Write(o.out, suites)
	if err != nil {
		return failure(err)
	}
	a.say("%s in %s: %s written, %d as before, %d removed", count(len(suites), "suite"), o.out, count(w.Changed, "file"), w.Same, w.Removed)
	return nil
}

// siteSuite reads a suite's history and judges its newest run.
func (a *app) siteSuite(ctx context.Context, s baseline.Store, conf config.Config, head collect.Origin, history string) (site.Suite, error) {
	h, err := a.historyBefore(ctx, s, conf, head, history)
	if err != nil {
		return site.Suite{}, err
	}
	a.locate(ctx, conf.Gate.Accepted, "HEAD")
	suite := site.Suite{History: h, Trend: search(&h, conf, 0), Address: a.address(head.Repository), Badges: map[string]picture.Badge{}}
	newest, err := newestOf(ctx, s, head, h)
	if err != nil {
		return suite, err
	}
	looks, err := a.headRuns(ctx, s, newest.ID)
	if err != nil {
		return suite, err
	}
	suite.Newest = looks[0].Origin
	b, err := a.fetch(ctx, s, conf, looks[0], checkOptions{history: history})
	if err != nil {
		return suite, err
	}
	looks, gate := look(looks, b, conf.Gate)
	all := check.ExplainAll(looks, b, gate)
	suite.Verdict = picture.OfVerdict(&all.Result)
	for e := range all.All() {
		suite.Badges[e.Comparison.Name] = picture.OfMetric(&e)
	}
	return suite, nil
}

// newestOf is the newest run of a suite on the branch of its history. One that
// failed its gate is no part of that, and yet the newest.
func newestOf(ctx context.Context, s baseline.Store, head collect.Origin, h baseline.Baseline) (collect.Origin, error) {
	if len(h.Runs) == 0 {
		return head, nil
	}
	last, suite := h.Runs[len(h.Runs)-1], baseline.SuiteOf(head)
	f := baseline.Filter{Suite: &suite, Branch: last.Branch, Since: last.Time}
	for e, err := range s.List(ctx, f) {
		if line := (*collect.LineError)(nil); errors.As(err, &line) {
			continue // reading the history said so
		}
		if err != nil {
			return last, failure(fmt.Errorf("find the newest run: %w", err))
		}
		o := e.Origin
		o.Gate = last.Gate
		if f.Fits(o) && baseline.MayBeBaseline(o) {
			return e.Origin, nil
		}
	}
	return last, nil
}

// address is where a repository can be read; empty: it does not look like one.
func (a *app) address(repository string) string {
	owner, name, ok := strings.Cut(repository, "/")
	if !ok || owner == "" || name == "" || strings.Contains(name, "/") {
		return ""
	}
	server := strings.TrimSuffix(cmp.Or(a.Getenv("GITHUB_SERVER_URL"), "https://github.com"), "/")
	return server + "/" + url.PathEscape(owner) + "/" + url.PathEscape(name)
}
