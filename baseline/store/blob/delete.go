package blob

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
)

// Delete removes the runs of the given ids: first from the bundles that have a copy,
// then themselves. It looks at the keys of all runs.
func (s *Store) Delete(ctx context.Context, ids ...string) error {
	if len(ids) == 0 {
		return nil
	}
	going := make(map[string]bool, len(ids))
	for _, id := range ids {
		going[escape(id)] = true
	}
	s.mu.Lock()
	clear(s.listings)
	s.mu.Unlock()
	keys, err := s.all(ctx, s.listing(s.root))
	if err != nil {
		return err
	}
	keys = append(keys, s.own([]string{""})...)
	keys = slices.DeleteFunc(keys, func(k runKey) bool { return !going[k.id] })
	if err := s.strip(ctx, keys); err != nil {
		return err
	}
	if err := s.removeAll(ctx, keys); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.listings)
	return nil
}

// removeAll removes the objects of runs, many at once.
func (s *Store) removeAll(ctx context.Context, keys []runKey) error {
	var wait sync.WaitGroup
	slots, errs := make(chan struct{}, readers), make([]error, len(keys))
	for i, k := range keys {
		slots <- struct{}{}
		wait.Go(func() {
			defer func() { <-slots }()
			if errs[i] = s.bucket.remove(ctx, k.key); errs[i] == nil {
				s.forget(k.key)
				s.mu.Lock()
				defer s.mu.Unlock()
				s.gone[k.key] = s.now()
			}
		})
	}
	wait.Wait()
	for _, err := range errs {
		if err != nil {
			return err // one of them says enough
		}
	}
	return nil
}

// strip writes the bundles that have one of the runs anew without it.
func (s *Store) strip(ctx context.Context, keys []runKey) error {
	s.mu.Lock()
	var touched []*bundle
	for _, b := range s.bundles {
		if slices.ContainsFunc(keys, b.spans) {
			touched = append(touched, b)
		}
	}
	s.mu.Unlock()
	for _, b := range touched {
		if err := s.stripOne(ctx, b, keys); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) stripOne(ctx context.Context, b *bundle, keys []runKey) error {
	body, err := s.bucket.get(ctx, b.key)
	if err != nil && !errors.Is(err, errMissing) {
		return err
	}
	members, err := decodeBundle(body) // of one that is gone or damaged, nothing is left
	rest := slices.DeleteFunc(slices.Clone(members), func(m member) bool {
		return slices.ContainsFunc(keys, func(k runKey) bool { return k.key == b.folder+m.Name })
	})
	if err == nil && len(rest) == len(members) {
		return nil
	}
	if len(rest) > few {
		name, body, err := encodeBundle(rest)
		if err != nil {
			return err
		}
		if err := s.bucket.put(ctx, strings.TrimSuffix(b.folder, "/")+"/"+name, body); err != nil && !errors.Is(err, errExists) {
			return err
		}
	}
	s.mu.Lock()
	delete(s.bundles, b.key)
	s.mu.Unlock()
	return s.bucket.remove(ctx, b.key)
}
