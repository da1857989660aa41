package blob

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/baseline/store/storetest"
)

// lazy is a bucket whose listings come late and whose calls take their time, fail,
// and are done though they seem to have failed. Its clock is that of a test.
type lazy struct {
	mu      sync.Mutex
	random  *rand.Rand
	objects map[string]lazyObject // by key
	past    []lazyChange
	delay   time.Duration // at most so long a listing lacks a change
	faults  float64       // share of the calls that fail
	count   int
}

type lazyObject struct {
	body []byte
	tag  string
}

type lazyChange struct {
	at  time.Time
	key string
	now lazyObject // without a tag: it was removed
}

// call lets time pass, and may fail before or after the work.
func (l *lazy) call(ctx context.Context, work func() error) error {
	l.mu.Lock()
	wait, fails, late := time.Duration(l.random.IntN(1000))*time.Millisecond, l.random.Float64() < l.faults, l.random.IntN(2) == 0
	l.mu.Unlock()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(wait):
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	unwell := &fault{code: http.StatusText(http.StatusServiceUnavailable)}
	if fails && !late {
		return unwell
	}
	if err := work(); err != nil || !fails {
		return err
	}
	return unwell
}

func (l *lazy) get(ctx context.Context, key string) (body []byte, err error) {
	err = l.call(ctx, func() error {
		o, ok := l.objects[key]
		if body = o.body; !ok {
			return errMissing
		}
		return nil
	})
	return body, err
}

func (l *lazy) put(ctx context.Context, key string, body []byte) error {
	return l.call(ctx, func() error {
		if _, ok := l.objects[key]; ok {
			return errExists
		}
		l.count++
		o := lazyObject{body, fmt.Sprint("tag", l.count)}
		l.objects[key] = o
		l.past = append(l.past, lazyChange{time.Now(), key, o})
		return nil
	})
}

func (l *lazy) remove(ctx context.Context, key string) error {
	return l.call(ctx, func() error {
		delete(l.objects, key)
		l.past = append(l.past, lazyChange{time.Now(), key, lazyObject{}})
		return nil
	})
}

// list tells of a moment of the past: another one each time.
func (l *lazy) list(ctx context.Context, prefix, token string) (found page, err error) {
	err = l.call(ctx, func() error {
		then, seen := time.Now(), map[string]lazyObject{}
		if l.delay > 0 {
			then = then.Add(-time.Duration(l.random.Int64N(int64(l.delay))))
		}
		for _, c := range l.past {
			if c.at.After(then) {
				break
			}
			if seen[c.key] = c.now; c.now.tag == "" {
				delete(seen, c.key)
			}
		}
		var keys []string
		for key := range seen {
			if strings.HasPrefix(key, prefix) && key > token {
				keys = append(keys, key)
			}
		}
		slices.Sort(keys)
		const few = 7
		if len(keys) > few {
			keys = keys[:few]
			found.next = keys[few-1]
		}
		for _, key := range keys {
			found.objects = append(found.objects, listed{key, int64(len(seen[key].body)), seen[key].tag})
		}
		return nil
	})
	return found, err
}

// life is what is known to have happened to a run. Times are zero until then.
type life struct {
	begun, put, deleting, deleted time.Time
	value                         float64
}

// world are machines that work on one bucket at random, and what they must see.
type world struct {
	t      *testing.T
	bucket *lazy
	mu     sync.Mutex
	lives  map[string]*life
	random *rand.Rand
}

func (w *world) store() *Store {
	p := place{scheme: "s3", bucket: "bucket", getenv: env(nil)}
	b := patient(w.bucket, p)
	b.tries = 30
	return newStore(b, p)
}

func (w *world) draw(n int) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.random.IntN(n)
}

// work does some things, in one process after the other.
func (w *world) work(machine int) {
	s := w.store()
	for i := range 12 {
		switch w.draw(10) {
		case 0:
			s = w.store()
		case 1:
			w.delete(s)
		case 2, 3, 4:
			w.list(s)
		default:
			w.put(s, fmt.Sprintf("m%d-%d", machine, i))
		}
	}
}

