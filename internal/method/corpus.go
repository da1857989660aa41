package main

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"

	"github.com/plumbline-ci/plumbline/collect"
)

// leastPoints is how often a metric must have been measured to be worth a series.
const leastPoints = 40

// errNoCorpus says that there is nothing to measure on.
var errNoCorpus = errors.New("no corpus of real histories")

// readCorpus reads all histories of a folder, in the order of their names.
func readCorpus(dir string) ([]*suite, error) {
	index, err := os.ReadFile(filepath.Join(dir, "INDEX.tsv"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w in %q: want a folder with INDEX.tsv and *.jsonl.gz; --corpus names another", errNoCorpus, dir)
	}
	if err != nil {
		return nil, err
	}
	repos := make(map[string]string)
	for _, line := range strings.Split(string(index), "\n") {
		if cells := strings.Split(line, "\t"); len(cells) > 1 {
			repos[cells[0]] = cells[1]
		}
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.jsonl.gz"))
	if err != nil {
		return nil, err
	}
	var all []*suite
	for _, file := range files {
		s, err := readSuite(file)
		if err != nil {
			return nil, err
		}
		if s.repo = repos[filepath.Base(file)]; s.repo == "" {
			s.repo = s.name
		}
		if len(s.metrics) > 0 {
			all = append(all, s)
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%w in %q: no *.jsonl.gz there has a metric with %d values", errNoCorpus, dir, leastPoints)
	}
	return all, nil
}

func readSuite(file string) (*suite, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var runs []collect.Run
	for r, err := range collect.NewReader(f, file).Runs() {
		if err != nil {
			return nil, err
		}
		runs = append(runs, r)
	}
	return newSuite(strings.TrimSuffix(filepath.Base(file), ".jsonl.gz"), runs), nil
}

// newSuite turns runs into columns. Metrics that were rarely measured are left
// out, and then runs that have none of the others.
func newSuite(name string, runs []collect.Run) *suite {
	s := &suite{name: name, history: history{runs: len(runs)}}
	at := make(map[string]int)
	for i, r := range runs {
		for _, m := range r.Metrics {
			j, ok := at[m.Name]
			if !ok {
				j = len(s.metrics)
				at[m.Name] = j
				s.metrics = append(s.metrics, series(m))
				s.columns = append(s.columns, filled(len(runs), math.NaN()))
			}
			s.columns[j][i] = m.Value
		}
	}
	s.dropMetrics(func(column []float64) bool { return count(column) < leastPoints })
	s.dropEmptyRuns()
	return s
}

// series is what a metric is in all runs.
func series(m collect.Metric) collect.Metric {
	better := collect.Lower
	if m.Direction() == collect.Higher {
		better = collect.Higher
	}
	return collect.Metric{Name: m.Name, Unit: m.Unit, Better: better}
}
