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
	return t
}

// add adds the run of a line, unless it has fewer than half of the head's
// metrics, which are the first heads positions. It shows read the values, whether
// or not it adds them; nil: nobody wants to see them.
func (t *table) add(line []byte, heads int, read readRow) (comparable bool, err error) {
	row, origin, err := t.decoder.Row(line)
	if err != nil {
		return false, err
	}
	if read != nil {
		read(t.decoder.Names(), row, t.decoder.Scatter())
	}
	if !shares(row, heads) {
		return false, nil
	}
	if missing := len(row) - len(t.columns); missing > 0 {
		t.columns = append(t.columns, make([][]float64, missing)...)
		t.metrics = append(t.metrics, make([]collect.Metric, missing)...)
		t.told = append(t.told, make([]bool, missing)...)
	}
	if err := t.describe(row); err != nil {
		return false, err
	}
	t.put(origin, row, t.decoder.Scatter())
	return true, nil
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
	for i := range t.columns {
		for k, row := range t.rows[:t.waiting] {
			if i < len(row) && !math.IsNaN(row[i]) {
				t.columns[i] = append(t.pad(i, first+k), row[i])
			}
		}
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
		for len(t.scatter) <= i {
			t.scatter = append(t.scatter, nil)
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

// pad returns a column that has a value for each of so many runs.
func (t *table) pad(i, runs int) []float64 {
	column := t.columns[i]
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
// Mostly there are none, and the record need not be read for it.
func (t *table) describe(row []float64) error {
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
			t.metrics[i] = collect.Metric{Name: names[i], Value: row[i]}
		}
	}
	if err := t.decoder.Describe(t.metrics, wants); err != nil {
		return err
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
	b.Metrics, b.Values = slices.Grow(b.Metrics, len(t.columns)), slices.Grow(b.Values, len(t.columns))
	for i := range t.columns {
		if t.columns[i] == nil {
			continue
		}
		column := t.pad(i, len(t.runs))
		slices.Reverse(column)
		b.Metrics = append(b.Metrics, t.metrics[i])
		b.Values = append(b.Values, column)
		if t.scatter != nil {
			b.Scatter = append(b.Scatter, t.scatterColumn(i))
		}
	}
	return b
}

func (t *table) scatterColumn(i int) []collect.Scatter {
	if i >= len(t.scatter) || t.scatter[i] == nil {
		return nil
	}
	column := padScatter(t.scatter[i], len(t.runs))
	slices.Reverse(column)
	return column
}
