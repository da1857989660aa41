package store

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/collect"
)

// measured is a run of main with most of 60 metrics, some of which have samples.
func measured(id string, at time.Time, r *rand.Rand) collect.Run {
	o := collect.Origin{ID: id, Time: at, Commit: "c" + id, Branch: "main", Job: "unit"}
	o.Runner = collect.Runner{OS: "linux", Cores: 2 + 2*r.IntN(2)}
	if r.IntN(10) == 0 {
		o.Success = collect.Failed
	}
	of := 60
	if r.IntN(8) == 0 {
		of = 20 // fewer than half of the head's
	}
	var metrics []collect.Metric
	for _, i := range r.Perm(of) {
		if r.IntN(20) == 0 {
			continue
		}
		m := value(fmt.Sprintf("test.case_seconds[case=TestSomething/%02d]", i), r.NormFloat64())
		m.Unit = [...]collect.Unit{"s", "ms", ""}[r.IntN(3)]
		for range i % 4 * r.IntN(3) {
			m.Samples = append(m.Samples, r.Float64()-0.5)
		}
		metrics = append(metrics, m)
	}
	if r.IntN(3) > 0 {
		metrics = append(metrics, value(fmt.Sprintf("odd/%d", r.IntN(5)), 1))
	}
	return collect.Run{Origin: o, Metrics: metrics}
}

// fetched is the baseline of a head, with the errors as text.
func fetched(t testing.TB, d *Dir, head collect.Run, runs int) (baseline.Baseline, []string) {
	t.Helper()
	q := baseline.Query{Head: head.Origin, Branch: "main", Runs: runs}
	for _, m := range head.Metrics {
		q.Metrics = append(q.Metrics, m.Name)
	}
	b, err := baseline.Fetch(t.Context(), d, q)
	if err != nil {
		t.Fatal(err)
	}
	var bad []string
	for _, err := range b.Unreadable {
		bad = append(bad, err.Error())
	}
	b.Unreadable = nil
	return b, bad
}

// remembering is a store that keeps all values that it comes by.
func remembering(t testing.TB, dir string) *Dir {
	d := opened(t, dir)
	d.worth = 1
	return d
}

// wantSame fetches the baseline with what is remembered and without, and says
// whether there was something to remember.
func wantSame(t testing.TB, what, dir string, head collect.Run, runs int) {
	t.Helper()
	cold := opened(t, dir)
	cold.Plain()
	want, wantBad := fetched(t, cold, head, runs)
	got, gotBad := fetched(t, remembering(t, dir), head, runs)
	if diff := cmp.Diff(want, got, cmpopts.EquateNaNs()); diff != "" {
		t.Fatalf("%s: with values that are remembered the baseline differs (-without +with):\n%s", what, diff)
	}
	if diff := cmp.Diff(wantBad, gotBad); diff != "" {
		t.Fatalf("%s: with values that are remembered other runs are unreadable (-without +with):\n%s", what, diff)
	}
}

// measuredStore has so many runs a minute apart in files of days.
func measuredStore(t testing.TB, dir string, runs int, r *rand.Rand) (head collect.Run) {
	t.Helper()
	var all []collect.Run
	for i := range runs {
		all = append(all, measured(fmt.Sprintf("r%03d", i), noon.Add(time.Duration(i)*20*time.Minute), r))
	}
	if err := collect.Append(t.Context(), dir, all...); err != nil {
		t.Fatal(err)
	}
	head = measured("head", noon.AddDate(0, 0, 9), r)
	head.Runner = collect.Runner{OS: "linux", Cores: 4}
	return head
}

