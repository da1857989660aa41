package dash

import (
	"cmp"
	"context"
	"sort"
	"strings"
	"time"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/collect"
)

// caseSeconds is what the name of a test's time has, behind the prefix of its tool.
const caseSeconds = ".case_seconds["

// slowTest is a test with its time.
type slowTest struct {
	Metric  string   `json:"metric"`
	Suite   string   `json:"suite"`
	Case    string   `json:"case"`
	Seconds float64  `json:"seconds"`
	Median  *float64 `json:"median_seconds"`
	Runs    int      `json:"runs"`
}

// slowTests are the tests of a run, the slowest first.
type slowTests struct {
	Run   *run       `json:"run"`
	Sum   float64    `json:"total_seconds"`
	Total int        `json:"total"`
	Items []slowTest `json:"items"`
	Next  *string    `json:"next_cursor"`
}

// slowTests answers with the slowest tests of the newest run that has any.
func (s *Server) slowTests(ctx context.Context, q *query) (any, error) {
	runs, err := s.newestRuns(ctx, q)
	if err != nil {
		return nil, err
	}
	times := map[string][]float64{}
	var newest *collect.Run
	for i := range runs {
		for _, m := range runs[i].Metrics {
			if strings.Contains(m.Name, caseSeconds) {
				times[m.Name] = append(times[m.Name], m.Value)
				if newest == nil {
					newest = &runs[i]
				}
			}
		}
	}
	answer, search := slowTests{Items: []slowTest{}}, baseline.NameQuery{Words: q.words()}
	var all []slowTest
	if newest != nil {
		of := newRun(newest.Origin)
		answer.Run = &of
		all = testsOf(newest, times, search, &answer.Sum)
	}
	answer.Total = len(all)
	all, answer.Next = page(q, all)
	answer.Items = append(answer.Items, all...)
	return answer, q.err
}

// testsOf are the tests of a run whose names match, the slowest first. It adds the
// times of all up.
func testsOf(r *collect.Run, times map[string][]float64, search baseline.NameQuery, sum *float64) (all []slowTest) {
	for _, m := range r.Metrics {
		if !strings.Contains(m.Name, caseSeconds) {
			continue
		}
		*sum += m.Value
		if !search.Matches(m.Name) {
			continue
		}
		t := slowTest{Metric: m.Name, Seconds: m.Value, Median: finite(collect.Median(times[m.Name])), Runs: len(times[m.Name])}
		t.Suite, t.Case = testName(m.Name)
		all = append(all, t)
	}
	sort.Slice(all, func(i, j int) bool {
		a, b := &all[i], &all[j]
		return cmp.Or(cmp.Compare(b.Seconds, a.Seconds), strings.Compare(a.Metric, b.Metric)) < 0
	})
	return all
}

// testName takes suite and case out of a metric's name: the keys are sorted, and
// either may hold anything.
func testName(metric string) (suite, name string) {
	_, tags, _ := strings.Cut(metric, caseSeconds)
	tags = strings.TrimSuffix(tags, "]")
	if i := strings.LastIndex(tags, ",suite="); i >= 0 {
		tags, suite = tags[:i], tags[i+len(",suite="):]
	}
	return suite, strings.TrimPrefix(tags, "case=")
}

// flakyCount is a count of flaky tests over runs.
type flakyCount struct {
	Metric    string     `json:"metric"`
	FlakyRuns int        `json:"flaky_runs"`
	Runs      int        `json:"runs"`
	Tests     float64    `json:"flaky_tests"`
	Newest    *time.Time `json:"newest"`
	NewestID  string     `json:"newest_run_id"`
}

