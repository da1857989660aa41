package parse

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/plumbline-ci/plumbline/collect"
)

// conbenchHistory reads benchmark results of Conbench's API, as an array, a page of
// it with "data", or one result a line. Results with one run_id are a run. A
// metric is bench/NAME.QUANTITY[TAGS] by the result's tags, in the canonical unit.
var conbenchHistory = History{
	Name: "conbench",
	From: "Conbench: GET /api/benchmark-results/",
	Match: func(h *Head) bool {
		o := h.json()
		for _, at := range []string{"", "[].", "data[]."} {
			if o.has(at+"run_id", at+"stats") || o.has(at+"run_id", at+"batch_id", at+"tags.name") {
				return true
			}
		}
		return false
	},
	read: readConbench,
}

// conbenchResult has the fields of several versions: the commit stood under github
// before it had a key of its own.
type conbenchResult struct {
	RunID     string         `json:"run_id"`
	Reason    string         `json:"run_reason"`
	Timestamp conbenchTime   `json:"timestamp"`
	Tags      map[string]any `json:"tags"`
	Stats     *struct {
		Data []*looseNumber `json:"data"`
		Mean *looseNumber   `json:"mean"`
		Unit string         `json:"unit"`
	} `json:"stats"`
	Error      json.RawMessage `json:"error"`
	CommitHash string          `json:"commit_hash"`
	CommitRepo string          `json:"commit_repo_url"`
	Commit     conbenchCommit  `json:"commit"`
	GitHub     conbenchCommit  `json:"github"`
}

type conbenchCommit struct {
	SHA        string `json:"sha"`
	Hash       string `json:"commit_hash"`
	Commit     string `json:"commit"`
	Repository string `json:"repository"`
	RepoURL    string `json:"repo_url"`
	URL        string `json:"url"`
	Branch     string `json:"branch"`
	PRNumber   any    `json:"pr_number"`
}

// conbenchTime is a time, in UTC where it does not say its zone.
type conbenchTime struct{ time.Time }

func (t *conbenchTime) UnmarshalJSON(b []byte) error {
	var text string
	if err := json.Unmarshal(b, &text); err != nil || text == "" {
		return err
	}
	at, ok := pastTime(text)
	if !ok {
		return fmt.Errorf("time %.40q: want one such as 2025-05-30T14:30:45Z", text)
	}
	t.Time = at
	return nil
}

func readConbench(in *pastReader) error {
	b, err := peek(in.r)
	if err != nil {
		return err
	}
	j := newJSONReader(b)
	var all pastRuns
	one := func() error { return conbenchOne(in, j, &all) }
	switch {
	case b.first == '[':
		err = j.done(j.array(one))
	case conbenchPage(b):
		err = j.done(j.object(func(key string) error {
			if key != "data" {
				return nil
			}
			return j.array(one)
		}))
	default:
		for err == nil && j.more() {
			err = one()
		}
	}
	if put := all.put(in); put != nil {
		return put
	}
	return err
}

// conbenchPage reports whether the first object of a file is a page of results.
func conbenchPage(b *peeked) bool {
	head, _ := b.Peek(b.Size())
	return outlineOf(head).is("data", '[')
}

func conbenchOne(in *pastReader, j *jsonReader, all *pastRuns) error {
	var e conbenchResult
	ok, raw, err := in.entry(j, &e)
	if err != nil || !ok {
		return err
	}
	if failed := string(e.Error); failed != "" && failed != "null" {
		return nil // a benchmark that failed has no result
	}
	name, _ := e.Tags["name"].(string)
	samples := e.samples()
	switch {
	case e.RunID == "" || name == "" || e.Timestamp.IsZero():
		return in.fault(j.inside(raw, fmt.Errorf(`result has not "run_id", "timestamp" and a tag "name": want those of Conbench`)))
	case len(samples) == 0:
		return in.fault(j.inside(raw, fmt.Errorf("result of %.100q %w", name, errNoValue)))
	}
	run, made := all.of(e.RunID)
	if made {
		run.Origin = e.origin()
	}
	if e.Timestamp.Before(run.Time) {
		run.Time = e.Timestamp.Time
	}
	tags := collect.Tags{}
	for k, v := range e.Tags {
		if text, ok := plainValue(v); ok && k != "name" && k != "id" {
			tags[k] = text
		}
	}
	run.sheet.benchTagged(name, tags, conbenchMeasure(e.Stats.Unit), samples...)
	return nil
}

// conbenchMeasure knows Conbench's i/s, which is items per second.
func conbenchMeasure(unit string) measure {
	if strings.TrimSpace(unit) == "i/s" {
		unit = "items/s"
	}
	return measureOf(unit)
}

// samples are the values of all iterations, or their mean where they are not said.
func (e *conbenchResult) samples() []float64 {
	if e.Stats == nil {
		return nil
	}
	var all []float64
	for _, v := range e.Stats.Data {
		if v != nil { // an iteration that failed
			all = append(all, float64(*v))
		}
	}
	if len(all) == 0 && e.Stats.Mean != nil {
		all = []float64{float64(*e.Stats.Mean)}
	}
	return all
}

func (e *conbenchResult) origin() collect.Origin {
	c, g := e.Commit, e.GitHub
	address := cmp.Or(e.CommitRepo, c.RepoURL, c.Repository, g.RepoURL, g.Repository)
	if address == "" {
		address, _, _ = strings.Cut(cmp.Or(c.URL, g.URL), "/commit/")
	}
	o := collect.Origin{
		ID: e.RunID, Time: e.Timestamp.Time,
		Commit:     cmp.Or(e.CommitHash, c.SHA, c.Hash, g.SHA, g.Hash, g.Commit, c.Commit),
		Repository: repositoryOf(address),
	}
	branch := cmp.Or(c.Branch, g.Branch)
	if _, of, ok := strings.Cut(branch, ":"); ok { // "owner:branch"
		branch = of
	}
	o.Branch = branch
	if strings.Contains(e.Reason, "pull") || c.PRNumber != nil || g.PRNumber != nil {
		o.Event = "pull_request"
	}
	return o
}
