package report

import (
	"encoding/json"
	"math"
	"strconv"
)

// metricEncoder writes one metric after another in the same memory. The bytes are
// those of a lineEncoder, which takes a piece of memory for each figure: of ten
// thousand metrics that is many times what the verdict takes.
type metricEncoder struct {
	buf  []byte
	odd  bool // some text of the metric is not plain
	rare lineEncoder
}

// encode writes a metric, which is good until the next one is written.
func (e *metricEncoder) encode(m *jsonMetric) []byte {
	e.buf, e.odd = e.buf[:0], false
	e.text(`{"name":`, m.Name)
	e.text(`,"status":`, m.Status)
	e.text(`,"level":`, m.Level)
	e.figure(`,"head":`, m.Head)
	e.figure(`,"baseline":`, m.Baseline)
	e.text(`,"unit":`, m.Unit)
	e.text(`,"better":`, m.Better)
	e.figure(`,"delta_pct":`, m.DeltaPct)
	e.figure(`,"p_value":`, m.P)
	e.figure(`,"q_value":`, m.Q)
	e.interval(m.Interval)
	e.text(`,"limit":`, m.Limit)
	e.figure(`,"min_detectable_pct":`, m.MinDetectablePct)
	e.whole(`,"runs":`, m.Runs)
	e.text(`,"reason":`, m.Reason)
	if m.Confirmation != "" {
		e.text(`,"confirmation":`, m.Confirmation)
	}
	if m.NormalisedBy != "" {
		e.text(`,"normalised_by":`, m.NormalisedBy)
	}
	if m.Samples != nil {
		e.samples(m.Samples)
	}
	e.buf = append(e.buf, '}')
	if e.odd {
		return harmless(e.buf)
	}
	return e.buf
}

func (e *metricEncoder) samples(s *jsonSamples) {
	e.whole(`,"samples":{"head":`, s.Head)
	e.whole(`,"baseline":`, s.Baseline)
	e.figure(`,"head_sd_pct":`, s.HeadPct)
	e.figure(`,"baseline_sd_pct":`, s.BaselinePct)
	e.figure(`,"runs_sd_pct":`, s.RunsPct)
	e.figure(`,"between_sd_pct":`, s.BetweenPct)
	e.figure(`,"widened":`, s.Widened)
	e.buf = append(e.buf, '}')
}

// text writes a member that is text.
func (e *metricEncoder) text(key, s string) {
	e.buf = append(e.buf, key...)
	if !plainJSON(s) {
		e.odd = true
		e.buf = append(e.buf, e.rare.raw(s)...)
		return
	}
	e.buf = append(e.buf, '"')
	e.buf = append(e.buf, s...)
	e.buf = append(e.buf, '"')
}

// plainJSON reports whether JSON has a text as it stands, and harmless too, as with
// nearly all: it has no control characters, nothing beyond ASCII, and none of
// "#&<>\. It looks at eight bytes at a time.
func plainJSON(s string) bool {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	any := func(x, c uint64) uint64 { return (x ^ c*ones - ones) &^ (x ^ c*ones) } // of the bytes is c
	odd := uint64(0)
	for ; len(s) >= 8; s = s[8:] {
		x := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
			uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
		odd |= x | (x + ones) | (x-' '*ones)&^x
		odd |= any(x|ones, '#') | any(x|2*ones, '>') | any(x, '&') | any(x, '\\') // " is next to #, and < to >
	}
	for i := range len(s) {
		switch c := s[i]; {
		case c < ' ' || c >= 0x7f, c == '"', c == '\\', c == '<', c == '>', c == '&', c == '#':
			return false
		}
	}
	return odd&highs == 0
}

func (e *metricEncoder) whole(key string, n int) {
	e.buf = strconv.AppendInt(append(e.buf, key...), int64(n), 10)
}

func (e *metricEncoder) figure(key string, f figure) {
	e.buf = appendFigure(append(e.buf, key...), f)
}

func (e *metricEncoder) interval(bounds *[2]figure) {
	e.buf = append(e.buf, `,"interval":`...)
	if bounds == nil {
		e.buf = append(e.buf, "null"...)
		return
	}
	e.buf = append(e.buf, '[')
	for i, f := range *bounds {
		if i > 0 {
			e.buf = append(e.buf, ',')
		}
		e.buf = appendFigure(e.buf, f)
	}
	e.buf = append(e.buf, ']')
}

// appendFigure writes a number as encoding/json does, and as null where it is not
// finite.
func appendFigure(buf []byte, f figure) []byte {
	x := float64(f)
	size := math.Abs(x)
	switch {
	case !finite(x):
		return append(buf, "null"...)
	case x == 0 || size >= 1e-6 && size < 1e21:
		return strconv.AppendFloat(buf, x, 'f', -1, 64)
	}
	text, err := json.Marshal(x) // its exponents have a form of their own
	if err != nil {
		return append(buf, "null"...) // not reached: it is finite
	}
	return append(buf, text...)
}
