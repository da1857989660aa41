package baseline

import (
	"context"

	"github.com/plumbline-ci/plumbline/collect"
)

// BulkStore is a Store that takes many runs faster than one by one.
type BulkStore interface {
	Store
	// PutAll stores runs for good, as Put does each of them. After an error any part
	// of them may be stored.
	PutAll(ctx context.Context, runs []collect.Run) error
}

// PutAll stores runs, by the store's own way for many where it has one.
func PutAll(ctx context.Context, s Store, runs []collect.Run) error {
	if b, ok := s.(BulkStore); ok {
		return b.PutAll(ctx, runs)
	}
	for _, r := range runs {
		if err := s.Put(ctx, r); err != nil {
			return err
		}
	}
	return nil
}