func (w *world) put(s *Store, id string) {
	r := storetest.Run(id, w.draw(40), storetest.Value("m", float64(w.draw(1000))))
	r.Repository, r.Job, r.Type = "o/r", "unit", "results"
	w.mu.Lock()
	l := &life{begun: time.Now(), value: r.Metrics[0].Value}
	w.lives[id] = l
	w.mu.Unlock()
	if err := s.Put(w.t.Context(), r); err != nil {
		w.t.Errorf("Put(%s): %v", id, err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	l.put = time.Now()
}

// delete removes a run that a listing must show, as Delete cannot know of others,
// and sometimes puts another of its id and time in its place.
func (w *world) delete(s *Store) {
	w.mu.Lock()
	var ids []string
	for id, l := range w.lives {
		if !l.put.IsZero() && l.deleting.IsZero() && time.Since(l.put) > w.bucket.delay+fresh {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		w.mu.Unlock()
		return
	}
	slices.Sort(ids)
	id := ids[w.random.IntN(len(ids))]
	l := w.lives[id]
	l.deleting = time.Now()
	w.mu.Unlock()
	if err := s.Delete(w.t.Context(), id); err != nil {
		w.t.Errorf("Delete(%s): %v", id, err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	l.deleted = time.Now()
}

// list holds a listing against what must and what may be there.
func (w *world) list(s *Store) {
	begin, seen := time.Now(), map[string]bool{}
	last := time.Time{}
	stop := w.draw(30)
	for e, err := range s.List(w.t.Context(), baseline.Filter{}) {
		if err != nil {
			w.t.Errorf("List: %v", err)
			return
		}
		if seen[e.ID] || !last.IsZero() && e.Time.After(last) {
			w.t.Errorf("run %s is there twice or out of order", e.ID)
		}
		seen[e.ID], last = true, e.Time
		w.view(s, e, begin)
		if stop--; stop == 0 {
			return
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for id, l := range w.lives {
		if !l.put.IsZero() && begin.Sub(l.put) > w.bucket.delay+fresh && l.deleting.IsZero() && !seen[id] {
			w.t.Errorf("run %s, put %s before the listing, is not there", id, begin.Sub(l.put))
		}
	}
}

func (w *world) view(s *Store, e baseline.Entry, begin time.Time) {
	r, err := s.Get(w.t.Context(), e)
	w.mu.Lock()
	defer w.mu.Unlock()
	l := w.lives[e.ID]
	switch {
	case l == nil || !l.deleted.IsZero() && begin.Sub(l.deleted) > w.bucket.delay+fresh:
		w.t.Errorf("run %s is there, though nobody put it or it was deleted", e.ID)
	case err != nil && l.deleting.IsZero():
		w.t.Errorf("Get(%s): %v", e.ID, err)
	case err == nil && r.Metrics[0].Value != l.value:
		w.t.Errorf("run %s has the value %g, want %g", e.ID, r.Metrics[0].Value, l.value)
	}
}

// Whatever the order in which machines write, read, bundle and delete, with listings
// that lag behind and calls that fail, no run is lost, changed, or there again.
func TestInterleavings(t *testing.T) {
	t.Parallel()
	bundled := 0
	for seed := range uint64(150) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				random := rand.New(rand.NewPCG(seed, 11))
				w := &world{t: t, lives: map[string]*life{}, random: random}
				w.bucket = &lazy{random: rand.New(rand.NewPCG(seed, 12)), objects: map[string]lazyObject{}}
				w.bucket.delay = []time.Duration{0, time.Second, 20 * time.Second}[seed%3]
				w.bucket.faults = []float64{0, 0.1, 0.3}[seed/3%3]
				var wait sync.WaitGroup
				for machine := range 4 {
					wait.Go(func() { w.work(machine) })
				}
				wait.Wait()
				w.settle()
				bundled += w.bundles()
			})
		})
	}
	if bundled < 50 {
		t.Errorf("%d bundles were left, want that there is something to test", bundled)
	}
}

// settle holds what is there when all is quiet, for who reads it once and again.
func (w *world) settle() {
	time.Sleep(w.bucket.delay + settled)
	w.bucket.delay, w.bucket.faults = 0, 0
	var want []string
	for id, l := range w.lives {
		if l.deleting.IsZero() {
			want = append(want, id)
		}
	}
	slices.Sort(want)
	for range 3 {
		got, bad := storetest.Listing(w.t, w.store(), baseline.Filter{})
		slices.Sort(got)
		if !slices.Equal(got, want) || len(bad) > 0 {
			w.t.Errorf("the store has %q and %v, want %q", got, bad, want)
		}
	}
}

func (w *world) bundles() (n int) {
	for key := range w.bucket.objects {
		if strings.Contains(key, "/"+bundlePrefix) {
			n++
		}
	}
	return n
}

// A run that was deleted and put again with other content is not read from a bundle
// that somebody wrote meanwhile.
func TestStaleBundle(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := &lazy{random: rand.New(rand.NewPCG(1, 1)), objects: map[string]lazyObject{}}
		w := &world{t: t, bucket: b}
		fill(t, w.store(), 10, 1)
		storetest.Listing(t, w.store(), baseline.Filter{}) // leaves a bundle
		stale := b.objects
		b.objects = map[string]lazyObject{}
		for key, o := range stale {
			b.objects[key] = o
		}
		if err := w.store().Delete(t.Context(), "run-0004"); err != nil {
			t.Fatal(err)
		}
		other := suiteRun(4, 1)
		other.Metrics[0].Value = 7
		storetest.Fill(t, w.store(), other)
		for key, o := range stale { // a slow machine comes to write what it has read before
			if _, ok := b.objects[key]; !ok {
				b.objects[key] = o
				b.past = append(b.past, lazyChange{time.Now(), key, o})
			}
		}
		s := w.store()
		e, err := baseline.Find(t.Context(), s, "run-0004")
		if err != nil {
			t.Fatal(err)
		}
		if r, err := s.Get(t.Context(), e); err != nil || r.Metrics[0].Value != 7 {
			t.Errorf("Get = %v, %v, want the content that was put last", r.Metrics, err)
		}
	})
}