// TestRememberedValuesChangeNothing lets all sorts of things happen to a history,
// and holds each baseline against one that is read of the records.
func TestRememberedValuesChangeNothing(t *testing.T) {
	t.Parallel()
	rounds := 12
	if testing.Short() || raced {
		rounds = 4
	}
	for seed := range uint64(rounds) {
		r := rand.New(rand.NewPCG(seed, 2))
		dir := filepath.Join(t.TempDir(), "store")
		head := measuredStore(t, dir, 90, r)
		for step := range 12 {
			wantSame(t, fmt.Sprintf("seed %d, step %d", seed, step), dir, head, 20+r.IntN(40))
			files, err := filepath.Glob(filepath.Join(dir, "*.jsonl"))
			if err != nil || len(files) == 0 {
				t.Fatal(files, err)
			}
			path := files[r.IntN(len(files))]
			switch r.IntN(6) {
			case 0, 1:
				more := measured(fmt.Sprintf("n%d", r.Int()), head.Time.Add(-time.Duration(r.IntN(9*24*60))*time.Minute), r)
				if err := opened(t, dir).Put(t.Context(), more); err != nil {
					t.Fatal(err)
				}
			case 2:
				damage(t, path, r)
			case 3:
				aged(t, dir)
			case 4:
				if err := opened(t, dir).Delete(t.Context(), fmt.Sprintf("r%03d", r.IntN(90))); err != nil {
					t.Fatal(err)
				}
			case 5:
				edit(t, path, func(old string) string { return old[:len(old)-r.IntN(len(old)/9+1)] })
			}
		}
	}
}

// TestBentValues changes bytes of the file of values, and cuts it.
func TestBentValues(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 3))
	dir := filepath.Join(t.TempDir(), "store")
	head := measuredStore(t, dir, 20, r)
	aged(t, dir)
	wantSame(t, "at first", dir, head, 20)
	path := valuesOf(t, dir)
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	step := 61
	if testing.Short() || raced {
		step = 331
	}
	for i := len(content) - 1; i >= 0; i -= step {
		bent := append([]byte(nil), content...)
		bent[i] ^= byte(1 + i%255)
		for what, text := range map[string][]byte{"changed": bent, "cut": content[:i]} {
			if err := os.WriteFile(path, text, 0o666); err != nil {
				t.Fatal(err)
			}
			wantSame(t, fmt.Sprintf("%s at byte %d", what, i), dir, head, 20)
		}
	}
	old, young := filepath.Join(dir, ".derived-1"), filepath.Join(dir, ".derived-2")
	write(t, old, "of a process that was killed")
	write(t, young, "of one at work")
	if err := os.Chtimes(old, noon, noon); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(path, 0o777); err != nil {
		t.Fatal(err)
	}
	wantSame(t, "where it cannot be written", dir, head, 20)
	if left, err := filepath.Glob(filepath.Join(dir, ".derived-*")); err != nil || len(left) != 1 || left[0] != young {
		t.Errorf("%q is left behind, %v, want what another process writes", left, err)
	}
}

// TestRememberedValuesSpareReading counts the bytes that are read for a baseline.
func TestRememberedValuesSpareReading(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var text strings.Builder
	for i := range 60 {
		text.WriteString(large(fmt.Sprintf("r%03d", i), noon.Add(time.Duration(i)*time.Minute), "main", 1000))
	}
	write(t, filepath.Join(dir, "2025-05-30.jsonl"), text.String())
	aged(t, dir)
	head, err := collect.Decode([]byte(large("head", noon.AddDate(0, 0, 1), "main", 1000)))
	if err != nil {
		t.Fatal(err)
	}
	read := func() int64 {
		d := opened(t, dir)
		n := countReads(&d.files)
		if b, bad := fetched(t, d, head, 50); len(b.Runs) != 50 || len(bad) > 0 {
			t.Fatalf("the baseline has %d runs, and %q", len(b.Runs), bad)
		}
		return n.Load()
	}
	cold, warm := read(), read()
	// 50 rows of 1000 numbers, their names, and the newest record, which describes
	// the metrics.
	if cold < 5_000_000 || warm > 50*8000+400_000 {
		t.Errorf("%d bytes were read at first, and then %d", cold, warm)
	}
	wantSame(t, "both ways", dir, head, 50)
	if small := opened(t, dir); true {
		small.worth = 1 << 40
		if err := os.Remove(valuesOf(t, dir)); err != nil {
			t.Fatal(err)
		}
		fetched(t, small, head, 50)
		if names := valuesIn(t, dir); len(names) > 0 {
			t.Errorf("%q was written for too little", names)
		}
	}
}

// valuesIn are the files of values in a folder.
func valuesIn(t *testing.T, dir string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, ".values-*"))
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func valuesOf(t *testing.T, dir string) string {
	t.Helper()
	names := valuesIn(t, dir)
	if len(names) != 1 {
		t.Fatalf("the files of values are %q, want one", names)
	}
	return names[0]
}

