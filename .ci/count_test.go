package main

import (
	"bytes"
	"strings"
	"testing"
)

func TestCount(t *testing.T) {
	for _, row := range []struct {
		name, events            string
		strict                  bool
		passed, failed, skipped int
		says                    string
	}{
		{
			name:   "tests and subtests",
			events: `{"Action":"pass","Package":"p","Test":"A/b"} {"Action":"pass","Package":"p","Test":"A"} {"Action":"pass","Package":"p"}`,
			passed: 2,
		}, {
			name:   "a failed test does not count again as its package",
			events: `{"Action":"output","Package":"p","Test":"A","Output":"why\n"} {"Action":"fail","Package":"p","Test":"A"} {"Action":"fail","Package":"p"}`,
			failed: 1, says: "why",
		}, {
			name:   "a package that does not build",
			events: `{"Action":"output","Package":"p","Output":"FAIL p [build failed]\n"} {"Action":"fail","Package":"p"}`,
			failed: 1, says: "build failed",
		}, {
			name:   "a test that never ended",
			events: `{"Action":"run","Package":"p","Test":"A"} {"Action":"output","Package":"p","Test":"A","Output":"=== RUN A\n"}`,
			failed: 1, says: "NOT ENDED",
		}, {
			name:    "a skip at a desk",
			events:  `{"Action":"output","Package":"p","Test":"A","Output":"no docker\n"} {"Action":"skip","Package":"p","Test":"A"}`,
			skipped: 1, says: "no docker",
		}, {
			name:   "a skip in CI",
			events: `{"Action":"output","Package":"p","Test":"A","Output":"no docker\n"} {"Action":"skip","Package":"p","Test":"A"}`,
			strict: true, failed: 1, says: "no docker",
		}, {
			name:   "an allowed skip in CI",
			events: `{"Action":"output","Package":"p","Test":"A","Output":"x.go:1: the tests run at a terminal\n"} {"Action":"skip","Package":"p","Test":"A"}`,
			strict: true, skipped: 1,
		}, {
			name:   "a package without tests",
			events: `{"Action":"skip","Package":"p"}`,
			strict: true,
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			c := &tally{output: map[string]string{}, broken: map[string]bool{}}
			var out bytes.Buffer
			if err := c.read(&out, strings.NewReader(strings.ReplaceAll(row.events, "} {", "}\n{")), row.strict); err != nil {
				t.Fatal(err)
			}
			if c.passed != row.passed || c.failed != row.failed || c.skipped != row.skipped {
				t.Errorf("counted %d, %d, %d, want %d, %d, %d", c.passed, c.failed, c.skipped, row.passed, row.failed, row.skipped)
			}
			if !strings.Contains(out.String(), row.says) {
				t.Errorf("printed %q, want %q", out.String(), row.says)
			}
		})
	}
}