// The same id with other content is no repeated write.
func TestPutOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &world{t: t, bucket: &lazy{random: rand.New(rand.NewPCG(1, 1)), objects: map[string]lazyObject{}}}
		storetest.Fill(t, w.store(), storetest.Run("a", 0, storetest.Value("m", 1)))
		err := w.store().Put(t.Context(), storetest.Run("a", 0, storetest.Value("m", 2)))
		if err == nil || !strings.Contains(err.Error(), "with other content; a stored run does not change") {
			t.Errorf("Put of another run in its place = %v", err)
		}
		moved := storetest.Run("a", 1, storetest.Value("m", 2)) // of another time: as in a folder, the newest counts
		storetest.Fill(t, w.store(), moved)
		ids, bad := storetest.Listing(t, w.store(), baseline.Filter{})
		if !slices.Equal(ids, []string{"a"}) || len(bad) != 1 || !strings.Contains(bad[0].Error(), `run "a" is also at`) {
			t.Errorf("List = %q, %v", ids, bad)
		}
	})
}

// What is damaged is reported alone, and a damaged bundle costs nothing but time.
func TestDamage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := &lazy{random: rand.New(rand.NewPCG(1, 1)), objects: map[string]lazyObject{}}
		w := &world{t: t, bucket: b}
		fill(t, w.store(), 10, 1)
		storetest.Listing(t, w.store(), baseline.Filter{})
		if n := w.bundles(); n != 1 {
			t.Fatalf("%d bundles are there, want 1", n)
		}
		for key, o := range b.objects {
			switch {
			case strings.Contains(key, bundlePrefix):
				b.objects[key] = lazyObject{o.body[:len(o.body)-5], o.tag}
			case strings.Contains(key, "run=2D0007"), strings.Contains(key, "run-0007"):
				b.objects[key] = lazyObject{slices.Concat(o.body[:len(o.body)/2], []byte("#"), o.body[len(o.body)/2+1:]), o.tag}
			}
		}
		ids, bad := storetest.Listing(t, w.store(), baseline.Filter{})
		if len(ids) != 9 || slices.Contains(ids, "run-0007") || len(bad) != 1 || !strings.Contains(bad[0].Error(), "it is damaged") {
			t.Errorf("List = %q, %v, want all but run-0007 and an error about that", ids, bad)
		}
	})
}

// A canceled wait ends at once, and says why.
func TestWaitIsCanceled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := &lazy{random: rand.New(rand.NewPCG(1, 1)), objects: map[string]lazyObject{}, faults: 1}
		w := &world{t: t, bucket: b}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		begin := time.Now()
		err := w.store().Put(ctx, storetest.Run("a", 0))
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(begin) != 5*time.Second {
			t.Errorf("Put = %v after %s, want %v after 5s", err, time.Since(begin), context.DeadlineExceeded)
		}
	})
}
