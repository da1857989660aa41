package baseline

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/plumbline-ci/plumbline/collect"
)

var noon = time.Date(2025, 5, 30, 12, 0, 0, 0, time.UTC)

// memory is a store of runs in the order in which List yields them.
type memory struct {
	runs []collect.Run
	errs map[int]error // yielded before the run of that index
	read []string      // ids whose values were read
}

func (m *memory) Put(_ context.Context, r collect.Run) error {
	m.runs = slices.Insert(m.runs, 0, r)
	return nil
}

func (m *memory) List(context.Context, Filter) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		for i, r := range m.runs {
			if err := m.errs[i]; err != nil && !yield(Entry{}, err) {
				return
			}
			if !yield(Entry{Origin: r.Origin, Ref: fmt.Sprint(i), Where: fmt.Sprintf("memory:%d", i)}, nil) {
				return
			}
		}
	}
}

func (m *memory) Get(_ context.Context, e Entry) (collect.Run, error) {
	m.read = append(m.read, e.ID)
	i := slices.IndexFunc(m.runs, func(r collect.Run) bool { return r.ID == e.ID })
	if len(m.runs[i].Metrics) == 0 {
		return collect.Run{}, errors.New("unreadable")
	}
	return m.runs[i], nil
}

func (m *memory) Delete(context.Context, ...string) error { return errors.ErrUnsupported }

// lines is the same store with the runs as text.
type lines struct{ *memory }

func (l lines) View(ctx context.Context, e Entry, read func(line []byte) error) error {
	r, err := l.Get(ctx, e)
	if err != nil {
		return err
	}
	line, err := collect.AppendRecord(nil, r)
	if err != nil {
		return err
	}
	return read(line)
}

// aRun makes a run of another commit than the head's, so many minutes before it.
func aRun(id string, minutes int, change func(*collect.Run)) collect.Run {
	r := collect.Run{
		Origin:  collect.Origin{ID: id, Time: noon.Add(-time.Duration(minutes) * time.Minute), Commit: "c-" + id, Branch: "main", Job: "unit", Type: "test"},
		Metrics: []collect.Metric{{Name: "m", Value: float64(minutes)}},
	}
	if change != nil {
		change(&r)
	}
	return r
}

var head = collect.Origin{ID: "head", Time: noon, Commit: "c-head", Branch: "topic", Job: "unit", Type: "test", Attempt: 1}

func ids(runs []collect.Origin) string {
	var all []string
	for _, r := range runs {
		all = append(all, r.ID)
	}
	return strings.Join(all, " ")
}

