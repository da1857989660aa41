// Package store has the places where runs are kept: the folder of record files
// (OpenDir), a single file of history (OpenFile), and an archive of such files
// (OpenZip). It may import baseline and collect. To add a store, write a file with its methods and list it in
// the conformance suite of this package's tests, which all stores pass.
//
//	s, err := store.Open(".plumbline")
//	...
//	for entry, err := range s.List(ctx, baseline.Filter{}) { ... } // newest first
package store
