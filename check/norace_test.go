//go:build !race

package check_test

import "testing"

func onceIsEnough(*testing.T) {}
