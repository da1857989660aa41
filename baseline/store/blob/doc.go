// Package blob is the store in object storage: S3 and what speaks its protocol,
// Google Cloud Storage and Azure Blob Storage. It may import baseline and collect.
// To add a kind of object storage, write a file with its four methods of bucket,
// give it a kind in place.go and a row in the tests.
//
//	s, err := blob.Open("s3://bucket/prefix?region=eu-central-1", os.Getenv)
//	...
//	for entry, err := range s.List(ctx, baseline.Filter{}) { ... } // newest first
//
// A run is an object of its own, written on the condition that there is none, and the
// only truth there is. Beside the runs lie bundles of their copies, so that a
// baseline is a listing and one or two reads. A reader that met more than a few
// single runs writes one, under a name that follows from what is in it: who comes
// second finds it there. Nothing is ever changed in its place, so there is nothing to
// lock, and whatever the order in which machines write, bundle and delete, a run is
// there until someone deletes it.
package blob
