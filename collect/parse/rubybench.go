package parse

import (
	"encoding/json"
	"io"
	"strings"
)

// rubyBench reads what Ruby's Benchmark prints (the real time of each report;
// rehearsals of bmbm do not count) and what benchmark-ips prints or writes with
// json!. A colon at the end of a label is no part of the name; a report without
// a label has no name and is left out.
var rubyBench = Format{
	Name:    "ruby-bench",
	Aliases: []string{"benchmark-ips"},
	From:    "Ruby's Benchmark.bm and bmbm; benchmark-ips, also its json!",
	Makes:   []string{"bench/LABEL.ns_per_op", "bench/LABEL.ops_per_s"},
	Match:   matchRubyBench, Parse: parseRubyBench,
}

var (
	rubyHeader = lazily(`^\s*user\s+system\s+total\s+real\s*$`)
	rubyReport = lazily(`^\s*(\S.*?)?\s+\d+\.\d+\s+\d+\.\d+\s+\d+\.\d+ \(\s*(\d+\.\d+)\)\s*$`)
	rubyIPS    = lazily(`^\s*(?:(\S.*?)\s+)?(\d+(?:\.\d+)?)([kMBTQ]?) \(±\s*[\d.]+%\) i/s\b`)
)

// rubyScale are the sizes of benchmark-ips' letters.
var rubyScale = map[string]float64{"": 1, "k": 1e3, "M": 1e6, "B": 1e9, "T": 1e12, "Q": 1e15}

func matchRubyBench(h *Head) bool {
	return h.anyLine("real", rubyHeader().MatchString) || h.anyLine("i/s", rubyIPS().MatchString) ||
		h.json().has("[].name", "[].ips", "[].cycles")
}

func parseRubyBench(r io.Reader, s *Sheet) error {
	b, err := peek(r)
	if err != nil {
		return err
	}
	if b.first == '[' {
		return parseRubyJSON(b, s)
	}
	found, rehearsal, before := false, false, ""
	err = textLines(b, func(_ int, line string) error {
		label, v, unit := rubyResult(line)
		switch {
		case rubyHeader().MatchString(line):
			rehearsal = false
		case strings.HasPrefix(line, "Rehearsal "):
			rehearsal = true
		case unit == "" || rehearsal:
		default:
			if label == "" && unit == "i/s" {
				label = before // benchmark-ips puts long labels on a line of their own
			}
			if label != "" {
				s.bench(label, unit, v)
				found = true
			}
		}
		before = strings.TrimSpace(line)
		return nil
	})
	if err == nil && !found {
		return noResult(`"LABEL 0.95 0.00 0.95 ( 0.95)" of Benchmark or "LABEL 34.2M (± 2.2%) i/s" of benchmark-ips`)
	}
	return err
}

// rubyResult reads a line; the unit of what is no result is empty.
func rubyResult(line string) (label string, v float64, unit string) {
	if m := rubyReport().FindStringSubmatch(line); m != nil {
		v, ok := groupedNumber(m[2])
		if ok {
			return strings.TrimSuffix(m[1], ":"), v, "s"
		}
	}
	if !strings.Contains(line, " i/s") {
		return "", 0, ""
	}
	if m := rubyIPS().FindStringSubmatch(line); m != nil {
		if v, ok := groupedNumber(m[2]); ok {
			return m[1], v * rubyScale[m[3]], "i/s"
		}
	}
	return "", 0, ""
}

func parseRubyJSON(r io.Reader, s *Sheet) error {
	found := false
	j := newJSONReader(r)
	err := j.array(func() error {
		var b struct {
			Name   string       `json:"name"`
			IPS    *json.Number `json:"ips"`
			Cycles *json.Number `json:"cycles"`
		}
		if err := j.read(&b); err != nil {
			return err
		}
		if b.IPS == nil || b.Name == "" || b.Cycles == nil {
			return j.errorf(`element has no "name", "ips" and "cycles": want what benchmark-ips writes with json!`)
		}
		v, err := b.IPS.Float64()
		if err != nil {
			return j.errorf("ips %q is no number", *b.IPS)
		}
		s.bench(b.Name, "i/s", v)
		found = true
		return nil
	})
	if err == nil && !found {
		return noResult("at least one report of benchmark-ips")
	}
	return j.done(err)
}
