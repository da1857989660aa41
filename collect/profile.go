package collect

import (
	"context"
	"runtime/metrics"
	"sync"
	"time"
)

// Call is one call of a profiled function, as hooks see it.
type Call struct {
	// Path is root, root:child, root:child.grandchild and so on: where the call
	// stands in the tree of profiled calls of its context.
	Path      string
	Root      bool
	Arguments any
	// Result, Err and Duration are known after the call, and Panic where it
	// panicked.
	Result   any
	Err      error
	Panic    any
	Duration time.Duration
	// Grown is by how many bytes the heap's allocations grew during the call, in
	// all goroutines; 0 where that is not measured.
	Grown int64
}

// ProfileOptions say what is measured of profiled calls. The zero value measures
// time and response size.
type ProfileOptions struct {
	NoTime bool // profile.seconds[path=…] is not recorded
	NoSize bool // profile.response_bytes[path=…] is not
	Memory bool // profile.allocated_bytes[path=…] is recorded too, at about a microsecond a call
	// Before and After are called around each call, and BeforeRoot and AfterRoot
	// around those besides that no other profiled call is around. Nil: nothing is.
	Before, After, BeforeRoot, AfterRoot func(context.Context, *Call)
}

// Profiler records what profiled functions take. A nil Profiler, as of a
// disabled recorder, profiles nothing and calls no hook.
type Profiler struct {
	options ProfileOptions
	seconds *Vec[Timer]
	bytes   *Vec[Histogram]
	memory  *Vec[Histogram]
	panics  *Vec[Counter]
	errors  *Vec[Counter]
}

// Profiler returns a profiler that records into r.
func (r *Recorder) Profiler(o ProfileOptions) *Profiler {
	if r.off() {
		return nil
	}
	return &Profiler{
		options: o, seconds: r.TimerVec("profile.seconds", "path"), bytes: r.HistogramVec("profile.response_bytes", "path"),
		memory: r.HistogramVec("profile.allocated_bytes", "path"), panics: r.CounterVec("profile.panics", "path"), errors: r.CounterVec("profile.errors", "path"),
	}
}

// Profile begins a call of a function without arguments to show:
//
//	defer rec.Profile(ctx, "load").End()
//
// Calls that are made with the Span's Context are its children.
func (r *Recorder) Profile(ctx context.Context, name string) *Span {
	if r.off() {
		return &Span{ctx: ctx}
	}
	r.profiling.Do(func() { r.profiler = r.Profiler(ProfileOptions{}) })
	return r.profiler.Begin(ctx, name, nil)
}

// lazyProfiler is the profiler of Recorder.Profile.
type lazyProfiler struct {
	profiling sync.Once
	profiler  *Profiler
}

// Span is a profiled call under way, of one goroutine.
type Span struct {
	Call
	p       *Profiler
	ctx     context.Context
	start   time.Time
	memory  int64
	size    int64
	hasSize bool
}

// spanKey finds the span that a context is of. Each goroutine that is given the
// context goes on from there, and so has a tree of its own.
type spanKey struct{}

// Begin begins a call; End ends it.
func (p *Profiler) Begin(ctx context.Context, name string, arguments any) *Span {
	if p == nil {
		return &Span{ctx: ctx}
	}
	s := &Span{p: p, Call: Call{Path: name, Root: true, Arguments: arguments}}
	if parent, ok := ctx.Value(spanKey{}).(*Span); ok {
		s.Root = false
		sep := "."
		if parent.Root {
			sep = ":"
		}
		s.Path = parent.Path + sep + name
	}
	s.ctx = context.WithValue(ctx, spanKey{}, s)
	if s.Root {
		s.hook(p.options.BeforeRoot)
	}
	s.hook(p.options.Before)
	if p.options.Memory {
		s.memory = allocated()
	}
	s.start = time.Now()
	return s
}

// Context is the context of the call, for what it calls.
func (s *Span) Context() context.Context { return s.ctx }

// SetResponse says what the call answered and how many bytes that is.
func (s *Span) SetResponse(result any, sizeBytes int) {
	s.Result, s.size, s.hasSize = result, int64(sizeBytes), true
}

// End ends the call. Deferred, it counts a panic, which passes through.
func (s *Span) End() {
	if s.p == nil {
		return
	}
	if s.Panic = recover(); s.Panic != nil {
		s.finish()
		panic(s.Panic)
	}
	s.finish()
}

func (s *Span) finish() {
	p := s.p
	s.Duration = time.Since(s.start)
	if p.options.Memory {
		s.Grown = allocated() - s.memory
		p.memory.With(s.Path).Observe(float64(s.Grown))
	}
	if !p.options.NoTime {
		p.seconds.With(s.Path).Observe(s.Duration)
	}
	if s.hasSize && !p.options.NoSize {
		p.bytes.With(s.Path).Observe(float64(s.size))
	}
	if s.Panic != nil {
		p.panics.With(s.Path).Inc()
	}
	if s.Err != nil {
		p.errors.With(s.Path).Inc()
	}
	s.hook(p.options.After)
	if s.Root {
		s.hook(p.options.AfterRoot)
	}
}

func (s *Span) hook(f func(context.Context, *Call)) {
	if f != nil {
		f(s.ctx, &s.Call)
	}
}

// allocated is how many bytes the heap has given out since the program began.
func allocated() int64 {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(sample)
	if sample[0].Value.Kind() != metrics.KindUint64 {
		return 0
	}
	return int64(sample[0].Value.Uint64())
}

// Profiled wraps a function so that each call of it is profiled. Size gives the
// bytes of a result; nil: its length where it is a string or bytes, and else no
// size is recorded.
func Profiled[A, R any](p *Profiler, name string, size func(R) int, f func(context.Context, A) (R, error)) func(context.Context, A) (R, error) {
	if p == nil {
		return f
	}
	return func(ctx context.Context, a A) (R, error) {
		s := p.Begin(ctx, name, a)
		defer s.End()
		result, err := f(s.Context(), a)
		s.Result, s.Err = result, err
		if n, ok := sizeOf(result, size); ok && err == nil {
			s.SetResponse(result, n)
		}
		return result, err
	}
}

func sizeOf[R any](result R, size func(R) int) (int, bool) {
	if size != nil {
		return size(result), true
	}
	switch r := any(result).(type) {
	case string:
		return len(r), true
	case []byte:
		return len(r), true
	}
	return 0, false
}
