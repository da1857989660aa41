package check

import "unicode/utf8"

// Match reports whether a pattern fits a whole name: * stands for any run of
// characters but /, ** for any at all, ? for one character; all else is
// literal, brackets too, because names of series have them.
//
// It takes time in proportion to len(pattern) * len(name) at worst. A mismatch
// goes back to the last * and, where that would cross a /, to the last **: what
// came before them never needs another try, since they can swallow all that an
// earlier star could. That is why ? must not stand for a / either.
func Match(pattern, name string) bool {
	// Most patterns do not fit most names, and their ends tell.
	if last := len(pattern) - 1; last >= 0 && pattern[last] != '*' && pattern[last] != '?' &&
		(name == "" || name[len(name)-1] != pattern[last]) {
		return false
	}
	p, n := 0, 0
	one, all := noStar, noStar
	for n < len(name) || p < len(pattern) {
		if p < len(pattern) {
			switch c := pattern[p]; {
			case c == '*' && p+1 < len(pattern) && pattern[p+1] == '*':
				all, one = star{p + 2, n}, noStar
				if p += 2; p == len(pattern) {
					return true
				}
				continue
			case c == '*':
				one = star{p + 1, n}
				p++
				continue
			case n < len(name) && c == '?' && name[n] != '/':
				_, size := utf8.DecodeRuneInString(name[n:])
				p, n = p+1, n+size
				continue
			case n < len(name) && c == name[n] && c != '?':
				p, n = p+1, n+1
				continue
			}
		}
		switch {
		case one.pattern > 0 && one.name < len(name) && name[one.name] != '/':
			one.name++
			p, n = one.pattern, one.name
		case all.pattern > 0 && all.name < len(name):
			all.name++
			p, n, one = all.pattern, all.name, noStar
		default:
			return false
		}
	}
	return true
}

// star is a place to go back to: what follows the star in the pattern, and
// where in the name the star stops for now.
type star struct{ pattern, name int }

var noStar = star{}
