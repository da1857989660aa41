//go:build !linux

package probe

import "errors"

// Pin would let commands use only these CPUs. This system has no way that
// holds for all that a command starts.
func Pin(cpus []int) (unpin func(), err error) { return nil, errors.ErrUnsupported }
