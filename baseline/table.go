package baseline

import (
	"math"
	"slices"

	"github.com/plumbline-ci/plumbline/collect"
)

// table gathers the values of runs, newest first, one column a metric. A value
// takes eight bytes and a name is held once, so that 200 runs of 10,000 metrics
// take some 20 MB.
type table struct {
	decoder collect.Decoder
	runs    []collect.Origin
	metrics []collect.Metric    // by the decoder's positions
	shared  bool                // they are the head's own and must stay as they are
	told    []bool              // which of them are described
	columns [][]float64         // may be shorter than runs: NaN from there on
	scatter [][]collect.Scatter // likewise; nil: no samples so far
	room    int                 // what a column is made for
	free    []float64           // of which columns are made
	rows    [rowsAtOnce][]float64
	waiting int // of the newest runs, so many have their values in rows and not in columns

	// Of rows that are remembered, see recall.
	places    []int // by their positions, those of the table; -1: not looked up
	row       []float64
	scattered []collect.Scatter
}

// rowsAtOnce is how many runs are spread over the columns in one go: as many
// values as a line of the processor's cache holds, because each column has its
// own line.
const rowsAtOnce = 8

// columnsAtOnce is how many columns are made in one go.
const columnsAtOnce = 64

// maxRoom bounds what a column is made for before it has grown to it.
const maxRoom = 256

func newTable(q Query) table {
	t := table{room: min(q.Runs, maxRoom)}
	t.decoder.Begin(q.Metrics) // the head's metrics have the first positions
	if len(q.Described) > 0 && len(q.Described) == len(q.Metrics) {
		t.metrics, t.shared = slices.Clip(q.Described), true
		t.columns = make([][]float64, len(t.metrics))
		t.told = slices.Repeat([]bool{true}, len(t.metrics))
	}
	return t
}

// recordLine is a run as it is stored.
type recordLine struct {
	text []byte
	long *collect.LongLine // in place of text, where that is too long
}

// add adds the run of a line, unless it has fewer than half of the head's
// metrics, which are the first heads positions. It shows read the values, whether
// or not it adds them; nil: nobody wants to see them.
func (t *table) add(r recordLine, heads int, read readRow) (comparable bool, err error) {
	row, origin, described, err := t.read(r)
	if err != nil {
		return false, err
	}
	if read != nil {
		read(t.decoder.Names(), row, t.decoder.Scatter())
	}
	if !shares(row, heads) {
		return false, nil
	}
	t.widen(len(row))
	if err := t.describe(row, described); err != nil {
		return false, err
	}
	t.put(origin, row, t.decoder.Scatter())
	return true, nil
}

// read reads the values of a run and, of a long one, what describes its metrics.
func (t *table) read(r recordLine) (row []float64, o collect.Origin, described bool, err error) {
	if r.long == nil {
		row, o, err = t.decoder.Row(r.text)
		return row, o, false, err
	}
	for i := range t.metrics {
		if !t.told[i] { // of a run that was not added
			t.metrics[i] = collect.Metric{}
		}
	}
	return t.decoder.RowLong(*r.long, func(i int) *collect.Metric {
		if t.widen(len(t.decoder.Names())); t.told[i] {
			return nil
		}
		return &t.metrics[i]
	})
}

// widen makes room for so many metrics.
func (t *table) widen(metrics int) {
	if missing := metrics - len(t.columns); missing > 0 {
		t.columns = append(t.columns, make([][]float64, missing)...)
		t.metrics, t.shared = append(t.metrics, make([]collect.Metric, missing)...), false
		t.told = append(t.told, make([]bool, missing)...)
	}
}

// readRow is shown the values of a record.
type readRow func(names []string, row []float64, scatter []collect.Scatter)

// shares reports whether a run has half of the head's metrics.
func shares(row []float64, heads int) bool {
	shared := 0
	for _, x := range row[:heads] {
		if !math.IsNaN(x) {
			shared++
		}
	}
	return 2*shared >= heads
}

