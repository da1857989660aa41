package report

import (
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/plumbline-ci/plumbline/collect"
)

// Run shows one stored run: where it comes from, and every metric of it in the
// order of its record.
func Run(w io.Writer, r collect.Run, o TextOptions) error {
	p := newPrinter(w, o.Color, o.Width)
	p.line(p.bold("run " + clean(r.ID, maxName)))
	p.origin(&r.Origin)
	p.line("")
	p.line(p.bold(plural(len(r.Metrics), "metric")))
	t := &table{columns: []column{
		{head: "metric", flex: true}, {head: "value", right: true}, {head: "better", yield: 3},
		{head: "samples", yield: 1}, {head: "tags", yield: 2, paint: p.dim},
	}}
	for i := range r.Metrics {
		m := &r.Metrics[i]
		t.rows = append(t.rows, []string{
			clean(m.Name, maxName), collect.Quantity(m.Value, cleanUnit(m.Unit)), m.Better.String(), samples(m), tags(m.Tags),
		})
	}
	if len(t.rows) > 0 {
		t.write(p, p.width)
	}
	return p.w.Flush()
}

// origin writes what a run says of where it comes from.
func (p *printer) origin(o *collect.Origin) {
	say := func(label, text string) {
		if text != "" {
			p.labeled(indent+label, text)
		}
	}
	say("type", clean(o.Type, maxLabel))
	say("suite", clean(o.Name, maxLabel))
	if !o.Time.IsZero() {
		say("time", o.Time.UTC().Format("2 Jan 2006 15:04:05 UTC"))
	}
	commit := clean(o.Commit, maxLabel)
	if o.Branch != "" && commit != "" {
		commit += " on " + clean(o.Branch, maxLabel)
	}
	say("commit", commit)
	if commit == "" {
		say("branch", clean(o.Branch, maxLabel))
	}
	say("origin", forge(o))
	say("runner", machine(&o.Runner))
	say("ran", clean(o.Operation, maxProse))
	say("result", strings.TrimSpace(outcome(o.Success)+" "+prefixed("in ", took(o.Duration))))
}

// forge joins what a run says of the service that started it.
func forge(o *collect.Origin) string {
	parts := []string{
		o.Repository, o.Event, prefixed("workflow ", o.Workflow), prefixed("job ", o.Job),
	}
	if o.Attempt > 1 {
		parts = append(parts, "attempt "+strconv.Itoa(o.Attempt))
	}
	return listOf(parts)
}

func machine(r *collect.Runner) string {
	system := r.OS
	if r.OS != "" && r.Arch != "" {
		system += "/"
	}
	cores := ""
	if r.Cores > 0 {
		cores = plural(r.Cores, "core")
	}
	memory := ""
	if r.MemoryMB > 0 {
		memory = strconv.Itoa(r.MemoryMB) + " MB"
	}
	return listOf([]string{
		system + r.Arch, r.CPUModel, cores, memory, prefixed("kernel ", r.Kernel), strings.TrimSpace(r.Image + " " + r.ImageVersion),
		r.Environment, strings.TrimSpace(r.Cloud + " " + r.Region), prefixed("fingerprint ", r.Fingerprint),
	})
}

// listOf joins what is said with commas.
func listOf(parts []string) string {
	var said []string
	for _, s := range parts {
		if s = clean(s, maxLabel); s != "" {
			said = append(said, s)
		}
	}
	return strings.Join(said, ", ")
}

func prefixed(prefix, s string) string {
	if s == "" {
		return ""
	}
	return prefix + s
}

// samples tells how many there are and how far apart they lie.
func samples(m *collect.Metric) string {
	if len(m.Samples) == 0 {
		return ""
	}
	low, high := collect.Distinctly(slices.Min(m.Samples), slices.Max(m.Samples), cleanUnit(m.Unit))
	n := thousands(len(m.Samples))
	if low == high {
		return n + ", all " + low
	}
	return n + ", " + low + " to " + high
}

// tags lists tags by key.
func tags(t collect.Tags) string {
	var b strings.Builder
	for i, key := range slices.Sorted(maps.Keys(t)) {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(clean(key, maxLabel) + "=" + clean(t[key], maxLabel))
	}
	return shorten(clean(b.String(), maxName), 36)
}
