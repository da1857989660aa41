package check

import (
	"math"
	"strconv"

	"github.com/plumbline-ci/plumbline/collect"
)

// slack keeps a change of exactly the limit inside it, whatever the last bit of
// a product says.
const slack = 1e-9

// exceeded reports whether a change for the worse from base, in the metric's
// unit, is more than the limit allows. Without a limit any is.
func (l *Limit) exceeded(base, worse float64, u collect.Unit) bool {
	if l == nil {
		return worse > 0
	}
	return worse > l.amount(base, u)*(1+slack)
}

// amount is the limit in the metric's unit.
func (l *Limit) amount(base float64, u collect.Unit) float64 {
	switch l.Kind {
	case Percent:
		return math.Abs(base) * l.Value / 100
	case Amount:
		return l.Value * factor(l.Unit, u)
	}
	return l.Value
}

// percent is the limit in per cent of base; NaN where base is 0.
func (l *Limit) percent(base float64, u collect.Unit) float64 {
	if l.Kind == Percent && finite(l.Value) {
		return l.Value
	}
	return ratioPct(l.amount(base, u), math.Abs(base))
}

// String is the limit as the configuration spells it.
func (l *Limit) String() string {
	if l == nil {
		return ""
	}
	s := strconv.FormatFloat(l.Value, 'g', -1, 64)
	switch {
	case l.Kind == Percent:
		return s + "%"
	case l.Kind == Points:
		return s + "pp"
	case l.Unit != "":
		return s + " " + string(l.Unit)
	}
	return s
}

// limitText is all that bounds a metric, in words.
func (p *plan) limitText() string {
	s := p.limit.String()
	add := func(word string, bound *float64) {
		if bound == nil {
			return
		}
		if s != "" {
			s += ", "
		}
		s += word + " " + strconv.FormatFloat(*bound, 'g', -1, 64)
	}
	add("max", p.max)
	add("min", p.min)
	return s
}

// ratioPct is part in per cent of whole, NaN where that is no number.
func ratioPct(part, whole float64) float64 {
	if x := part / whole * 100; !math.IsInf(x, 0) {
		return x
	}
	return math.NaN()
}
