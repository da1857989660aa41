package parse

import (
	"io"
	"strings"
)

// jsTime reads what console.time and console.timeEnd of JavaScript print:
// "load: 12.5ms" and "build: 1:02.345 (m:ss.mmm)" in Node, "load: 13ms - timer
// ended" in Firefox. Of a file whose lines have not all this form, only that of
// Firefox is known without --format js-time.
var jsTime = Format{
	Name:  "js-time",
	From:  "console.time and console.timeEnd in Node, Deno, Bun and browsers",
	Makes: []string{"bench/LABEL.ns_per_op"},
	Match: matchJSTime, Parse: parseJSTime,
}

const jsTimerEnded = " - timer ended"

var (
	jsTimeLine  = lazily(`^(\S.*): (\d+(?:\.\d+)?) ?(ms|s)$`)
	jsTimeClock = lazily(`^(\S.*): (?:(\d+):)?(\d+):(\d+(?:\.\d+)?) \((?:h:m)?m:ss(?:\.mmm)?\)$`)
)

// timer reads a line of a timer that ended.
func timer(line string) (label string, nanoseconds float64, ok bool) {
	line = strings.TrimSuffix(strings.TrimSpace(line), jsTimerEnded)
	if m := jsTimeLine().FindStringSubmatch(line); m != nil {
		v, ok := groupedNumber(m[2])
		return m[1], v * timeUnits[m[3]], ok
	}
	m := jsTimeClock().FindStringSubmatch(line)
	if m == nil {
		return "", 0, false
	}
	if m[2] == "" {
		m[2] = "0"
	}
	h, okh := groupedNumber(m[2])
	min, okm := groupedNumber(m[3])
	s, oks := groupedNumber(m[4])
	return m[1], (h*3600 + min*60 + s) * 1e9, okh && okm && oks
}

func matchJSTime(h *Head) bool {
	if h.anyLine(jsTimerEnded, func(line string) bool { _, _, ok := timer(line); return ok }) {
		return true
	}
	timers := 0
	for line := range h.lines() {
		if text := string(withoutCodes(line)); strings.TrimSpace(text) != "" {
			if _, _, ok := timer(text); !ok {
				return false
			}
			timers++
		}
	}
	return timers > 0
}

func parseJSTime(r io.Reader, s *Sheet) error {
	found := false
	err := textLines(r, func(_ int, line string) error {
		if label, ns, ok := timer(line); ok {
			s.bench(label, "ns", ns)
			found = true
		}
		return nil
	})
	if err == nil && !found {
		return noResult(`lines such as "LABEL: 12.5ms" or "LABEL: 13ms - timer ended"`)
	}
	return err
}
