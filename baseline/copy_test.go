package baseline

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/plumbline-ci/plumbline/collect"
)

// shelf is a store in memory that lists as a store on disk does, and fails where
// it is told to.
type shelf struct {
	mu    sync.Mutex
	runs  map[string]collect.Run
	puts  int
	fails func(id string, put int) error // of a Put
	lies  bool                           // stores something else
	bad   []error                        // of its listing
}

func shelfOf(runs ...collect.Run) *shelf {
	s := &shelf{runs: map[string]collect.Run{}}
	for _, r := range runs {
		s.runs[r.ID] = r
	}
	return s
}

func (s *shelf) Put(_ context.Context, r collect.Run) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.puts++
	if s.fails != nil {
		if err := s.fails(r.ID, s.puts); err != nil {
			return err
		}
	}
	if s.lies {
		r.Operation = "other"
	}
	s.runs[r.ID] = r
	return nil
}

func (s *shelf) List(_ context.Context, f Filter) iter.Seq2[Entry, error] {
	var all []Entry
	for _, r := range s.runs {
		if f.Fits(r.Origin) {
			all = append(all, Entry{Origin: r.Origin, Ref: r.ID, Where: "shelf:" + r.ID})
		}
	}
	slices.SortFunc(all, func(a, b Entry) int {
		if c := b.Time.Compare(a.Time); c != 0 {
			return c
		}
		return strings.Compare(b.ID, a.ID)
	})
	return func(yield func(Entry, error) bool) {
		for _, err := range s.bad {
			if !yield(Entry{}, err) {
				return
			}
		}
		for _, e := range all {
			if !yield(e, nil) {
				return
			}
		}
	}
}

func (s *shelf) Get(_ context.Context, e Entry) (collect.Run, error) { return s.runs[e.Ref], nil }

func (s *shelf) Delete(context.Context, ...string) error { return errors.ErrUnsupported }

// crowd are runs of which many have the same time.
func crowd(n, each int) (runs []collect.Run) {
	for i := range n {
		runs = append(runs, collect.Run{
			Origin:  collect.Origin{ID: fmt.Sprintf("r%03d", i), Time: noon.Add(time.Duration(i/each) * time.Minute), Repository: "o/r"},
			Metrics: []collect.Metric{{Name: "m", Value: float64(i)}},
		})
	}
	return runs
}

func copyBy(t interface{ Context() context.Context }, window int, from, to Store, o CopyOptions) (CopyResult, error) {
	c := &copying{ctx: t.Context(), from: from, to: to, o: o, window: window}
	err := c.run()
	return c.result, err
}

// TestCopyGoesOn: whatever is there, and wherever a copy ends, calling it again
// makes the stores equal but for what differs.
func TestCopyGoesOn(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		all := crowd(rapid.IntRange(0, 40).Draw(t, "runs"), rapid.IntRange(1, 7).Draw(t, "at once"))
		from, to := shelfOf(all...), shelfOf()
		there, differ := 0, 0
		for _, r := range all {
			switch rapid.IntRange(0, 5).Draw(t, "there") {
			case 0:
				there++
				to.runs[r.ID] = r
			case 1:
				differ++
				r.Operation = "else"
				r.Time = r.Time.Add(time.Duration(rapid.IntRange(-2, 2).Draw(t, "moved")) * time.Minute)
				to.runs[r.ID] = r
			}
		}
		end := rapid.IntRange(0, 30).Draw(t, "ends after")
		to.fails = func(_ string, put int) error {
			if put > end && put < end+mostFailed*2 {
				return errors.New("full")
			}
			return nil
		}
		window := rapid.IntRange(1, 50).Draw(t, "window")
		stored := 0
		var r CopyResult
		for range 100 {
			var err error
			r, err = copyBy(t, window, from, to, CopyOptions{})
			stored += r.Copied
			if err == nil && r.Refused == 0 {
				break
			}
		}
		// A run that a batch stored before another failed may be counted as there.
		if stored > len(all)-there-differ || len(to.runs) != len(all) {
			t.Fatalf("%d were stored, and %d are there, of %d with %d there and %d that differ", stored, len(to.runs), len(all), there, differ)
		}
		again, err := copyBy(t, window, from, to, CopyOptions{})
		want := CopyResult{There: len(all) - differ, Differ: differ, From: again.From, To: again.To}
		if err != nil || again != want || again.From.Runs != len(all) || again.To.Runs != len(all) || again.Whole() != (differ == 0) {
			t.Fatalf("copied again: %+v, %v, want %+v", again, err, want)
		}
		for _, r := range all {
			if got := to.runs[r.ID]; got.Operation != "else" && got.Metrics[0].Value != r.Metrics[0].Value {
				t.Fatalf("run %s came as %+v", r.ID, got)
			}
		}
	})
}

