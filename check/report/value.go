package report

import (
	"bytes"

	"github.com/plumbline-ci/plumbline/check"
)

// Judged is one metric of a verdict, as JSON writes it there.
type Judged struct{ m jsonMetric }

// NewJudged is a comparison as JSON writes it.
func NewJudged(c *check.Comparison) Judged { return Judged{newMetric(c)} }

// MarshalJSON implements json.Marshaler.
func (j Judged) MarshalJSON() ([]byte, error) {
	return bytes.Clone(new(metricEncoder).encode(&j.m)), nil
}

// Shift is one shift of a trend, as TrendJSON writes it there.
type Shift struct{ s jsonShift }

// NewShift is a shift as JSON writes it.
func NewShift(s *check.Shift) Shift { return Shift{newShift(s)} }

// MarshalJSON implements json.Marshaler.
func (s Shift) MarshalJSON() ([]byte, error) { return encode(s.s), nil }
