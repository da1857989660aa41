package parse

import "strconv"

// number returns an attribute that must be a whole number of 30 bits at most, so
// that two of them can be added.
func (x *xmlReader) number(name string) (uint32, error) {
	v, there := x.attr(name)
	if !there {
		return 0, x.errorf(x.at, "<%s> has no %s: want a whole number", x.name, name)
	}
	n, err := strconv.ParseUint(string(v), 10, 30)
	if err != nil {
		return 0, x.errorf(x.at, "<%s> has %s %.100q: want a whole number", x.name, name, v)
	}
	return uint32(n), nil
}

// tally reads two attributes, of what was covered and what was missed.
func (x *xmlReader) tally(covered, missed string) (t tally, err error) {
	if t.covered, err = x.number(covered); err != nil {
		return t, err
	}
	left, err := x.number(missed)
	t.total = t.covered + left
	return t, err
}

// hits reports whether an attribute that counts hits is above zero.
func (x *xmlReader) hits(name string) (positive bool, err error) {
	v, _ := x.attr(name)
	positive, ok := anyHits(v)
	if !ok {
		return false, x.errorf(x.at, "<%s> has %s %.100q: want a number", x.name, name, v)
	}
	return positive, nil
}
