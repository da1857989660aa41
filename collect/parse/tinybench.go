package parse

import (
	"io"
	"strings"
)

// tinybench reads what console.table(bench.table()) of tinybench prints, and the
// JSON of bench.tasks. Of a table that has times the median counts, or the
// average where there is none, and its ops/s are left out: they say the same
// again. Of JSON the samples count, or else the median or mean.
var tinybench = Format{
	Name:  "tinybench",
	From:  "tinybench: console.table(bench.table()) or JSON.stringify(bench.tasks)",
	Makes: []string{"bench/NAME.ns_per_op", "bench/NAME.ops_per_s"},
	Match: matchTinybench, Parse: parseTinybench,
}

func matchTinybench(h *Head) bool {
	o := h.json()
	if o.has("[].name") && (o.has("[].result.latency") || o.has("[].result.hz")) {
		return true
	}
	return h.anyLine("ask ", func(line string) bool { return tinyColumns(barCells(line)).name > 0 })
}

func parseTinybench(r io.Reader, s *Sheet) error {
	b, err := peek(r)
	if err != nil {
		return err
	}
	if b.first == '[' {
		return parseTinyJSON(b, s)
	}
	found := false
	var at tinyTable
	err = textLines(b, func(_ int, line string) error {
		cells := barCells(line)
		if t := tinyColumns(cells); t.name > 0 {
			at = t
		} else if at.row(cells, s) {
			found = true
		}
		return nil
	})
	if err == nil && !found {
		return noResult(`the table of console.table(bench.table()), with the columns "Task name" and "Latency med (ns)" or "ops/sec"`)
	}
	return err
}

// barCells cuts a line of console.table, nil of any other line.
func barCells(line string) []string {
	line = strings.TrimSpace(line)
	if !strings.HasPrefix(line, "│") || !strings.HasSuffix(line, "│") {
		return nil
	}
	cells := strings.Split(line, "│")
	for i, c := range cells {
		c = strings.TrimSpace(c)
		if n := len(c); n >= 2 && strings.IndexByte("'\"`", c[0]) >= 0 && c[n-1] == c[0] {
			c = c[1 : n-1]
		}
		cells[i] = c
	}
	return cells
}

// A tinyTable says which column has what, 0 where none has it. The first cell of
// a line stands before its first bar and is empty.
type tinyTable struct {
	name, time, rate int
	unit             string // of the times
}

var (
	tinyTime = lazily(`(?i)^(?:latency )?(avg|average|mean|med|median)(?: time)? \((ps|ns|us|μs|µs|ms|s)\)$`)
	tinyRate = lazily(`(?i)^(?:ops/sec|throughput (avg|average|mean|med|median) \(ops/s\))$`)
)

func tinyColumns(cells []string) (t tinyTable) {
	for i, c := range cells {
		if strings.EqualFold(c, "Task name") {
			t.name = i
		} else if m := tinyTime().FindStringSubmatch(c); m != nil && (t.time == 0 || isMedian(m[1])) {
			t.time, t.unit = i, m[2]
		} else if m := tinyRate().FindStringSubmatch(c); m != nil && (t.rate == 0 || isMedian(m[1])) {
			t.rate = i
		}
	}
	if t.time == 0 && t.rate == 0 {
		return tinyTable{}
	}
	return t
}

func isMedian(word string) bool { return strings.HasPrefix(strings.ToLower(word), "med") }

// row reads one task, whose cells may have a margin: '58954 ± 15255.00'. A task
// that failed has none.
func (t tinyTable) row(cells []string, s *Sheet) bool {
	column, unit := t.time, t.unit
	if column == 0 {
		column, unit = t.rate, "ops/s"
	}
	if t.name == 0 || len(cells) <= max(t.name, column) || cells[t.name] == "" {
		return false
	}
	number, _ := field([]byte(cells[column]))
	v, ok := groupedNumber(string(number))
	if ok {
		s.bench(cells[t.name], unit, v)
	}
	return ok
}

// tinyStats are the figures of one quantity, times in ms.
type tinyStats struct {
	Mean    *float64  `json:"mean"`
	P50     *float64  `json:"p50"`
	Samples []float64 `json:"samples"`
}

func (t tinyStats) samples() []float64 {
	switch {
	case len(t.Samples) > 0:
		return t.Samples
	case t.P50 != nil:
		return []float64{*t.P50}
	case t.Mean != nil:
		return []float64{*t.Mean}
	}
	return nil
}

func parseTinyJSON(r io.Reader, s *Sheet) error {
	found := false
	j := newJSONReader(r)
	err := j.array(func() error {
		var task struct {
			Name   string `json:"name"`
			Result *struct {
				tinyStats            // of version 2
				Latency   *tinyStats `json:"latency"`
			} `json:"result"`
		}
		if err := j.read(&task); err != nil {
			return err
		}
		if task.Name == "" || task.Result == nil {
			return j.errorf(`element has no "name" and "result": want the tasks of tinybench`)
		}
		stats := task.Result.tinyStats
		if task.Result.Latency != nil {
			stats = *task.Result.Latency
		}
		if all := stats.samples(); len(all) > 0 {
			s.bench(task.Name, "ms", all...)
			found = true
		}
		return nil
	})
	if err == nil && !found {
		return noResult("at least one task of tinybench that has a result")
	}
	return j.done(err)
}
