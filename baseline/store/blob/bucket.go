package blob

import (
	"context"
	"errors"
)

// bucket is a place of objects that can be written once. Its methods try once;
// retrying has the patience. Keys are those of the bucket, prefix included.
type bucket interface {
	// get reads an object whole; errMissing: there is none.
	get(ctx context.Context, key string) ([]byte, error)
	// put writes an object where there is none; errExists: there is one.
	put(ctx context.Context, key string, body []byte) error
	// list names objects whose keys begin with a prefix, in the order of their
	// bytes, a page at a time: the first for an empty token, the next for the
	// token of the last.
	list(ctx context.Context, prefix, token string) (page, error)
	// remove takes an object away. That there is none is no error.
	remove(ctx context.Context, key string) error
}

// page is a piece of a listing.
type page struct {
	objects []listed
	next    string // token of the next page; empty: this is the last
}

// listed is an object as a listing names it.
type listed struct {
	key  string
	size int64
	tag  string // differs between two objects that had the same key; empty: nobody knows
}

var (
	errMissing = errors.New("it is not there")
	errExists  = errors.New("it is there already")
)

// pageKeys is how many objects a page has at most: as many as S3 gives.
const pageKeys = 1000
