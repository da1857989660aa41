package sqlite

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/baseline/store/storetest"
	"github.com/plumbline-ci/plumbline/baseline/store/tables"
)

func open(t testing.TB, path string) *tables.Store {
	t.Helper()
	s, err := Open(Prefix + path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// The suite runs in a folder whose name is no easy part of an address.
func TestSuite(t *testing.T) {
	t.Parallel()
	storetest.Suite(t, func(t *testing.T) baseline.Store {
		dir := filepath.Join(t.TempDir(), "ä b%20c&d=e")
		if err := os.MkdirAll(dir, 0o777); err != nil {
			t.Fatal(err)
		}
		return open(t, filepath.Join(dir, "runs #1.db"))
	})
}
