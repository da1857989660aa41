package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/baseline/store"
	"github.com/plumbline-ci/plumbline/baseline/store/storetest"
	"github.com/plumbline-ci/plumbline/collect"
)

// farStore is a store in a folder that can be cut off, and that refuses some runs.
type farStore struct {
	*store.Dir
	cut     error
	refuses []string
}

func (s *farStore) Put(ctx context.Context, r collect.Run) error {
	if slices.Contains(s.refuses, r.ID) {
		return fmt.Errorf("store run %q: too large", r.ID)
	}
	if s.cut != nil {
		return s.cut
	}
	return s.Dir.Put(ctx, r)
}

func (s *farStore) List(ctx context.Context, f baseline.Filter) iter.Seq2[baseline.Entry, error] {
	if s.cut != nil {
		return func(yield func(baseline.Entry, error) bool) { yield(baseline.Entry{}, s.cut) }
	}
	return s.Dir.List(ctx, f)
}

var refusedConnection = &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("127.0.0.1:1: connection refused")}

const farAddress = "far"

// farApp is the program in an empty folder with a store that has an address.
func farApp(t *testing.T) (*app, *farStore, *bytes.Buffer) {
	t.Helper()
	t.Chdir(t.TempDir())
	d, err := store.OpenDir("there")
	if err != nil {
		t.Fatal(err)
	}
	s := &farStore{Dir: d}
	return appOf(s)
}

func appOf(s *farStore) (*app, *farStore, *bytes.Buffer) {
	said := &bytes.Buffer{}
	a := &app{Env: Env{Stdout: said, Stderr: said, Getenv: func(string) string { return "" }, Now: func() time.Time { return noon.Add(24 * time.Hour) }}}
	a.settings.path = farAddress
	hours := 0
	later := func() time.Time { hours++; return noon.Add(time.Duration(hours) * time.Hour) } // so that each call asks the store
	a.stores = map[string]baseline.Store{farAddress: remote{s, "far://store", &outage{now: later}}}
	return a, s, said
}

// TestOutage: a store that was out of reach is left alone for a while, and what
// is wrong with one run is no outage.
func TestOutage(t *testing.T) {
	_, s, _ := farApp(t)
	now := noon
	r := remote{s, "far://store", &outage{now: func() time.Time { return now }}}
	s.refuses = []string{farRun(0).ID}
	if err := r.Put(t.Context(), farRun(0)); err == nil || !strings.Contains(err.Error(), "too large") {
		t.Errorf("Put of a run that is refused = %v", err)
	}
	if err := r.Put(t.Context(), farRun(1)); err != nil {
		t.Errorf("Put after a run that was refused: %v", err)
	}
	s.cut = refusedConnection
	if err := r.Put(t.Context(), farRun(2)); !errors.Is(err, refusedConnection) {
		t.Errorf("Put = %v, want %v", err, refusedConnection)
	}
	s.cut = nil
	const want = "store far://store was out of reach a moment ago: dial tcp: 127.0.0.1:1: connection refused"
	if err := r.Put(t.Context(), farRun(2)); !outOfReach(err) || err.Error() != want {
		t.Errorf("Put right after an outage = %v, want %v", err, want)
	}
	for _, err := range r.List(t.Context(), baseline.Filter{}) {
		if err == nil || err.Error() != want {
			t.Errorf("List right after an outage = %v, want %v", err, want)
		}
	}
	now = now.Add(restTime + 1)
	if err := r.Put(t.Context(), farRun(2)); err != nil {
		t.Errorf("Put when the outage is over: %v", err)
	}
}

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func farRun(i int) collect.Run {
	return collect.Run{
		Origin:  collect.Origin{ID: fmt.Sprintf("run-%03d", i), Time: noon.Add(time.Duration(i) * time.Minute), Type: "record"},
		Metrics: []collect.Metric{{Name: "rows", Value: float64(i)}},
	}
}

func waitingIDs(t *testing.T) (ids []string) {
	t.Helper()
	_, runs, _, err := spoolOf(farAddress).runs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range runs {
		ids = append(ids, e.ID)
	}
	return ids
}

// TestSpool: what a store does not take waits, and is delivered before the next
// run.
func TestSpool(t *testing.T) {
	a, s, said := farApp(t)
	s.cut = refusedConnection
	for i := range 2 {
		err := a.put(t.Context(), farRun(i))
		x := (*exitError)(nil)
		if !waits(err) || !errors.As(err, &x) || x.status != exitFailure || !strings.Contains(err.Error(), "store far://store: dial tcp: 127.0.0.1:1: connection refused; it waits in ") {
			t.Fatalf("put = %v, want that it waits, with what was tried", err)
		}
	}
	if note, err := os.ReadFile(filepath.Join(spoolOf(farAddress).dir, spoolNote)); err != nil || string(note) != farAddress+"\n" {
		t.Errorf("the note of the spool is %q, %v", note, err)
	}
	a.tellWaiting(t.Context(), farAddress)
	if !strings.Contains(said.String(), "2 runs wait in ") {
		t.Errorf("said %q, want how many wait", said)
	}
	s.cut = nil
	if err := a.put(t.Context(), farRun(2)); err != nil {
		t.Fatal(err)
	}
	storetest.WantIDs(t, s, "run-002", "run-001", "run-000")
	if ids := waitingIDs(t); len(ids) > 0 {
		t.Errorf("%q wait after they were delivered", ids)
	}
	if !strings.Contains(said.String(), "delivered 2 runs that waited in ") {
		t.Errorf("said %q, want that they were delivered", said)
	}
}

