package parse

import (
	"regexp"
	"sync"
)

// lazily is a regular expression that is compiled when it is first asked for: a
// run reads one or two formats of seventy, and a start reads none.
func lazily(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}
