//go:build !linux

package store

import (
	"runtime"
	"testing"
)

func smallDisk(t *testing.T, _ string) string {
	t.Skipf("needs to mount a file system, which %s does not let this user do", runtime.GOOS)
	return ""
}
