package watch

import (
	"context"
	"fmt"
	"strings"

	"github.com/plumbline-ci/plumbline/check/report"
	"github.com/plumbline-ci/plumbline/collect"
)

// mostShown is how many series a line tells of.
const mostShown = 12

// Lines writes a line at each interval, until the context or the run ends. The
// first error of a source that never answered is returned.
func Lines(ctx context.Context, o Options) error {
	first, err := o.Source.Status(ctx)
	if err != nil {
		return err
	}
	h := &History{}
	h.Add(first)
	f := follow(ctx, o)
	defer f.stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case e := <-f.events:
			if e.crash != nil {
				panic(fmt.Sprintf("%v\n\n%s", e.crash.value, e.crash.stack))
			}
			if e.err == nil {
				h.Add(e.status)
			}
			if err := o.tell(e, h); err != nil || e.over {
				return err
			}
		}
	}
}

// tell writes the line of an event.
func (o Options) tell(e event, h *History) error {
	text := line(h, o.Filter)
	if e.err != nil && !e.over {
		text = clock(h) + "  no answer, asking again: " + report.Clean(e.err.Error(), 2*maxName)
	}
	if e.over {
		text += "  " + over(e, h)
	}
	_, err := fmt.Fprintln(o.Out, text)
	return err
}

func clock(h *History) string { return h.Now.Time.Local().Format("15:04:05") }

// line tells all of a moment in a line: of the series as many as may be read.
func line(h *History, filter string) string {
	parts := []string{clock(h), "up " + span(h.uptime())}
	if len(h.loads.values) > 0 {
		parts = append(parts, "cpu "+collect.Quantity(h.loads.now(), "%"))
	}
	if len(h.memory.values) > 0 {
		parts = append(parts, "ram "+collect.Quantity(h.memory.now(), "B"))
	}
	if n, _ := h.errors(); n != 0 {
		parts = append(parts, "errors "+collect.Quantity(n, ""))
	}
	shown, all := 0, 0
	for _, c := range sections() {
		for _, s := range c.chosen(h, filter, ByName) {
			if all++; shown == mostShown {
				continue
			}
			shown++
			parts = append(parts, c.words(h, s))
		}
	}
	if all > shown {
		parts = append(parts, fmt.Sprintf("and %d more", all-shown))
	}
	return strings.Join(parts, "  ")
}

// words tells of a series in a line.
func (c *section) words(h *History, s *collect.SeriesStatus) string {
	text := report.Clean(s.Name, maxName)
	for i, col := range c.columns {
		cell := col.text(h, s)
		switch {
		case cell == "" || cell == collect.NoFigure:
		case i == 0 && col.title != "count":
			text += " " + cell
		case col.title == "per s":
			text += " (" + cell + "/s)"
		default:
			text += " " + col.title + " " + cell
		}
	}
	return text
}

// last writes what a run came to, as it was on the screen.
func last(o Options, e event, h *History) error {
	width := o.Width
	if width <= 0 {
		width = 80
	}
	v := View{Filter: o.Filter}
	lines := v.Draw(h, width, lastLines)
	var b strings.Builder
	for _, l := range lines[:len(lines)-1] {
		if text := l.String(); text != "" {
			b.WriteString(text + "\n")
		}
	}
	if left := v.total - v.page; left > 0 {
		fmt.Fprintf(&b, "  and %d more series\n", left)
	}
	b.WriteString(" " + over(e, h) + "\n")
	_, err := fmt.Fprint(o.Out, b.String())
	return err
}

// lastLines are at most as many as a usual screen has.
const lastLines = 22