func TestCopy(t *testing.T) {
	t.Parallel()
	torn := &collect.LineError{File: "f", Line: 3, Err: errors.New("torn")}
	odd := crowd(10, 1)
	odd[4].Repository, odd[5].Repository = "o/s", "p/r"
	var refusing error
	for _, tt := range []struct {
		name string
		to   *shelf
		bad  []error
		o    CopyOptions
		want CopyResult // but for the digests
		told string
	}{
		{"all", shelfOf(), nil, CopyOptions{}, CopyResult{Copied: 10}, ""},
		{"dry", shelfOf(odd[3]), nil, CopyOptions{DryRun: true}, CopyResult{Copied: 9, There: 1}, ""},
		{"repository", shelfOf(), nil, CopyOptions{Filter: Filter{Repositories: []string{"o/*"}}}, CopyResult{Copied: 9}, ""},
		{"since", shelfOf(), nil, CopyOptions{Filter: Filter{Since: noon.Add(7 * time.Minute)}}, CopyResult{Copied: 3}, ""},
		{"torn line", shelfOf(), []error{torn}, CopyOptions{}, CopyResult{Copied: 10, Unreadable: 1}, "f: line 3: torn"},
		{"refused", &shelf{runs: map[string]collect.Run{}, fails: func(id string, _ int) error {
			if id == "r004" {
				return errors.New("too large")
			}
			return refusing
		}}, nil, CopyOptions{}, CopyResult{Copied: 9, Refused: 1}, `run "r004" is refused: too large`},
	} {
		for _, window := range []int{2, 100} {
			from := shelfOf(odd...)
			from.bad = tt.bad
			to := shelfOf()
			for id, r := range tt.to.runs {
				to.runs[id] = r
			}
			to.fails = tt.to.fails
			told := ""
			o := tt.o
			o.Tell = func(err error) { told += err.Error() }
			got, err := copyBy(t, window, from, to, o)
			equal := got.From == got.To
			whole := got.Whole()
			got.From, got.To = Digest{}, Digest{}
			if err != nil || got != tt.want || told != tt.told {
				t.Errorf("%s, %d at once: %+v, %v, told %q; want %+v and %q", tt.name, window, got, err, told, tt.want, tt.told)
			}
			if wantEqual := !tt.o.DryRun && tt.want.Refused == 0; equal != wantEqual || whole != (wantEqual && tt.want.Unreadable == 0) {
				t.Errorf("%s: the digests are equal: %v, it is whole: %v", tt.name, equal, whole)
			}
			if tt.o.DryRun && to.puts > 0 {
				t.Errorf("%s: a dry run stored %d runs", tt.name, to.puts)
			}
		}
	}
}

// TestCopyReadsAgain: a store that keeps something else is found out.
func TestCopyReadsAgain(t *testing.T) {
	t.Parallel()
	to := shelfOf()
	to.lies = true
	r, err := copyBy(t, 3, shelfOf(crowd(10, 2)...), to, CopyOptions{})
	if err != nil || r.Copied != 10 || r.From.Runs != 10 || r.To.Runs != 10 || r.Lost != 10 || r.Whole() {
		t.Errorf("Copy into a store that lies = %+v, %v, want 10 runs that differ", r, err)
	}
}

// TestCopyGivesUp: a store that is out of order ends a copy, and so does who
// called it.
func TestCopyGivesUp(t *testing.T) {
	t.Parallel()
	to := shelfOf()
	to.fails = func(string, int) error { return errors.New("full") }
	r, err := copyBy(t, 100, shelfOf(crowd(100, 1)...), to, CopyOptions{})
	if err == nil || !strings.Contains(err.Error(), "20 runs failed one after the other") || !strings.Contains(err.Error(), "full") || r.Refused != mostFailed {
		t.Errorf("Copy into a full store = %+v, %v", r, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	to.fails = func(string, int) error { cancel(); return ctx.Err() }
	if r, err := Copy(ctx, shelfOf(crowd(100, 1)...), to, CopyOptions{}); !errors.Is(err, context.Canceled) || r.Copied > 0 {
		t.Errorf("a canceled copy = %+v, %v", r, err)
	}
}

func TestDigest(t *testing.T) {
	t.Parallel()
	var a, b Digest
	runs := crowd(5, 1)
	for i := range runs {
		for _, d := range []struct {
			to  *Digest
			run collect.Run
		}{{&a, runs[i]}, {&b, runs[len(runs)-1-i]}} {
			_, h, err := read(t.Context(), shelfOf(d.run), Entry{Ref: d.run.ID})
			if err != nil {
				t.Fatal(err)
			}
			d.to.add(h)
		}
	}
	if a != b || a.String() == (Digest{}).String() {
		t.Errorf("the order counts: %v and %v", a, b)
	}
	full := Digest{}
	for i := range full.Sum {
		full.Sum[i] = 0xff
	}
	full.add([32]byte{31: 1})
	if full.Sum != (Digest{}).Sum {
		t.Errorf("the sum does not carry: %v", full)
	}
}