func TestRules(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change func(*collect.Run)
		query  func(*Query)
		reason string // none: the run is in the baseline
	}{
		{"as it is", nil, nil, ""},
		{"later", func(r *collect.Run) { r.Time = noon.Add(time.Second) }, nil, "later than the head"},
		{"another attempt", func(r *collect.Run) { r.Commit, r.Attempt = "c-head", 2 }, nil, "other attempts of the head run"},
		{"a re-run", func(r *collect.Run) { r.RerunOf = "x" }, nil, "re-runs that were to confirm another run"},
		{"a failed gate", func(r *collect.Run) { r.Gate = collect.Failed }, nil, "that failed their gate"},
		{"a passed gate", func(r *collect.Run) { r.Gate = collect.Succeeded }, nil, ""},
		{"refused by the caller", nil, func(q *Query) { q.Refuse = func(r collect.Origin) string { return "odd: " + r.Branch } }, "odd: main"},
		{"another suite", func(r *collect.Run) { r.Name = "x" }, nil, "of another suite"},
		{"the head's suite is another", nil, func(q *Query) { q.Head.Name = "x" }, "of another suite"},
		{"one suite, two jobs", func(r *collect.Run) { r.Name, r.Job = "x", "other" }, func(q *Query) { q.Head.Name = "x" }, ""},
		{"another job", func(r *collect.Run) { r.Job = "lint" }, nil, "of another job"},
		{"no job", func(r *collect.Run) { r.Job = "" }, nil, ""},
		{"the head has no job", nil, func(q *Query) { q.Head.Job = "" }, ""},
		{"another type", func(r *collect.Run) { r.Type = "build" }, nil, "of another type"},
		{"no type", func(r *collect.Run) { r.Type = "" }, nil, ""},
		{"pull request", func(r *collect.Run) { r.Event = "pull_request" }, nil, "of pull requests"},
		{"pull request of a fork's main", func(r *collect.Run) { r.Event = "pull_request_target" }, func(q *Query) { q.Branch = "main" }, "of pull requests"},
		{"merge queue", func(r *collect.Run) { r.Event = "merge_group" }, nil, "of pull requests"},
		{"push", func(r *collect.Run) { r.Event = "push" }, nil, ""},
		{"the branch", nil, func(q *Query) { q.Branch = "main" }, ""},
		{"another branch", nil, func(q *Query) { q.Branch = "release" }, "of other branches"},
		{"no branch", func(r *collect.Run) { r.Branch = "" }, func(q *Query) { q.Branch = "release" }, ""},
		{"the pinned commit", nil, func(q *Query) { q.Commit = "c-a" }, ""},
		{"the pinned commit's first digits", func(r *collect.Run) { r.Commit = "0123456789" }, func(q *Query) { q.Commit = "0123456" }, ""},
		{"too few of them", func(r *collect.Run) { r.Commit = "0123456789" }, func(q *Query) { q.Commit = "012345" }, "of other commits than the pinned one"},
		{"another commit", nil, func(q *Query) { q.Commit = "c-b" }, "of other commits than the pinned one"},
		{"no commit", func(r *collect.Run) { r.Commit = "" }, func(q *Query) { q.Commit = "c-a" }, "of other commits than the pinned one"},
		{"failed", func(r *collect.Run) { r.Success = collect.Failed }, nil, "failed"},
		{"succeeded", func(r *collect.Run) { r.Success = collect.Succeeded }, nil, ""},
		{"old", nil, func(q *Query) { q.MaxAge = 24 * time.Minute }, "older than 24m"},
		{"a day old", func(r *collect.Run) { r.Time = noon.Add(-25 * time.Hour) }, func(q *Query) { q.MaxAge = 24 * time.Hour }, "older than 1 day"},
		{"as old as allowed", nil, func(q *Query) { q.MaxAge = 25 * time.Minute }, ""},
		{"half of the metrics", nil, func(q *Query) { q.Metrics = []string{"m", "n"} }, ""},
		{"a third of the metrics", nil, func(q *Query) { q.Metrics = []string{"k", "m", "n"} }, incomparable},
		{"more metrics", func(r *collect.Run) { r.Metrics = append(r.Metrics, collect.Metric{Name: "n"}) }, func(q *Query) { q.Metrics = []string{"n"} }, ""},
		// Rules that a run breaks are asked in order, and a cheap one comes first.
		{"failed, of another type", func(r *collect.Run) { r.Type, r.Success = "build", collect.Failed }, nil, "of another type"},
	} {
		r := aRun("a", 25, tt.change)
		m := &memory{runs: []collect.Run{r}}
		q := Query{Head: head}
		if tt.query != nil {
			tt.query(&q)
		}
		b, err := Fetch(t.Context(), m, q)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		var want []LeftOut
		in := "a"
		if tt.reason != "" {
			want, in = []LeftOut{{tt.reason, 1}}, ""
		}
		if diff := cmp.Diff(want, b.Left); diff != "" || ids(b.Runs) != in {
			t.Errorf("%s: baseline %q, want %q; left out (-want +got):\n%s", tt.name, ids(b.Runs), in, diff)
		}
		if read := len(m.read) > 0; read != (tt.reason == "" || tt.reason == incomparable) {
			t.Errorf("%s: values of %q were read", tt.name, m.read)
		}
	}
}

// TestHeadIsNoBaseline: a run is no evidence about itself, which needs no word.
func TestHeadIsNoBaseline(t *testing.T) {
	t.Parallel()
	m := &memory{runs: []collect.Run{aRun("head", 0, nil), aRun("a", 25, nil)}}
	b, err := Fetch(t.Context(), m, Query{Head: head})
	if err != nil || ids(b.Runs) != "a" || len(b.Left) != 0 {
		t.Errorf("baseline %q, left out %v, %v, want a alone and nothing left out", ids(b.Runs), b.Left, err)
	}
}

