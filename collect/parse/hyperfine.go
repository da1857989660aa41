package parse

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/plumbline-ci/plumbline/collect"
)

// hyperfine reads what hyperfine exports. A benchmark is called as its command, or
// as --command-name says; parameters of a scan tell its series apart:
// bench/make.ns_per_op[jobs=4].
//
// In JSON the times of all runs are samples of ns_per_op, and the memory of all
// runs of max_rss_bytes; of CPU time there are only means, user_ns_per_op and
// system_ns_per_op. CSV has the median of the times.
var hyperfine = Format{
	Name:  "hyperfine",
	From:  "hyperfine --export-json FILE, or --export-csv FILE without the times of each run",
	Makes: []string{"bench/COMMAND.ns_per_op", "bench/COMMAND.user_ns_per_op", "bench/COMMAND.system_ns_per_op", "bench/COMMAND.max_rss_bytes"},
	Match: matchHyperfine, Parse: parseHyperfine,
}

const hyperfineCSV = "command,mean,stddev,median,user,system,min,max"

func matchHyperfine(h *Head) bool {
	if strings.HasPrefix(string(h.Bytes[:min(len(h.Bytes), len(hyperfineCSV))]), hyperfineCSV) {
		return true
	}
	o := h.json()
	return o.has("results[].command", "results[].mean", "results[].user")
}

// hyperfineResult is one command; times are in seconds.
type hyperfineResult struct {
	Command    string
	Mean       *float64
	Median     *float64
	User       *float64
	System     *float64
	Times      []float64
	Memory     []float64      `json:"memory_usage_byte"`
	Parameters map[string]any // text, also of numbers
}

func parseHyperfine(r io.Reader, s *Sheet) error {
	head := make([]byte, len(hyperfineCSV))
	n, err := io.ReadFull(r, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	r = io.MultiReader(strings.NewReader(string(head[:n])), r)
	if string(head[:n]) == hyperfineCSV {
		return parseHyperfineCSV(r, s)
	}
	found := false
	j := newJSONReader(r)
	err = j.object(func(key string) error {
		if key != "results" {
			return nil
		}
		return j.array(func() error {
			var h hyperfineResult
			if err := j.read(&h); err != nil {
				return err
			}
			if h.Command == "" || h.Mean == nil {
				return j.errorf(`result without "command" and "mean"`)
			}
			found = true
			h.put(s)
			return nil
		})
	})
	err = j.done(err)
	if err == nil && !found {
		err = errNoBenchmark
	}
	return err
}

func (h *hyperfineResult) put(s *Sheet) {
	tags := collect.Tags{}
	for k, v := range h.Parameters {
		if text, ok := plainValue(v); ok {
			tags[k] = text
		}
	}
	times := h.Times
	if len(times) == 0 {
		times = []float64{*h.Mean}
		if h.Median != nil {
			times[0] = *h.Median
		}
	}
	s.benchTagged(h.Command, tags, measureOf("s"), times...)
	s.benchTagged(h.Command, tags, maxRSS, h.Memory...)
	if h.User != nil {
		s.benchTagged(h.Command, tags, secondsUser, *h.User)
	}
	if h.System != nil {
		s.benchTagged(h.Command, tags, secondsSys, *h.System)
	}
}

// plainValue is a value of JSON as a tag has it; objects and arrays are none.
func plainValue(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), true
	case bool:
		return strconv.FormatBool(v), true
	}
	return "", false
}

// parseHyperfineCSV reads the columns of hyperfineCSV, and parameter_NAME after
// them.
func parseHyperfineCSV(r io.Reader, s *Sheet) error {
	limited := &io.LimitedReader{R: r, N: maxJSONBytes} // a field can be as long as the file
	rows := csv.NewReader(limited)
	header, err := rows.Read()
	if err != nil {
		return csvError(err)
	}
	median, user, system := slices.Index(header, "median"), slices.Index(header, "user"), slices.Index(header, "system")
	found := false
	for {
		row, err := rows.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return csvError(err)
		}
		tags := collect.Tags{}
		for i, key := range header {
			if name, ok := strings.CutPrefix(key, "parameter_"); ok {
				tags[name] = row[i]
			}
		}
		for i, q := range map[int]measure{median: measureOf("s"), user: secondsUser, system: secondsSys} {
			v, err := strconv.ParseFloat(row[i], 64)
			if err != nil {
				line, column := rows.FieldPos(i)
				return Errorf(line, column, "%s is %q: want a number of seconds", header[i], row[i])
			}
			s.benchTagged(row[0], tags, q, v)
		}
		found = true
	}
	if limited.N == 0 {
		return fmt.Errorf("is longer than %d MiB", maxJSONBytes>>20)
	}
	if !found {
		return errNoBenchmark
	}
	return nil
}

// csvError gives an error of the CSV reader its place.
func csvError(err error) error {
	var e *csv.ParseError
	if errors.As(err, &e) {
		return &Error{Line: e.Line, Column: e.Column, Err: e.Err}
	}
	return err
}
