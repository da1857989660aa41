package parse

import (
	"bytes"
	"encoding/json"
	"strconv"
)

// either reads an object, calling member for each key, or an array, calling
// element for each value.
func (j *jsonReader) either(member func(key string) error, element func() error) error {
	token, err := j.dec.Token()
	if err != nil {
		return j.wrong(err)
	}
	if token != json.Delim('{') && token != json.Delim('[') {
		return j.errorf("want an object or an array, found %s", tokenName(token))
	}
	for j.dec.More() {
		if token == json.Delim('[') {
			err = j.or(element)
		} else {
			var key json.Token
			if key, err = j.dec.Token(); err != nil {
				return j.wrong(err)
			}
			err = j.or(func() error { return member(key.(string)) })
		}
		if err != nil {
			return err
		}
	}
	_, err = j.dec.Token()
	return j.wrong(err)
}

// count reads how often something was run. What is no number, such as null or
// simplecov's "ignored", counts nothing.
func (j *jsonReader) count(scratch *json.RawMessage) (positive, counts bool, err error) {
	if err := j.read(scratch); err != nil {
		return false, false, err
	}
	b := bytes.TrimSpace(*scratch)
	switch b[0] {
	case '"', 'n':
		return false, false, nil
	}
	positive, ok := anyHits(b)
	if !ok {
		return false, false, j.errorf("%.100s is no count: want a number", b)
	}
	return positive, true, nil
}

// lineNumber reads the number of a line.
func (j *jsonReader) lineNumber(scratch *json.RawMessage) (uint32, error) {
	if err := j.read(scratch); err != nil {
		return 0, err
	}
	b := bytes.TrimSpace(*scratch)
	n, err := strconv.ParseUint(string(b), 10, 31)
	if err != nil {
		return 0, j.errorf("%.100s is no line: want a whole number", b)
	}
	return uint32(n), nil
}

// within reports whether a whole number from outside can be one of a line.
func within(n float64) bool { return n >= 0 && n <= maxLine && n == float64(uint32(n)) }