func TestFetchColumns(t *testing.T) {
	t.Parallel()
	metric := func(name string, x float64, unit collect.Unit) collect.Metric {
		return collect.Metric{Name: name, Value: x, Unit: unit}
	}
	with := func(ms ...collect.Metric) func(*collect.Run) {
		return func(r *collect.Run) { r.Metrics = ms }
	}
	runs := []collect.Run{
		aRun("e", 1, with(metric("a", 5, "ms"), metric("b", 50, ""))),
		aRun("d", 2, with(metric("alien", 4, ""))),
		aRun("c", 3, with(metric("c", 300, "B"), metric("a", 3, "s"))),
		aRun("b", 4, with(metric("b", 20, "old"), metric("a", 2, "s"))),
		aRun("a", 5, with(metric("a", 1, "s"))),
	}
	nan := math.NaN()
	want := Baseline{
		Metrics: []collect.Metric{metric("a", 5, "ms"), metric("b", 50, ""), metric("c", 300, "B")},
		Values:  [][]float64{{2, 3, 5}, {20, nan, 50}, {nan, 300, nan}},
		Left:    []LeftOut{{incomparable, 1}},
	}
	for _, s := range []Store{&memory{runs: runs}, lines{&memory{runs: runs}}} {
		got, err := Fetch(t.Context(), s, Query{Head: head, Metrics: []string{"gone", "a"}, Runs: 3})
		if err != nil {
			t.Fatal(err)
		}
		if ids(got.Runs) != "b c e" {
			t.Errorf("%T: baseline %q, want %q", s, ids(got.Runs), "b c e")
		}
		got.Runs = nil
		if diff := cmp.Diff(want, got, cmpopts.EquateNaNs()); diff != "" {
			t.Errorf("%T: baseline differs (-want +got):\n%s", s, diff)
		}
	}
}

func TestFetchSharesTheHeadsMetrics(t *testing.T) {
	t.Parallel()
	head := collect.Origin{ID: "head", Time: noon}
	described := func(names string) []collect.Metric {
		var ms []collect.Metric
		for _, name := range strings.Fields(names) {
			ms = append(ms, collect.Metric{Name: name, Unit: "s", Better: collect.Lower, Value: 9})
		}
		return ms
	}
	with := func(ms ...collect.Metric) func(r *collect.Run) { return func(r *collect.Run) { r.Metrics = ms } }
	a, b, c := collect.Metric{Name: "a", Unit: "ms", Value: 1}, collect.Metric{Name: "b", Value: 2}, collect.Metric{Name: "c", Unit: "B", Value: 3}
	m := &memory{runs: []collect.Run{aRun("y", 1, with(b, a)), aRun("x", 2, with(a, b, c))}}
	for _, tt := range []struct {
		head   string
		want   []collect.Metric
		shared bool
	}{
		{"a b c", described("a b c"), true},
		{"b c a new", described("b c a"), true},
		{"b a", append(described("b a"), c), false},
		{"new a b c", described("a b c"), false},
		{"new b a", append(described("b a"), c), false},
	} {
		ms := described(tt.head)
		for _, s := range []Store{m, lines{m}} {
			got, err := Fetch(t.Context(), s, Query{Head: head, Metrics: strings.Fields(tt.head), Described: ms, Runs: 3})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got.Metrics); diff != "" {
				t.Errorf("head %q, %T: (-want +got):\n%s", tt.head, s, diff)
			}
			if shared := &got.Metrics[0] == &ms[0]; shared != tt.shared {
				t.Errorf("head %q, %T: shared is %t", tt.head, s, shared)
			}
		}
		if diff := cmp.Diff(described(tt.head), ms); diff != "" {
			t.Errorf("the head's metrics are changed (-want +got):\n%s", diff)
		}
	}
}

func TestFetchTakesTheNewest(t *testing.T) {
	t.Parallel()
	m := &memory{}
	for i := range 200 {
		m.runs = append(m.runs, aRun(fmt.Sprint(i), i+1, nil))
	}
	for asked, want := range map[int]int{0: 50, 3: 3, 1000: 200} {
		m.read = nil
		b, err := Fetch(t.Context(), m, Query{Head: head, Runs: asked})
		if err != nil {
			t.Fatal(err)
		}
		if n := len(b.Runs); n != want || b.Runs[n-1].ID != "0" || b.Runs[0].ID != fmt.Sprint(want-1) {
			t.Errorf("asked for %d: got %d runs, want %d", asked, n, want)
		}
		if len(m.read) != want {
			t.Errorf("asked for %d: read %d runs, want %d", asked, len(m.read), want)
		}
	}
}

