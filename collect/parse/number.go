package parse

import (
	"bytes"
	"strconv"
)

// parseSeconds reads a time as test tools write it: "1.5", "1e-05", "1,234.5"
// with the thousands apart, "0,25" from a machine whose locale has a decimal
// comma. What is no number is no time.
//
// One comma alone is taken for a decimal comma even before three digits: where
// "1,234" means seconds, three decimals are usual and over a thousand seconds
// without any are not.
func parseSeconds(b []byte) (seconds float64, ok bool) {
	if v, end := plainFloat(b, 0); end == len(b) && end > 0 {
		return v, true // nearly all are so written
	}
	b = bytes.TrimSpace(b)
	if bytes.IndexByte(b, ',') >= 0 {
		if b, ok = plainNumber(b); !ok {
			return 0, false
		}
	}
	for _, c := range b { // ParseFloat also takes hexadecimals, "Inf" and "1_000"
		if (c < '0' || c > '9') && c != '.' && c != '-' && c != '+' && c != 'e' && c != 'E' {
			return 0, false
		}
	}
	seconds, err := strconv.ParseFloat(string(b), 64)
	if err != nil {
		return 0, false
	}
	return seconds, true
}

// plainNumber rewrites a number with commas to one without.
func plainNumber(b []byte) ([]byte, bool) {
	whole, fraction, pointed := bytes.Cut(b, []byte{'.'})
	groups := bytes.Split(whole, []byte{','})
	if !pointed && len(groups) == 2 {
		return bytes.Replace(b, []byte{','}, []byte{'.'}, 1), true
	}
	for _, g := range groups[1:] {
		if len(g) != 3 {
			return nil, false
		}
	}
	plain := bytes.Join(groups, nil)
	if pointed {
		plain = append(append(plain, '.'), fraction...)
	}
	return plain, true
}
