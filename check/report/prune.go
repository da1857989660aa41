package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/plumbline-ci/plumbline/collect"
)

// Fate is what pruning does to a stored run, and why.
type Fate struct {
	Run     collect.Origin
	Kept    bool
	Reasons []string
}

// Pruning lists what pruning does to runs, in the order that they come in, with
// the reasons of each below it. Those that stay are left out unless all is set.
func Pruning(w io.Writer, fates []Fate, all bool, o TextOptions) error {
	p := newPrinter(w, o.Color, o.Width)
	runs := make([]collect.Origin, len(fates))
	for i := range fates {
		runs[i] = fates[i].Run
	}
	ids := shortIDs(runs)
	t := &table{columns: []column{
		{head: "fate", paint: p.fate}, {head: "id"}, {head: "time (UTC)"}, {head: "type", yield: 1}, {head: "suite", yield: 2},
		{head: "branch", flex: true}, {head: "commit", yield: 3},
	}}
	for i := range fates {
		f := &fates[i]
		if f.Kept && !all {
			continue
		}
		r := &f.Run
		t.rows = append(t.rows, []string{
			fateWord(f.Kept), ids[i], listTime(r.Time), brief(r.Type), suite(r), clean(r.Branch, maxLabel), commit(r.Commit),
		})
		t.notes = append(t.notes, clean(strings.Join(f.Reasons, "; "), maxProse))
	}
	if len(t.rows) > 0 {
		t.write(p, p.width)
	}
	return p.w.Flush()
}

func fateWord(kept bool) string {
	if kept {
		return "stays"
	}
	return "goes"
}

func (p *printer) fate(cell string) string {
	if strings.TrimSpace(cell) == fateWord(false) {
		return p.red(cell)
	}
	return cell
}

// A pruning as other programs read it. Every field is always there.
type jsonPruning struct {
	DryRun bool `json:"dry_run"`
	Go     int  `json:"go"`
	Stay   int  `json:"stay"`
}

type jsonFate struct {
	RunID   string     `json:"run_id"`
	Time    *time.Time `json:"timestamp"`
	Type    string     `json:"type"`
	Name    string     `json:"name"`
	Job     string     `json:"job"`
	Branch  string     `json:"branch"`
	Commit  string     `json:"git_commit"`
	Stays   bool       `json:"stays"`
	Reasons []string   `json:"reasons"`
}

// PruningJSON writes what pruning does to each run as one JSON object, with one
// run a line. Equal fates give equal bytes.
func PruningJSON(w io.Writer, fates []Fate, dry bool) error {
	b := bufio.NewWriter(w)
	sum := jsonPruning{DryRun: dry}
	for i := range fates {
		if fates[i].Kept {
			sum.Stay++
		} else {
			sum.Go++
		}
	}
	fmt.Fprintf(b, "{\"prune\":%s,\n \"runs\":[", encode(sum))
	for i := range fates {
		f := &fates[i]
		listItem(b, i, jsonFate{
			f.Run.ID, originTime(f.Run), f.Run.Type, f.Run.Name, f.Run.Job, f.Run.Branch, f.Run.Commit, f.Kept, f.Reasons,
		})
	}
	b.WriteString("]}\n")
	return b.Flush() // holds the first error of all writes
}