func TestRunsOfTheHeadsTime(t *testing.T) {
	t.Parallel()
	at := func(id string) collect.Run { return aRun(id, 0, nil) }
	self := collect.Run{Origin: head, Metrics: []collect.Metric{{Name: "m"}}}
	for _, tt := range []struct {
		name, want string
		runs       []collect.Run
	}{
		{"listed behind the head", "b a", []collect.Run{self, at("a"), at("b")}},
		{"listed before the head", "", []collect.Run{at("a"), at("b"), self}},
		{"both", "c b", []collect.Run{at("a"), self, at("b"), at("c")}},
		{"the head is not in the store", "c b a", []collect.Run{at("a"), at("b"), aRun("c", 1, nil)}},
		{"nothing but runs of its time", "b a", []collect.Run{at("a"), at("b")}},
		{"behind a later one", "a", []collect.Run{aRun("z", -1, nil), at("a")}},
	} {
		b, err := Fetch(t.Context(), &memory{runs: tt.runs}, Query{Head: head})
		if err != nil || ids(b.Runs) != tt.want {
			t.Errorf("%s: baseline %q, %v, want %q", tt.name, ids(b.Runs), err, tt.want)
		}
	}
	full, err := Fetch(t.Context(), &memory{runs: []collect.Run{at("a"), at("b"), aRun("c", 1, nil)}}, Query{Head: head, Runs: 2})
	if err != nil || ids(full.Runs) != "b a" {
		t.Errorf("two runs: baseline %q, %v, want %q", ids(full.Runs), err, "b a")
	}
}

func TestRunsOfTheHeadsCommit(t *testing.T) {
	t.Parallel()
	own := func(r *collect.Run) { r.Commit = "c-head" }
	desk := []collect.Run{aRun("c", 1, own), aRun("b", 2, own), aRun("a", 3, own)}
	b, err := Fetch(t.Context(), &memory{runs: desk}, Query{Head: head, Runs: 2})
	if err != nil || ids(b.Runs) != "b c" || !b.SameCommit {
		t.Errorf("at a desk: baseline %q, same commit %v, %v, want %q, true", ids(b.Runs), b.SameCommit, err, "b c")
	}
	b, err = Fetch(t.Context(), &memory{runs: append(desk, aRun("other", 4, nil))}, Query{Head: head})
	want := []LeftOut{{sameCommit, 3}}
	if err != nil || ids(b.Runs) != "other" || b.SameCommit || !cmp.Equal(b.Left, want) {
		t.Errorf("with another commit: baseline %q, left %v, %v, want %q, %v", ids(b.Runs), b.Left, err, "other", want)
	}
}

func TestFetchGoesOnPastWhatIsUnreadable(t *testing.T) {
	t.Parallel()
	bad := &collect.LineError{File: "f.jsonl", Line: 7, Err: errors.New("no JSON object")}
	m := &memory{
		runs: []collect.Run{aRun("c", 1, nil), aRun("b", 2, func(r *collect.Run) { r.Metrics = nil }), aRun("a", 3, nil)},
		errs: map[int]error{1: bad},
	}
	b, err := Fetch(t.Context(), m, Query{Head: head})
	if err != nil || ids(b.Runs) != "a c" {
		t.Errorf("baseline %q, %v, want %q", ids(b.Runs), err, "a c")
	}
	if got, want := fmt.Sprint(b.Unreadable), `[f.jsonl: line 7: no JSON object run "b" at memory:1: unreadable]`; got != want {
		t.Errorf("unreadable are %s, want %s", got, want)
	}
	m.errs[1] = errors.New("disk on fire")
	if _, err := Fetch(t.Context(), m, Query{Head: head}); err == nil || err.Error() != "disk on fire" {
		t.Errorf("Fetch of a store that cannot be listed gave %v", err)
	}
	empty, err := Fetch(t.Context(), &memory{}, Query{Head: head, Metrics: []string{"m"}})
	if diff := cmp.Diff(Baseline{}, empty); err != nil || diff != "" {
		t.Errorf("Fetch of an empty store gave %v and differs (-want +got):\n%s", err, diff)
	}
}

