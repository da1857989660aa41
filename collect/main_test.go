package collect_test

import (
	"testing"

	"go.uber.org/goleak"
)

// TestMain fails where a recorder, a handler or an event leaves a goroutine behind.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
