package parse

import (
	"fmt"
	"hash/fnv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxNameBytes caps a name from outside. Parametrised tests put whole documents
// into their names, and each name is stored in every run.
const MaxNameBytes = 500

// CleanName makes a name from outside fit for a metric's name: bytes that are
// no UTF-8 become U+FFFD, control characters become spaces, and a name past
// MaxNameBytes ends in a hash of the whole, so that two long names stay two.
func CleanName(s string) string {
	if !plainName(s) {
		s = strings.Map(cleanRune, strings.ToValidUTF8(s, "\uFFFD"))
	}
	if len(s) <= MaxNameBytes {
		return s
	}
	h := fnv.New64a()
	h.Write([]byte(s))
	suffix := fmt.Sprintf("...%016x", h.Sum64())
	end := MaxNameBytes - len(suffix)
	for !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + suffix
}

// cleanBytes is CleanName of a name in bytes, or that name itself.
func cleanBytes(name []byte) []byte {
	if len(name) <= MaxNameBytes && plainName(name) {
		return name
	}
	return []byte(CleanName(string(name)))
}

func cleanRune(r rune) rune {
	if unicode.IsControl(r) {
		return ' '
	}
	return r
}

// plainName reports whether there is nothing to clean, which is nearly always.
func plainName[T string | []byte](s T) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] >= 0x7f {
			return false
		}
	}
	return true
}