// What a run says of its metrics counts as little as the run, if it is unreadable.
func TestUnreadableRunDescribesNothing(t *testing.T) {
	t.Parallel()
	record := func(minute int, rest string) []byte {
		return fmt.Appendf(nil, `{"run_id":"r%d","timestamp":"2025-05-30T11:%02d:00Z","metrics":{"m":%d}%s}`, minute, minute, minute, rest)
	}
	table := newTable(Query{Runs: 5, Metrics: []string{"m"}})
	if _, err := table.add(recordLine{text: record(30, `,"units":{"m":"s"},"better":{"m":"higher"},"tags":{"m":[]}`)}, 1, nil); err == nil {
		t.Fatal("bad tags were taken")
	}
	if _, err := table.add(recordLine{text: record(20, `,"units":{"m":"ms"}`)}, 1, nil); err != nil {
		t.Fatal(err)
	}
	want := []collect.Metric{{Name: "m", Unit: "ms", Value: 20}}
	if diff := cmp.Diff(want, table.baseline().Metrics); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	m := &memory{errs: map[int]error{0: &collect.LineError{File: "f"}}}
	m.runs = append(m.runs, aRun("again", 0, func(r *collect.Run) { r.RerunOf = "id-00" }))
	for i := range 30 {
		m.runs = append(m.runs, aRun(fmt.Sprintf("id-%02d", i), i, nil))
	}
	m.runs = append(m.runs, aRun("id-1", 99, nil))
	for prefix, want := range map[string]string{"latest": "id-00", "id-07": "id-07", "id-1": "id-1"} {
		if e, err := Find(t.Context(), m, prefix); err != nil || e.ID != want {
			t.Errorf("Find(%q) = %q, %v, want %q", prefix, e.ID, err, want)
		}
	}
	for prefix, want := range map[string]string{
		"id-2": "run \"id-2\" is ambiguous; it fits 10 runs:\n  id-20  2025-05-30 11:40:00  main\n",
		"id-":  "\n  and 21 more", "x": `no run "x" in the store`, "": "the id is empty",
	} {
		if e, err := Find(t.Context(), m, prefix); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Find(%q) = %q, %v, want an error with %q", prefix, e.ID, err, want)
		}
	}
}

func TestFindLooks(t *testing.T) {
	t.Parallel()
	again := func(of string) func(*collect.Run) { return func(r *collect.Run) { r.RerunOf = of } }
	m := &memory{errs: map[int]error{1: &collect.LineError{File: "f"}}, runs: []collect.Run{
		aRun("second", 1, again("newest")), aRun("first", 2, again("newest")), aRun("newest", 3, nil),
		aRun("same-time", 3, again("newest")), aRun("other", 4, again("older")), aRun("older", 5, nil),
	}}
	for prefix, want := range map[string]string{
		Latest: "newest same-time first second", "new": "newest same-time first second", "second": "second", "older": "older other",
	} {
		head, reruns, err := FindLooks(t.Context(), m, prefix)
		got := head.ID
		for _, e := range reruns {
			got += " " + e.ID
		}
		if got != want || err != nil {
			t.Errorf("FindLooks(%q) = %q, %v, want %q", prefix, got, err, want)
		}
	}
	for _, m := range []*memory{{}, {runs: m.runs[:2]}, {runs: m.runs, errs: map[int]error{2: errors.New("broken")}}} {
		_, _, err := FindLooks(t.Context(), m, Latest)
		if _, want := Find(t.Context(), m, Latest); err == nil || err.Error() != want.Error() {
			t.Errorf("FindLooks: %v, want %v", err, want)
		}
	}
}

func TestDays(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		24 * time.Hour: "1 day", 90 * 24 * time.Hour: "90 days", 36 * time.Hour: "36h", 20 * time.Minute: "20m",
		90 * time.Minute: "1h30m", 10 * time.Second: "10s", time.Hour + time.Second: "1h0m1s", 10*time.Hour + 10*time.Minute: "10h10m",
	} {
		if got := days(d); got != want {
			t.Errorf("days(%v) = %q, want %q", d, got, want)
		}
	}
}
