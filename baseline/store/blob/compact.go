package blob

import (
	"cmp"
	"context"
	"errors"
	"math"
	"slices"
	"strings"
)

const (
	// few single objects in a folder are read as they are: to write a bundle costs
	// as much as reading a dozen of them.
	few = 3
	// A bundle of so many runs or bytes grows no more, so that a history is not
	// written again and again.
	sealedRuns, sealedBytes = 64, 16 << 20
	// A bundle has at most so many.
	maxRuns, maxBytes = 2 * sealedRuns, 2 * sealedBytes
)

// bundle leaves bundles of what had to be read one by one. It is a service to
// others: no error of it is told, and no run depends on it.
func (r *reading) bundle(ctx context.Context, passed []runKey) {
	loose := map[string]int{}
	for _, k := range passed {
		if r.isLoose(k) {
			loose[k.folder]++
		}
	}
	if !slices.ContainsFunc(passed, func(k runKey) bool { return loose[k.folder] > few }) {
		return
	}
	ctx, cancel := quick(ctx)
	defer cancel()
	passed = append(passed, r.keys.peek(ctx, math.MaxInt)...)
	folders := map[string][]runKey{}
	for _, k := range passed {
		folders[k.folder] = append(folders[k.folder], k)
	}
	for name, n := range loose {
		if n > few {
			r.bundleFolder(ctx, folders[name])
		}
	}
}

func (r *reading) isLoose(k runKey) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	known := r.runs[k.key]
	return known.is(k) && known.loose && known.body != nil && k.tag != ""
}

// bundleFolder bundles the runs of one folder, which come newest first.
func (r *reading) bundleFolder(ctx context.Context, keys []runKey) {
	sealed := r.sealed(keys)
	inSealed := func(k runKey) bool {
		return slices.ContainsFunc(sealed, func(b *bundle) bool { return b.spans(k) })
	}
	var chunk []runKey
	for _, k := range keys {
		switch in, ok := inSealed(k), r.whole(k); {
		case !in && ok:
			chunk = append(chunk, k)
		case !in && k.tag == "": // nobody knows yet how a listing names it
		default:
			r.bundleChunk(ctx, chunk, sealed)
			chunk = nil
		}
	}
	r.bundleChunk(ctx, chunk, sealed)
}

// whole reports whether the body of a run is at hand.
func (r *reading) whole(k runKey) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	known := r.runs[k.key]
	return known.is(k) && known.body != nil && known.err == nil && k.tag != ""
}

// sealed are the bundles of a folder that stay as they are: large ones that no run
// has come into since.
func (r *reading) sealed(keys []runKey) (sealed []*bundle) {
	var late []runKey
	for _, k := range keys {
		if r.isLoose(k) {
			late = append(late, k)
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, b := range r.bundles {
		if b.folder == keys[0].folder && b.read && !b.bad && b.sealed() && !slices.ContainsFunc(late, b.spans) {
			sealed = append(sealed, b)
		}
	}
	return sealed
}

// bundleChunk writes neighbours into bundles of about the same size, where enough of
// them are loose, and takes away the bundles that these replace.
func (r *reading) bundleChunk(ctx context.Context, chunk []runKey, sealed []*bundle) {
	loose, size := 0, 0
	for _, k := range chunk {
		size += int(k.size)
		if r.isLoose(k) {
			loose++
		}
	}
	if loose <= few {
		return
	}
	parts := max((len(chunk)+maxRuns-1)/maxRuns, (size+maxBytes-1)/maxBytes)
	for i := range parts {
		if !r.writeBundle(ctx, chunk[i*len(chunk)/parts:(i+1)*len(chunk)/parts]) {
			return
		}
	}
	r.replace(ctx, chunk, sealed)
}

// writeBundle reports whether a bundle of the runs is there, whoever wrote it.
func (r *reading) writeBundle(ctx context.Context, runs []runKey) bool {
	if len(runs) == 0 {
		return true
	}
	members := make([]member, len(runs))
	r.mu.Lock()
	quiet := r.quiet
	for i, k := range runs {
		body := r.runs[k.key].body
		members[i] = member{Name: strings.TrimPrefix(k.key, k.folder), Tag: k.tag, Size: len(body), body: body}
		quiet = quiet || body == nil // another listing has let it go
	}
	r.mu.Unlock()
	if quiet {
		return false
	}
	name, body, err := encodeBundle(members)
	if err != nil {
		return false
	}
	o := listed{key: runs[0].folder + name, size: int64(len(body))}
	err = r.once().put(ctx, o.key, body)
	r.mu.Lock()
	defer r.mu.Unlock()
	if err != nil && !errors.Is(err, errExists) {
		r.quiet = r.quiet || refused(err)
		return false
	}
	b, _ := parseBundle(o)
	b.read = true
	r.bundles[o.key], r.wrote[o.key] = b, true
	for _, k := range runs {
		r.runs[k.key].loose = false
	}
	return true
}

// replace takes away bundles whose place others have taken.
func (r *reading) replace(ctx context.Context, chunk []runKey, sealed []*bundle) {
	newest, oldest := chunk[0].back, chunk[len(chunk)-1].back
	var old []string
	r.mu.Lock()
	for key, b := range r.bundles {
		within := b.folder == chunk[0].folder && newest <= b.newest && b.oldest <= oldest
		if within && !r.wrote[key] && !slices.Contains(sealed, b) {
			old = append(old, key)
			delete(r.bundles, key)
		}
	}
	r.mu.Unlock()
	slices.SortFunc(old, cmp.Compare)
	for _, key := range old {
		r.discard(ctx, key)
	}
}
