package artifact

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"
)

const prefix = "plumbline-"

// Name is the name of the artifact of a suite's run: plumbline-NAME. What an
// artifact's name may not have becomes a dash, and then a few letters that
// depend on all of the name keep two suites apart.
func Name(suite string, attempt int) string {
	const most = 100
	slug := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-', r == '_', r == '.':
			return r
		}
		return '-'
	}, suite)
	if len(slug) > most || slug != suite {
		sum := sha256.Sum256([]byte(suite))
		slug = slug[:min(len(slug), most)] + "-" + hex.EncodeToString(sum[:4])
	}
	return AttemptName(prefix+slug, attempt)
}

// AttemptName is an artifact's name in a later attempt of a workflow run, which
// cannot replace what the first one uploaded.
func AttemptName(name string, attempt int) string {
	if attempt <= 1 {
		return name
	}
	return fmt.Sprintf("%s-attempt-%d", name, attempt)
}

var attemptSuffix = regexp.MustCompile(`-attempt-[1-9][0-9]*$`)

// FirstName is the name that an artifact of any attempt has in the first one.
func FirstName(name string) string { return attemptSuffix.ReplaceAllString(name, "") }

// Ours reports whether an artifact of a workflow run is one of plumbline's.
func Ours(name string) bool { return strings.HasPrefix(name, prefix) }

// Label is what the name of an artifact of ours says of its suite.
func Label(name string) string { return strings.TrimPrefix(name, prefix) }
