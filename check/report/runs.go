package report

import (
	"io"
	"slices"
	"strings"
	"time"

	"github.com/plumbline-ci/plumbline/collect"
)

// Runs lists stored runs, one a line, in the order that they come in. Ids are as
// short as they may be and still differ from each other.
func Runs(w io.Writer, runs []collect.Origin, o TextOptions) error {
	p := newPrinter(w, o.Color, o.Width)
	if len(runs) == 0 {
		p.line("no runs are stored")
		return p.w.Flush()
	}
	ids := shortIDs(runs)
	t := &table{columns: []column{
		{head: "id"}, {head: "time (UTC)"}, {head: "repository"}, {head: "type"}, {head: "suite", yield: 3}, {head: "branch", flex: true},
		{head: "commit", yield: 2}, {head: "result", paint: p.outcome}, {head: "took", right: true, yield: 1},
	}}
	shared := several(runs)
	for i := range runs {
		r := &runs[i]
		repository := "" // a column of nothing is left out
		if shared {
			repository = clean(r.Repository, maxLabel)
		}
		t.rows = append(t.rows, []string{
			ids[i], listTime(r.Time), repository, brief(r.Type), suite(r), clean(r.Branch, maxLabel), commit(r.Commit), outcome(r.Success), took(r.Duration),
		})
	}
	t.write(p, p.width)
	return p.w.Flush()
}

// several reports whether runs are of more than one repository.
func several(runs []collect.Origin) bool {
	return slices.ContainsFunc(runs, func(o collect.Origin) bool { return o.Repository != runs[0].Repository })
}

// shortIDs gives each run the shortest beginning of its id that no other has,
// of idLength at least.
func shortIDs(runs []collect.Origin) []string {
	sorted := make([]string, len(runs))
	for i := range runs {
		sorted[i] = runs[i].ID
	}
	slices.Sort(sorted)
	short := make([]string, len(runs))
	for i := range runs {
		id := runs[i].ID
		at, _ := slices.BinarySearch(sorted, id)
		n := idLength
		if at > 0 {
			n = max(n, shared(id, sorted[at-1])+1)
		}
		if at+1 < len(sorted) {
			n = max(n, shared(id, sorted[at+1])+1)
		}
		short[i] = clean(id[:min(n, len(id))], maxLabel)
	}
	return short
}

// listTime is a time in UTC as a list shows it, empty where nobody noted it.
func listTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04")
}

// shared counts the bytes that two ids have in common from the beginning.
func shared(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// suite is what keys the baseline of a run beside its type.
func suite(o *collect.Origin) string {
	if o.Name != "" {
		return brief(o.Name)
	}
	return brief(o.Job)
}

// brief cleans and shortens what must not crowd a list.
func brief(s string) string { return shorten(clean(s, maxLabel), 24) }

func outcome(o collect.Outcome) string {
	return [...]string{collect.Unsaid: "", collect.Succeeded: "ok", collect.Failed: "failed"}[o]
}

func (p *printer) outcome(cell string) string {
	if strings.TrimSpace(cell) == outcome(collect.Failed) {
		return p.red(cell)
	}
	return cell
}

// took is how long a run took, empty where nobody measured it.
func took(seconds float64) string {
	if seconds == 0 {
		return ""
	}
	return collect.Quantity(seconds, "s")
}
