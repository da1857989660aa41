package parse

import (
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
)

// criterion reads the files that Criterion writes below target/criterion, all
// that the glob target/criterion/**/new/*.json names. A benchmark is called as its
// folder, GROUP/NAME/PARAMETER, which is what the text says too.
//
// sample.json has the times of all samples; each is divided by its iterations and
// becomes a sample of ns_per_op. estimates.json has their median, which counts
// where sample.json is not read. benchmark.json and tukey.json have no result.
// The folders base and change have an older result and ratios: to read them as
// results of this run is a mistake, and an error.
var criterion = Format{
	Name:    "criterion",
	Aliases: []string{"criterion-sample", "criterion-estimates"},
	From:    "Criterion's target/criterion/**/new/*.json (sample.json and estimates.json make one metric: the samples win)",
	Makes:   []string{"bench/NAME.ns_per_op"},
	Match:   matchCriterion, Parse: parseCriterion,
}

func matchCriterion(h *Head) bool {
	if h.first() == '[' { // Tukey's fences are four numbers
		return criterionPathOf(h.Name).file == "tukey.json" && h.json().is("[]", 0)
	}
	o := h.json()
	return o.is("iters", '[') && o.is("times", '[') || o.has("mean.point_estimate", "median.point_estimate") ||
		o.has("group_id", "full_id", "directory_name")
}

// criterionFile has the members of all the files.
type criterionFile struct {
	Iters  []float64
	Times  []float64 // in nanoseconds
	Mean   *struct{}
	Median *struct {
		Point *float64 `json:"point_estimate"`
	}
	StdDev *struct{} `json:"std_dev"`
	FullID *string   `json:"full_id"`
}

func parseCriterion(r io.Reader, s *Sheet) error {
	at := criterionPathOf(s.file)
	if at.folder == "base" || at.folder == "change" {
		return fmt.Errorf("is in Criterion's folder %s, which has no result of this run: want target/criterion/**/new/*.json", at.folder)
	}
	j := newJSONReader(r)
	if at.file == "tukey.json" {
		return j.read(new([4]float64))
	}
	var f criterionFile
	if err := j.read(&f); err != nil {
		return err
	}
	if err := j.end(); err != nil {
		return err
	}
	switch {
	case f.Iters != nil || f.Times != nil:
		return f.samples(s, at.benchmark())
	case f.Median != nil && f.Median.Point != nil && f.StdDev == nil:
		return errors.New("has the change of a benchmark and no result: want target/criterion/**/new/*.json")
	case f.Median != nil && f.Median.Point != nil:
		s.benchEstimate(at.benchmark(), nsPerOp, *f.Median.Point)
		return nil
	case f.FullID != nil:
		return nil
	}
	return fmt.Errorf(`%w: want "iters" and "times", or "median"`, errNoBenchmark)
}

// samples puts the time of one iteration on the sheet, for each sample.
func (f *criterionFile) samples(s *Sheet, name string) error {
	if len(f.Iters) != len(f.Times) || len(f.Iters) == 0 {
		return fmt.Errorf(`"iters" has %d numbers and "times" %d: want as many, and one at least`, len(f.Iters), len(f.Times))
	}
	for i, n := range f.Iters {
		if n <= 0 {
			return fmt.Errorf(`number %d of "iters" is %v: want more than 0`, i+1, n)
		}
		f.Times[i] /= n
	}
	s.benchAs(name, nsPerOp, f.Times...)
	return nil
}

// criterionPath is the name of a file below target/criterion.
type criterionPath struct {
	folders      []string // without the last
	folder, file string
}

func criterionPathOf(name string) criterionPath {
	dir, file := path.Split(path.Clean(slashed(name)))
	p := criterionPath{file: file}
	if parts := strings.FieldsFunc(dir, func(r rune) bool { return r == '/' }); len(parts) > 0 {
		p.folders, p.folder = parts[:len(parts)-1], parts[len(parts)-1]
	}
	return p
}

// benchmark is the name of the benchmark: the folders below criterion. Where no
// folder is called so, they are the three that Criterion has at most; a file that
// was called otherwise has its own name.
func (p criterionPath) benchmark() string {
	if p.file != "sample.json" && p.file != "estimates.json" {
		stem := strings.TrimSuffix(p.file, ".json")
		for _, kind := range []string{"sample", "estimates"} {
			stem = strings.TrimRight(strings.TrimSuffix(stem, kind), "_-. ")
		}
		return stem
	}
	below := p.folders[max(0, len(p.folders)-3):]
	for i, f := range p.folders {
		if f == "criterion" {
			below = p.folders[i+1:]
		}
	}
	if len(below) == 0 {
		return "criterion"
	}
	return strings.Join(below, "/")
}