// TestEditedRecordIsReadAnew changes the outcome of a run at the end of its line,
// which the index does not look at where the file has grown.
func TestEditedRecordIsReadAnew(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "2025-05-30.jsonl")
	var text strings.Builder
	for i := range 20 {
		text.WriteString(strings.Replace(large(fmt.Sprintf("r%03d", i), noon.Add(time.Duration(i)*time.Minute), "main", 200), "}}\n", "},\"success\":true }\n", 1))
	}
	write(t, path, text.String())
	aged(t, dir)
	head, err := collect.Decode([]byte(large("head", noon.AddDate(0, 0, 1), "main", 200)))
	if err != nil {
		t.Fatal(err)
	}
	wantSame(t, "at first", dir, head, 50)
	edit(t, path, func(old string) string {
		at := strings.Index(old, `"success":true }`+"\n"+`{"run_id":"r005"`)
		return old[:at] + `"success":false}` + old[at+len(`"success":true }`):] + large("new", noon, "main", 200)
	})
	wantSame(t, "then", dir, head, 50)
}

// TestManyNamesAreKept has names that are written and read in more than one piece, of
// which one is longer than a piece. It is not parallel, for it bounds what reading
// them allocates in all.
func TestManyNamesAreKept(t *testing.T) {
	dir := t.TempDir()
	var text strings.Builder
	var head collect.Run
	for i := range 3 {
		head = run(fmt.Sprint("r", i), i)
		for m := range 3 * blockBytes / 40 {
			name, size := fmt.Sprintf("test.case_seconds[case=TestSomething/%04d]", m), 200
			if m == 100 {
				size = 2 * blockBytes
			}
			head.Metrics = append(head.Metrics, value(name+strings.Repeat("x", size), float64(m*i)))
		}
		text.WriteString(line(t, head))
	}
	write(t, filepath.Join(dir, noon.Format("2006-01-02")+".jsonl"), text.String())
	wantSame(t, "written", dir, head, 2)
	d := remembering(t, dir)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	v := d.Values(t.Context(), head.Origin)
	runtime.ReadMemStats(&after)
	defer v.Close()
	size := 0
	for i, m := range head.Metrics {
		if got := v.Names(); i >= len(got) || got[i] != m.Name {
			t.Fatalf("%d names are kept, want the %d of the run, of which number %d differs", len(got), len(head.Metrics), i)
		}
		size += len(m.Name)
	}
	if took, most := after.TotalAlloc-before.TotalAlloc, uint64(size+size/4+16*blockBytes); took > most {
		t.Errorf("%d KiB are allocated for names of %d, want at most %d", took>>10, size>>10, most>>10)
	}
	wantSame(t, "remembered", dir, head, 2)
}

// Values of a suite go with its last run, and those of others stay.
func TestValuesGoWithTheirSuite(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	d := remembering(t, dir)
	names := map[string]string{}
	for _, suite := range []string{"unit", "bench"} {
		head := run("head", 9)
		head.Name = suite
		for i := range 3 {
			r := head
			r.ID, r.Time, r.Metrics = fmt.Sprint(suite, i), noon.Add(time.Duration(i)*time.Minute), []collect.Metric{value("m", 1)}
			if err := d.Put(t.Context(), r); err != nil {
				t.Fatal(err)
			}
		}
		if b, bad := fetched(t, d, head, 50); len(b.Runs) != 3 || len(bad) > 0 {
			t.Fatalf("the baseline has %d runs, and %q", len(b.Runs), bad)
		}
		for _, path := range valuesIn(t, dir) {
			if names[path] == "" {
				names[path] = suite
			}
		}
	}
	if len(names) != 2 {
		t.Fatalf("there are values of %v, want of both suites", names)
	}
	for _, step := range []struct{ ids, want string }{{"unit0 unit1", "bench unit"}, {"unit2 bench0", "bench"}} {
		if err := d.Delete(t.Context(), strings.Fields(step.ids)...); err != nil {
			t.Fatal(err)
		}
		var left []string
		for _, path := range valuesIn(t, dir) {
			left = append(left, names[path])
		}
		slices.Sort(left)
		if got := strings.Join(left, " "); got != step.want {
			t.Errorf("without %s there are values of %q, want of %q", step.ids, got, step.want)
		}
	}
}
