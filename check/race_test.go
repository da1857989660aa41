//go:build race

package check_test

import "testing"

// onceIsEnough skips a simulation of minutes where the race detector, which it is
// not about, makes it ten times as slow. It runs in the suite without.
func onceIsEnough(t *testing.T) {
	t.Helper()
	t.Skip("a simulation in one goroutine: it runs without the race detector")
}
