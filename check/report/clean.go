package report

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/plumbline-ci/plumbline/collect"
)

// How much foreign text is shown at most, in runes. A name longer than that is
// no name, and a reason longer than that is not read.
const (
	maxName  = 200
	maxProse = 500
	maxLabel = 60 // branches, commits and ids
	maxUnit  = 16
)

// clean makes text from outside one harmless line: controls (the escape
// sequences of terminals among them), invisible characters and those that turn
// the direction of writing are dropped, line breaks and tabs become spaces, runs of
// spaces become one, and what follows after limit runes is an ellipsis.
func clean(s string, limit int) string {
	if plainASCII(s) && len(s) <= limit {
		return s
	}
	var b strings.Builder
	space, n := false, 0
	for _, r := range s {
		switch {
		case unicode.IsSpace(r): // all line breaks, NEL and LS and PS too
			space = b.Len() > 0
			continue
		case !visible(r):
			continue
		}
		if space {
			n++
		}
		if n++; n > limit {
			b.WriteRune('…')
			break
		}
		if space {
			b.WriteByte(' ')
			space = false
		}
		b.WriteRune(r)
	}
	return b.String()
}

// Shown is a name from outside as one harmless line, for what escapes it for its
// own medium: it has no controls and none that turns the direction of writing, and
// is cut where it is too long for a name.
func Shown(name string) string { return clean(name, maxName) }

// cleanUnit makes a unit from outside harmless.
func cleanUnit(u collect.Unit) collect.Unit { return collect.Unit(clean(string(u), maxUnit)) }

// plainASCII reports whether clean has nothing to do, as with nearly all names.
func plainASCII(s string) bool {
	for i := range len(s) {
		if c := s[i]; c <= ' ' && (c != ' ' || i == 0 || i == len(s)-1 || s[i-1] == ' ') || c >= 0x7f {
			return false
		}
	}
	return true
}

// visible reports whether a character is safe to show. Two of the format
// characters are: the joiners, without which emoji and some scripts fall apart.
func visible(r rune) bool {
	switch {
	case r == '\u200c', r == '\u200d':
		return true
	case r == utf8.RuneError:
		return true // invalid bytes are seen as what they are
	case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs):
		return false
	}
	// Fillers and selectors that show nothing at all.
	return r != '\u034f' && r != '\u115f' && r != '\u1160' && r != '\u3164' && r != '\uffa0'
}