// flakyTests answers how often tests were flaky.
func (s *Server) flakyTests(ctx context.Context, q *query) (any, error) {
	runs, err := s.newestRuns(ctx, q)
	if err != nil {
		return nil, err
	}
	counts := map[string]*flakyCount{}
	for i := range runs {
		for _, m := range runs[i].Metrics {
			if strings.HasSuffix(m.Name, ".flaky") {
				c := counts[m.Name]
				if c == nil {
					c = &flakyCount{Metric: m.Name}
					counts[m.Name] = c
				}
				c.add(runs[i].Origin, m.Value)
			}
		}
	}
	items := make([]flakyCount, 0, len(counts))
	for _, c := range counts {
		items = append(items, *c)
	}
	sort.Slice(items, func(i, j int) bool {
		a, b := &items[i], &items[j]
		return cmp.Or(cmp.Compare(b.FlakyRuns, a.FlakyRuns), strings.Compare(a.Metric, b.Metric)) < 0
	})
	return struct {
		Runs  int          `json:"runs"`
		Items []flakyCount `json:"items"`
	}{len(runs), items}, nil
}

// add counts a run; the newest comes first.
func (c *flakyCount) add(o collect.Origin, tests float64) {
	c.Runs++
	c.Tests += max(0, tests)
	if tests <= 0 {
		return
	}
	c.FlakyRuns++
	if c.Newest == nil {
		c.Newest, c.NewestID = known(o), o.ID
	}
}

// artifactSize is the size of an artifact or image over runs.
type artifactSize struct {
	Label    string    `json:"label"`
	Metric   string    `json:"metric"`
	Value    float64   `json:"value"`
	Unit     string    `json:"unit"`
	Encoding string    `json:"encoding"`
	ID       string    `json:"run_id"`
	Time     time.Time `json:"timestamp"`
	First    float64   `json:"first"`
	DeltaPct *float64  `json:"delta_pct"`
	Runs     int       `json:"runs"`
}

// sizes answers with the sizes of artifacts and images, by label.
func (s *Server) sizes(ctx context.Context, q *query) (any, error) {
	runs, err := s.newestRuns(ctx, q)
	if err != nil {
		return nil, err
	}
	found := map[string]*artifactSize{}
	for i := range runs {
		for _, m := range runs[i].Metrics {
			label, encoding, ok := sizeName(m.Name)
			if !ok {
				continue
			}
			a := found[m.Name]
			if a == nil {
				unit := string(cmp.Or(m.Unit, "MB"))
				a = &artifactSize{Label: label, Metric: m.Name, Value: m.Value, Unit: unit, Encoding: encoding, ID: runs[i].ID, Time: runs[i].Time.UTC()}
				found[m.Name] = a
			}
			a.Runs++
			a.First, a.DeltaPct = m.Value, nil
			if m.Value != 0 {
				a.DeltaPct = finite(100 * (a.Value - m.Value) / m.Value)
			}
		}
	}
	items := make([]artifactSize, 0, len(found))
	for _, a := range found {
		items = append(items, *a)
	}
	sort.Slice(items, func(i, j int) bool {
		a, b := &items[i], &items[j]
		return cmp.Or(strings.Compare(a.Label, b.Label), strings.Compare(a.Metric, b.Metric)) < 0
	})
	return struct {
		Runs  int            `json:"runs"`
		Items []artifactSize `json:"items"`
	}{len(runs), items}, nil
}

// sizeName takes label and encoding out of the name of a size, such as
// artifact.dist_gzip_mb or container.image_mb.
func sizeName(name string) (label, encoding string, ok bool) {
	base, tags, _ := strings.Cut(name, "[")
	base, ok = strings.CutSuffix(base, "_mb")
	if !ok {
		return "", "", false
	}
	label, ok = strings.CutPrefix(base, "artifact.")
	if !ok {
		label, ok = strings.CutPrefix(base, "container.")
	}
	for _, e := range []string{"gzip", "brotli", "zstd"} {
		if plain, is := strings.CutSuffix(label, "_"+e); is {
			label, encoding = plain, e
		}
	}
	if tags != "" {
		label += " [" + tags
	}
	return label, encoding, ok
}