// put adds the values of a run, of which all metrics are described.
func (t *table) put(origin collect.Origin, row []float64, scatter []collect.Scatter) {
	t.addScatter(scatter)
	t.runs = append(t.runs, origin)
	t.rows[t.waiting] = append(t.rows[t.waiting][:0], row...)
	if t.waiting++; t.waiting == rowsAtOnce {
		t.spread()
	}
}

// spread moves the values that wait into the columns.
func (t *table) spread() {
	first := len(t.runs) - t.waiting
	for i, column := range t.columns {
		for k, row := range t.rows[:t.waiting] {
			if i < len(row) && row[i] == row[i] {
				column = append(t.pad(column, first+k), row[i])
			}
		}
		t.columns[i] = column
	}
	t.waiting = 0
}

// addScatter notes what the samples of a run say. Most runs have none, and cost
// nothing here.
func (t *table) addScatter(row []collect.Scatter) {
	for i, s := range row {
		if s.Samples < 2 {
			continue
		}
		if missing := len(row) - len(t.scatter); missing > 0 {
			t.scatter = append(t.scatter, make([][]collect.Scatter, missing)...)
		}
		t.scatter[i] = append(padScatter(t.scatter[i], len(t.runs)), s)
	}
}

func padScatter(col []collect.Scatter, runs int) []collect.Scatter {
	for len(col) < runs {
		col = append(col, collect.Scatter{})
	}
	return col
}

// pad returns a column that has a value for each of so many runs; nil: one that is
// still to be made.
func (t *table) pad(column []float64, runs int) []float64 {
	if column == nil {
		if len(t.free) < t.room {
			t.free = make([]float64, columnsAtOnce*t.room)
		}
		column, t.free = t.free[:0:t.room], t.free[t.room:]
	}
	for len(column) < runs {
		column = append(column, math.NaN())
	}
	return column
}

// describe notes what the run of a row says about metrics that no newer run has.
// Mostly there are none, and the record need not be read for it, or it is long and
// was read for it.
func (t *table) describe(row []float64, described bool) error {
	known := true
	for i, told := range t.told[:len(row)] {
		known = known && (told || math.IsNaN(row[i]))
	}
	if known {
		return nil
	}
	wants := func(i int) bool { return !t.told[i] && !math.IsNaN(row[i]) }
	names := t.decoder.Names()
	for i := range row {
		if wants(i) {
			m := &t.metrics[i]
			if !described {
				*m = collect.Metric{}
			}
			m.Name, m.Value = names[i], row[i]
		}
	}
	if !described {
		if err := t.decoder.Describe(t.metrics, wants); err != nil {
			return err
		}
	}
	for i := range row {
		t.told[i] = t.told[i] || wants(i)
	}
	return nil
}

// baseline turns the table round: oldest first, without metrics that only runs
// have that did not get in.
func (t *table) baseline() Baseline {
	if t.waiting == len(t.runs) {
		t.room = t.waiting // there is no column yet, and none gets longer
	}
	t.spread()
	slices.Reverse(t.runs)
	b := Baseline{Runs: t.runs}
	if missing := len(t.columns) - len(t.scatter); t.scatter != nil && missing > 0 {
		t.scatter = append(t.scatter, make([][]collect.Scatter, missing)...)
	}
	n := 0 // metrics that some run has
	for i := range t.columns {
		if t.columns[i] == nil {
			continue
		}
		column := t.pad(t.columns[i], len(t.runs))
		slices.Reverse(column)
		if t.scatter != nil {
			t.scatter[n] = t.scatterColumn(i)
		}
		t.move(i, n)
		t.columns[n] = column
		n++
	}
	b.Metrics, b.Values = t.metrics[:n:n], t.columns[:n:n]
	if t.scatter != nil {
		b.Scatter = t.scatter[:n:n]
	}
	return b
}

// move gives a metric the place of one that no run has.
func (t *table) move(from, to int) {
	if from == to {
		return
	}
	if t.shared {
		t.metrics, t.shared = slices.Clone(t.metrics), false
	}
	t.metrics[to] = t.metrics[from]
}

func (t *table) scatterColumn(i int) []collect.Scatter {
	if t.scatter[i] == nil {
		return nil
	}
	column := padScatter(t.scatter[i], len(t.runs))
	slices.Reverse(column)
	return column
}
