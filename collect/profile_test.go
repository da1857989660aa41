package collect_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/plumbline-ci/plumbline/collect"
)

func TestProfile(t *testing.T) {
	t.Parallel()
	r, _ := newRecorder(t)
	var seen []string
	var grown int64
	note := func(what string) func(context.Context, *collect.Call) {
		return func(_ context.Context, c *collect.Call) {
			seen = append(seen, fmt.Sprint(what, " ", c.Path, " ", c.Arguments, " ", c.Result))
		}
	}
	p := r.Profiler(collect.ProfileOptions{
		Memory: true, Before: note("before"), BeforeRoot: note("root begins"), AfterRoot: note("root ends"),
		After: func(ctx context.Context, c *collect.Call) { grown = c.Grown; note("after")(ctx, c) },
	})
	leaf := collect.Profiled(p, "leaf", nil, func(_ context.Context, n int) (string, error) { return strings.Repeat("x", n), nil })
	middle := collect.Profiled(p, "middle", func(n int) int { return n }, func(ctx context.Context, n int) (int, error) {
		s, err := leaf(ctx, n)
		return len(s), err
	})
	root := p.Begin(t.Context(), "root", "a")
	if _, err := middle(root.Context(), 100_000); err != nil {
		t.Fatal(err)
	}
	root.End()
	want := []string{
		"root begins root a <nil>", "before root a <nil>", "before root:middle 100000 <nil>", "before root:middle.leaf 100000 <nil>",
		"after root:middle.leaf", "after root:middle 100000 100000", "after root a <nil>", "root ends root a <nil>",
	}
	for i, w := range want {
		if i >= len(seen) || !strings.HasPrefix(seen[i], w) {
			t.Fatalf("hooks saw %.80q, want %q", seen, want)
		}
	}
	if grown < 100_000 {
		t.Errorf("the heap grew by %d bytes, want at least the 100,000 of the result", grown)
	}
	got := figures(r.Metrics())
	if got["profile.seconds.count[path=root:middle.leaf]"] != 1 || got["profile.response_bytes.max[path=root:middle]"] != 100_000 ||
		got["profile.response_bytes.max[path=root:middle.leaf]"] != 100_000 || got["profile.allocated_bytes.count[path=root]"] != 1 {
		t.Errorf("Metrics = %v", got)
	}
}

func TestProfilePanics(t *testing.T) {
	t.Parallel()
	r, _ := newRecorder(t)
	func() {
		defer func() {
			if p := recover(); p != "no" {
				t.Errorf("recovered %v, want the panic as it was", p)
			}
		}()
		defer r.Profile(t.Context(), "bad").End()
		panic("no")
	}()
	p := r.Profiler(collect.ProfileOptions{NoTime: true, NoSize: true})
	fails := collect.Profiled(p, "fails", nil, func(context.Context, int) (string, error) { return "x", errors.New("no") })
	if _, err := fails(t.Context(), 1); err == nil {
		t.Error("the error is lost")
	}
	got := figures(r.Metrics())
	if got["profile.panics[path=bad]"] != 1 || got["profile.seconds.count[path=bad]"] != 1 || got["profile.errors[path=fails]"] != 1 || len(got) != 9 {
		t.Errorf("Metrics = %v", got)
	}
}

// TestProfileGoroutines: each goroutine goes on from the context that it was
// given.
func TestProfileGoroutines(t *testing.T) {
	t.Parallel()
	r, _ := newRecorder(t)
	root := r.Profile(t.Context(), "root")
	var wait sync.WaitGroup
	for i := range 4 {
		wait.Go(func() {
			s := r.Profile(root.Context(), fmt.Sprint("part", i))
			defer s.End()
			defer r.Profile(s.Context(), "leaf").End()
		})
	}
	wait.Wait()
	root.End()
	got := figures(r.Metrics())
	for i := range 4 {
		if got[fmt.Sprintf("profile.seconds.count[path=root:part%d.leaf]", i)] != 1 {
			t.Errorf("part %d: %v", i, got)
		}
	}
	off := collect.NewRecorder(collect.Options{Disabled: true})
	s := off.Profile(t.Context(), "x")
	s.End()
	if s.Context() != t.Context() || off.Profiler(collect.ProfileOptions{}) != nil {
		t.Error("a disabled recorder profiles")
	}
}

func TestJobsAndBatches(t *testing.T) {
	t.Parallel()
	r, _ := newRecorder(t)
	j := r.Jobs("mail")
	j.Changed("", "queued")
	j.Changed("", "queued")
	j.Started(2 * time.Second)
	j.Changed("queued", "running")
	j.Finished("done", time.Second)
	j.Changed("running", "")
	j.Failed("timeout")
	b := r.Batches("import")
	b.Created(20)
	b.Finished(time.Second, 19, 1)
	got := figures(r.Metrics())
	for name, want := range map[string]float64{
		"mail.active[status=queued]": 1, "mail.active[status=running]": 0, "mail.changes[status=queued]": 2, "mail.wait_seconds.max": 2,
		"mail.run_seconds.max[status=done]": 1, "mail.errors[kind=timeout]": 1, "import.created": 1, "import.size.max": 20,
		"import.run_seconds.count": 1, "import.items[outcome=done]": 19, "import.items[outcome=failed]": 1,
	} {
		if value, ok := got[name]; !ok || value != want {
			t.Errorf("%s = %v, %v, want %v", name, value, ok, want)
		}
	}
	if r.Overview().Errors["timeout"] != 1 {
		t.Error("the overview does not know the error")
	}
	off := collect.NewRecorder(collect.Options{Disabled: true})
	off.Jobs("x").Changed("a", "b")
	off.Jobs("x").Started(1)
	off.Jobs("x").Finished("a", 1)
	off.Jobs("x").Failed("a")
	off.Batches("x").Created(1)
	off.Batches("x").Finished(1, 1, 1)
}

func ExampleProfiled() {
	rec := collect.NewRecorder(collect.Options{})
	p := rec.Profiler(collect.ProfileOptions{})
	load := collect.Profiled(p, "load", nil, func(_ context.Context, page string) (string, error) {
		return "<h1>" + page + "</h1>", nil
	})
	text, err := load(context.Background(), "home")
	fmt.Println(text, err)
	fmt.Println(rec.Histogram("profile.response_bytes", collect.Tags{"path": "load"}).Snapshot().Max)
	// Output:
	// <h1>home</h1> <nil>
	// 13
}

func ExampleRecorder_Jobs() {
	rec := collect.NewRecorder(collect.Options{})
	mail := rec.Jobs("mail")
	mail.Changed("", "queued")
	mail.Changed("queued", "running")
	fmt.Println(rec.UpDownCounter("mail.active", collect.Tags{"status": "running"}).Value())
	// Output: 1
}
