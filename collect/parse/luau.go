package parse

import (
	"io"
	"strings"
)

// luau reads what Luau's bench.py prints: the average of each benchmark, by the
// lines that begin with SUCCESS or, where there are none, by the table below
// them. The program that was measured is the tag driver. It tells series apart
// where one file has a benchmark under several.
var luau = Format{
	Name:  "luau",
	From:  "bench/bench.py of Luau",
	Makes: []string{"bench/NAME.ns_per_op"},
	Match: matchLuau, Parse: parseLuau,
}

var (
	luauSuccess = lazily(`^SUCCESS: (.*\S)\s*:\s+([\d.]+)(ns|us|μs|µs|ms|s) \+/-\s+[\d.]+% on (.*\S)\s*$`)
	luauRow     = lazily(`^(.*\S)\s*\|\s+[\d.]+\w+\s+\|\s+([\d.]+)(ns|us|μs|µs|ms|s)\s+\|\s+[\d.]+%\s+\|\s+(.*\S)\s*$`)
)

func matchLuau(h *Head) bool {
	return h.anyLine("SUCCESS: ", luauSuccess().MatchString) ||
		h.anyLine("StdDev%", func(line string) bool { return strings.HasPrefix(line, "Test ") })
}

type luauResult struct {
	name, driver string
	nanoseconds  float64
}

func luauResultOf(m []string) (luauResult, bool) {
	v, ok := groupedNumber(m[2])
	return luauResult{m[1], m[4], v * timeUnits[m[3]]}, ok
}

func parseLuau(r io.Reader, s *Sheet) error {
	var lines, rows []luauResult
	err := textLines(r, func(_ int, line string) error {
		if m := luauSuccess().FindStringSubmatch(line); m != nil {
			if v, ok := luauResultOf(m); ok {
				lines = append(lines, v)
			}
		} else if m := luauRow().FindStringSubmatch(line); m != nil {
			if v, ok := luauResultOf(m); ok {
				rows = append(rows, v)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if len(lines) == 0 {
		lines = rows
	}
	if len(lines) == 0 {
		return noResult(`lines such as "SUCCESS: NAME : 15.041ms +/- 0.636% on luau"`)
	}
	t := oneTag{key: "driver"}
	for _, v := range lines {
		t.see(v.name, v.driver)
	}
	for _, v := range lines {
		t.bench(s, v.name, v.driver, measureOf("ns"), v.nanoseconds)
	}
	return nil
}