// TestSpoolKeepsWhatIsRefused: and what it cannot read, and lets the others pass
// however many were refused before them.
func TestSpoolKeepsWhatIsRefused(t *testing.T) {
	a, s, said := farApp(t)
	s.cut = refusedConnection
	for i := range 8 {
		if i < 5 {
			s.refuses = append(s.refuses, farRun(i).ID)
		}
		if err := a.put(t.Context(), farRun(i)); !waits(err) {
			t.Fatal(err)
		}
	}
	file := filepath.Join(spoolOf(farAddress).dir, "2026-03-01.jsonl")
	f, err := os.OpenFile(file, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString("{\"run_id\":\"torn"); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	s.cut = nil
	for range 2 {
		if err := a.put(t.Context(), farRun(9)); err != nil {
			t.Fatal(err)
		}
	}
	storetest.WantIDs(t, s, "run-009", "run-007", "run-006", "run-005")
	if ids := waitingIDs(t); !slices.Equal(ids, s.refuses) {
		t.Errorf("%q wait, want %q", ids, s.refuses)
	}
	if text, err := os.ReadFile(file); err != nil || !strings.Contains(string(text), "{\"run_id\":\"torn") {
		t.Errorf("the damaged line is gone: %q, %v", text, err)
	}
	for _, want := range []string{file + ": line 9 is torn", "run run-000 at " + file + ":1 is refused and waits on: store far://store: store run \"run-000\": too large"} {
		if !strings.Contains(said.String(), want) {
			t.Errorf("said %q, want %q", said, want)
		}
	}
}

// TestSpoolIsDeliveredOnce: by any number at once, while others add to it.
func TestSpoolIsDeliveredOnce(t *testing.T) {
	a, s, _ := farApp(t)
	const runs, all = 20, 4
	for i := range runs {
		if err := spoolOf(farAddress).keep(t.Context(), farRun(i)); err != nil {
			t.Fatal(err)
		}
	}
	var wait sync.WaitGroup
	for w := range all {
		b, _, _ := appOf(&farStore{Dir: s.Dir})
		wait.Go(func() {
			if err := b.deliverSpool(context.Background(), spoolOf(farAddress), b.stores[farAddress], mostRefused); err != nil {
				t.Error(err)
			}
		})
		wait.Go(func() {
			if err := spoolOf(farAddress).keep(context.Background(), farRun(100+w)); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if err := a.put(t.Context(), farRun(500)); err != nil {
		t.Fatal(err)
	}
	ids, bad := storetest.Listing(t, s, baseline.Filter{})
	if len(ids) != runs+all+1 || len(bad) > 0 || len(waitingIDs(t)) > 0 {
		t.Errorf("%d runs are stored, with %v, and %q wait; want %d and none", len(ids), bad, waitingIDs(t), runs+all+1)
	}
}

// TestSpoolOfAStranger is not delivered: the runs in a checkout are anybody's.
func TestSpoolOfAStranger(t *testing.T) {
	a, s, _ := farApp(t)
	if err := spoolOf(farAddress).keep(t.Context(), farRun(1)); err != nil {
		t.Fatal(err)
	}
	a.stranger = true
	if err := a.put(t.Context(), farRun(2)); err != nil {
		t.Fatal(err)
	}
	storetest.WantIDs(t, s, "run-002")
}

// TestCheckOutOfReach: a store that cannot be read gives no pass.
func TestCheckOutOfReach(t *testing.T) {
	a, s, said := farApp(t)
	for i := range 10 {
		if err := a.put(t.Context(), farRun(i)); err != nil {
			t.Fatal(err)
		}
	}
	s.cut = refusedConnection
	const why = "store far://store: dial tcp: 127.0.0.1:1: connection refused"
	checked := func(format string, config string) (text string, status int) {
		t.Helper()
		said.Reset()
		if err := os.WriteFile(ConfigFile, []byte(config), 0o644); err != nil {
			t.Fatal(err)
		}
		err := a.check(t.Context(), checkOptions{format: format})
		if x := (*exitError)(nil); errors.As(err, &x) {
			status = x.status
		} else if err != nil {
			t.Fatal(err)
		}
		return strings.Join(strings.Fields(said.String()), " "), status
	}
	for _, waiting := range []bool{false, true} { // the head run
		for format, want := range map[string]string{"text": "inconclusive: ", "markdown": "inconclusive", "json": `"verdict":"inconclusive"`} {
			text, status := checked(format, "")
			plain := strings.NewReplacer("&#58;", ":", "\\", "").Replace(text)
			if status != 0 || !strings.Contains(plain, want) || !strings.Contains(plain, why) {
				t.Errorf("%s: status %d\n%s\nwant %q because %q", format, status, text, want, why)
			}
			if strings.Contains(text, "run-099") != (waiting && format == "json") && format == "json" {
				t.Errorf("the head run is told of wrongly, as it waits: %v\n%s", waiting, text)
			}
		}
		if text, status := checked("text", "gate: {on-inconclusive: fail}\n"); status != exitRegression {
			t.Errorf("with on-inconclusive: fail the status is %d, want 1\n%s", status, text)
		}
		if err := spoolOf(farAddress).keep(t.Context(), farRun(99)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Remove(ConfigFile); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"nosuch", "run-001"} {
		if err := a.check(t.Context(), checkOptions{format: "text", head: id}); err != nil {
			t.Errorf("check of %s = %v, want the verdict inconclusive", id, err)
		}
	}
	s.cut = nil
	if text, _ := checked("json", ""); !strings.Contains(text, `"run_id":"run-099"`) || strings.Contains(text, why) {
		t.Errorf("once it is in reach, check says %s", text)
	}
}
