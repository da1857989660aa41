// Package store has the places where runs are kept: the folder of record files
// (OpenDir), a single file of history (OpenFile), and an archive of such files
// (OpenZip). Stores that have an address are packages of their own below, such as
// git, and have a row in open.go. It may import baseline, collect and those
// packages. To add a store, write its methods and hold them against the suite of
// package storetest, which all stores pass.
//
//	s, err := store.Open(".plumbline")
//	...
//	for entry, err := range s.List(ctx, baseline.Filter{}) { ... } // newest first
package store
