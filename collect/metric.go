package collect

import (
	"slices"
	"strings"
)

// Metric is one quantity as one run measured it. Name is its identity.
type Metric struct {
	Name   string
	Unit   Unit
	Better Direction
	// Tags describe the metric and do not tell series apart; those tags that
	// do are part of Name (see Name).
	Tags Tags
	// Value is finite. Where there are samples, it is their median.
	Value float64
	// Samples are the repeated measurements inside the run, in the order they
	// were taken. Nil means that Value was measured once.
	Samples []float64
}

// Tags are descriptive key-value pairs.
type Tags map[string]string

// Unit is a unit of measurement as people write it: "s", "ms", "ns/op", "MB",
// "%", "count". The empty unit means that none was given.
type Unit string

// Direction says which way a metric gets better.
type Direction int8

// The directions. Unknown is the zero value: it was not said, and is inferred
// from unit and name where it is needed (see Metric.Direction).
const (
	Unknown Direction = iota
	Lower
	Higher
	None
)

// String returns the direction as records and configuration spell it; Unknown
// is the empty string.
func (d Direction) String() string {
	return [...]string{"", "lower", "higher", "none"}[d]
}

// ParseDirection reads a direction. It knows lower, higher and none, and the
// spellings smaller and larger of other tools.
func ParseDirection(s string) (d Direction, ok bool) {
	switch s {
	case "lower", "smaller":
		return Lower, true
	case "higher", "larger":
		return Higher, true
	case "none":
		return None, true
	}
	return Unknown, false
}

// Name returns the name of the series of base that tags tell apart: the tags in
// brackets, sorted by key. Without tags it is base itself.
func Name(base string, tags Tags) string {
	if len(tags) == 0 {
		return base
	}
	keys := make([]string, 0, len(tags))
	for k := range tags {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	var b strings.Builder
	b.WriteString(base)
	sep := byte('[')
	for _, k := range keys {
		b.WriteByte(sep)
		sep = ','
		b.WriteString(k)
		b.WriteByte('=')
		b.WriteString(tags[k])
	}
	b.WriteByte(']')
	return b.String()
}
