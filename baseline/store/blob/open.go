package blob

import (
	"context"
	"time"

	"github.com/plumbline-ci/plumbline/baseline"
)

// Open gives the store of an address such as s3://bucket/prefix, gs://bucket/prefix
// or azblob://container/prefix?account=name. It connects to nothing: what is wrong
// with the bucket or the credentials is told by the first call that needs them.
// getenv gives the variables in which the tools of each cloud find its settings;
// what the clouds' own libraries look for, they look for themselves.
func Open(address string, getenv func(string) string) (*Store, error) {
	p, err := parsePlace(address, getenv)
	if err != nil {
		return nil, err
	}
	var b bucket
	switch via := newTransport(); p.scheme {
	case "s3":
		b, err = openS3(p, via)
	case "gs":
		b, err = openGCS(p, via)
	default:
		b, err = openAzure(p, via)
	}
	if err != nil {
		return nil, err
	}
	return newStore(patient(b, p), p), nil
}

func newStore(b patience, p place) *Store {
	return &Store{
		bucket: b, place: p, root: p.prefix + "v1/", now: time.Now,
		runs: map[string]*known{}, bundles: map[string]*bundle{}, listings: map[string]*listing{},
		put: map[string]change{}, gone: map[string]time.Time{},
	}
}

var _ baseline.LineStore = (*Store)(nil)

// quick is a context for what may be left undone.
func quick(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, 30*time.Second)
}
