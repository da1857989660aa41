package parse

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// FuzzCoverBlock reads a line alone and behind another of the file before it, and
// compares with the expression that says how a line looks.
func FuzzCoverBlock(f *testing.F) {
	for _, line := range []string{
		"p/a.go:1.2,3.4 5 6", "a:1.2,3.4 5 6", "a:b c:10.20,10.40 1 0", "a:1.2,3.4 5 99999999999999999999", "a:1.2,3.4 5 000",
		"a:2147483648.2,3.4 5 6", "a:00000000001.2,3.4 5 6", "a:0.2,3.4 5 6", "a:4.2,3.4 5 6", ":1.2,3.4 5 6", "a:1.2,3.4 5 ", "a:1.2,3.4 5 6 ",
	} {
		f.Add("a", line)
		f.Add("a:b", line)
	}
	whole := regexp.MustCompile(`^((?s:.+)):([0-9]{1,10})\.([0-9]{1,10}),([0-9]{1,10})\.([0-9]{1,10}) ([0-9]{1,10}) ([0-9]+)$`)
	f.Fuzz(func(t *testing.T, last, line string) {
		want, ok := coverageBlock{}, false
		if m := whole.FindStringSubmatch(line); m != nil {
			n := [5]uint32{}
			ok = true
			for i := range n {
				v, err := strconv.ParseInt(m[i+2], 10, 64)
				ok = ok && err == nil && v < 1<<31
				n[i] = uint32(v)
			}
			ok = ok && n[0] > 0 && n[0] <= n[2]
			want = coverageBlock{[]byte(m[1]), spanStatements{Span{n[0], n[1], n[2], n[3]}, n[4], strings.Trim(m[7], "0") != ""}}
		}
		for _, before := range []string{"", last, string(want.file)} {
			var got coverageBlock
			if got.scan([]byte(line), before) != ok {
				t.Fatalf("scan(%q) behind %q = %v, want %v", line, before, !ok, ok)
			}
			if file := string(got.file); ok && (file != string(want.file) && (file != "" || before != string(want.file)) || got.spanStatements != want.spanStatements) {
				t.Fatalf("scan(%q) behind %q = %+v, want %+v", line, before, got, want)
			}
		}
	})
}
