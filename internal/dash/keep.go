package dash

import (
	"container/list"
	"context"
	"fmt"
	"net/http"
	"runtime/debug"
	"sync"
	"time"
)

// answers remembers answers for some seconds, in so many bytes, so that a page that
// many look at is computed once.
type answers struct {
	most int

	mu    sync.Mutex
	kept  map[string]*list.Element
	order list.List // of *keptAnswer, the last used first
	bytes int
	state int64 // of the store; it changes when runs come
	under map[string]*flight
}

type keptAnswer struct {
	key   string
	a     *answer
	state int64
	until time.Time
}

func (k *keptAnswer) bytes() int { return len(k.a.body) + len(k.a.zipped) + len(k.key) + 300 }

// flight is an answer that is being computed.
type flight struct {
	done chan struct{}
	a    *answer
	err  error
}

// fault is a panic while an answer was computed.
type fault struct {
	what  any
	stack []byte
}

func (f *fault) Error() string { return fmt.Sprintf("%v\n%s", f.what, f.stack) }

// fresh is how long an answer is good without a word that the store has changed: runs
// that are older than the newest may come without one.
const fresh = 10 * time.Second

func newAnswers(most int) *answers {
	return &answers{most: most, kept: map[string]*list.Element{}, under: map[string]*flight{}}
}

// changed says that the store is not what it was.
func (k *answers) changed() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.state++
}

// get is the answer for a key. Of several who ask at once one computes.
func (k *answers) get(ctx context.Context, key string, keep bool, compute func(ctx context.Context) (*answer, error)) (*answer, error) {
	k.mu.Lock()
	if e, ok := k.kept[key]; ok && keep {
		if ka := e.Value.(*keptAnswer); ka.state == k.state && time.Now().Before(ka.until) {
			k.order.MoveToFront(e)
			k.mu.Unlock()
			return ka.a, nil
		}
	}
	f, ok := k.under[key]
	if !ok {
		f = &flight{done: make(chan struct{})}
		k.under[key] = f
		// Who asked first may go away, and others wait for the same.
		go k.fly(context.WithoutCancel(ctx), key, keep, f, compute)
	}
	k.mu.Unlock()
	select {
	case <-f.done:
		return f.a, f.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// fly computes an answer.
func (k *answers) fly(ctx context.Context, key string, keep bool, f *flight, compute func(ctx context.Context) (*answer, error)) {
	k.mu.Lock()
	state := k.state
	k.mu.Unlock()
	defer func() {
		if r := recover(); r != nil {
			f.a, f.err = nil, &fault{r, debug.Stack()}
		}
		k.mu.Lock()
		delete(k.under, key)
		if f.err == nil && keep {
			k.put(&keptAnswer{key, f.a, state, time.Now().Add(fresh)})
		}
		k.mu.Unlock()
		close(f.done)
	}()
	f.a, f.err = compute(ctx)
}

// put remembers an answer, and forgets those that nobody used for long.
func (k *answers) put(ka *keptAnswer) {
	if e, ok := k.kept[ka.key]; ok {
		k.drop(e)
	}
	if ka.bytes() > k.most/4 {
		return
	}
	k.kept[ka.key] = k.order.PushFront(ka)
	k.bytes += ka.bytes()
	for k.bytes > k.most {
		k.drop(k.order.Back())
	}
}

func (k *answers) drop(e *list.Element) {
	ka := k.order.Remove(e).(*keptAnswer)
	delete(k.kept, ka.key)
	k.bytes -= ka.bytes()
}

// turns bound what is computed at once: judging takes a processor and some memory.
type turns map[weight]chan struct{}

// How many answers are computed at once, and how long another waits for its turn.
const (
	mostLight  = 8
	mostHeavy  = 2
	mostWaited = 10 * time.Second
)

func newTurns() turns {
	return turns{light: make(chan struct{}, mostLight), heavy: make(chan struct{}, mostHeavy)}
}

func (t turns) take(ctx context.Context, w weight) (done func(), err error) {
	wait := time.NewTimer(mostWaited)
	defer wait.Stop()
	select {
	case t[w] <- struct{}{}:
		return func() { <-t[w] }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-wait.C:
		return nil, problemf(http.StatusTooManyRequests, "%d answers of this kind are being computed; ask again in a moment", cap(t[w]))
	}
}
