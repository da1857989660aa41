// Package storetest is the conformance suite that every store passes: Suite for
// those that can be written to, ReadOnly for the others. It is for tests alone.
//
//	storetest.Suite(t, func(t *testing.T) baseline.Store { ... }) // an empty store
package storetest
