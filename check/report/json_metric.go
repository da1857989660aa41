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
	rare lineEncoder
}

// encode writes a metric, which is good until the next one is written.
func (e *metricEncoder) encode(m *jsonMetric) []byte {
	if m.Samples != nil {
		return e.rare.encode(m)
	}
	e.buf = e.buf[:0]
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
	e.buf = strconv.AppendInt(append(e.buf, `,"runs":`...), int64(m.Runs), 10)
	e.text(`,"reason":`, m.Reason)
	if m.Confirmation != "" {
		e.text(`,"confirmation":`, m.Confirmation)
	}
	if m.NormalisedBy != "" {
		e.text(`,"normalised_by":`, m.NormalisedBy)
	}
	e.buf = append(e.buf, '}')
	return harmless(e.buf)
}

// text writes a member that is text.
func (e *metricEncoder) text(key, s string) {
	e.buf = append(e.buf, key...)
	if !plainJSON(s) {
		e.buf = append(e.buf, e.rare.raw(s)...)
		return
	}
	e.buf = append(e.buf, '"')
	e.buf = append(e.buf, s...)
	e.buf = append(e.buf, '"')
}

// plainJSON reports whether JSON has a text as it stands, as with nearly all.
func plainJSON(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c < ' ' || c >= 0x7f, c == '"', c == '\\', c == '<', c == '>', c == '&':
			return false
		}
	}
	return true
}

func (e *metricEncoder) figure(key string, f figure) {
	e.buf = appendFigure(append(e.buf, key...), f)
}

func (e *metricEncoder) interval(bounds *[]figure) {
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
