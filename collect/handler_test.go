package collect_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/plumbline-ci/plumbline/collect"
)

// sink is a handler that can be broken and repaired.
type sink struct {
	mu     sync.Mutex
	got    []string // types of events, ids of runs
	broken error
	most   int // messages that one call takes; 0: all
	calls  int
	closed bool
}

func (s *sink) Handle(_ context.Context, batch []collect.Message) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls++
	if s.broken != nil {
		return 0, s.broken
	}
	for i, m := range batch {
		if s.most > 0 && i == s.most {
			return i, nil
		}
		if m.Run != nil {
			s.got = append(s.got, "run "+m.Run.Type)
		} else {
			s.got = append(s.got, m.Event.Type)
		}
	}
	return len(batch), nil
}

func (s *sink) Close() error { s.mu.Lock(); defer s.mu.Unlock(); s.closed = true; return nil }

func (s *sink) set(err error) { s.mu.Lock(); defer s.mu.Unlock(); s.broken = err }

func (s *sink) seen() string { s.mu.Lock(); defer s.mu.Unlock(); return strings.Join(s.got, " ") }

func recorderOf(t *testing.T, o collect.Options) *collect.Recorder {
	t.Helper()
	if o.Path == "" {
		o.Path = filepath.Join(t.TempDir(), ".plumbline")
	}
	r := collect.NewRecorder(o)
	t.Cleanup(func() {
		if _, err := r.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return r
}

func happen(r *collect.Recorder, types ...string) {
	for _, typ := range types {
		r.Events().Add(collect.Event{Type: typ})
	}
}

func TestHandlers(t *testing.T) {
	t.Parallel()
	r := recorderOf(t, collect.Options{})
	all, runs := &sink{}, &sink{}
	r.AddHandler("all", all, collect.HandlerOptions{})
	r.AddHandler("runs", runs, collect.HandlerOptions{RunsOnly: true})
	happen(r, "a", "b")
	if _, err := r.Flush("service", nil); err != nil {
		t.Fatal(err)
	}
	if err := r.RemoveHandler(t.Context(), "all"); err != nil {
		t.Fatal(err)
	}
	happen(r, "c")
	if err := r.RemoveHandler(t.Context(), "runs"); err != nil {
		t.Fatal(err)
	}
	if got := all.seen(); got != "a b run service" || !all.closed {
		t.Errorf("the handler got %q, closed: %v", got, all.closed)
	}
	if got := runs.seen(); got != "run service" {
		t.Errorf("the handler of runs got %q", got)
	}
	if err := r.RemoveHandler(t.Context(), "all"); err == nil || len(r.Handlers()) != 0 {
		t.Errorf("removed twice: %v, %v are left", err, r.Handlers())
	}
}

// A handler that is down gets what happened meanwhile when it is up again.
func TestHandlerComesBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := recorderOf(t, collect.Options{})
		down := &sink{broken: errors.New("connection refused")}
		r.AddHandler("queue", down, collect.HandlerOptions{Most: 3})
		happen(r, "a", "b", "c", "d", "e")
		time.Sleep(time.Hour)
		got := r.Handlers()[0]
		if got.Taken != 0 || got.Waiting != 3 || got.Dropped != 2 || got.Err == nil || got.Failed < 100 || got.Failed > 300 {
			t.Errorf("after an hour: %+v, want 3 that wait, 2 dropped, a call every 15 to 30 s", got)
		}
		down.set(nil)
		time.Sleep(time.Minute)
		got = r.Handlers()[0]
		if seen := down.seen(); seen != "c d e" || got.Taken != 3 || got.Waiting != 0 || got.Dropped != 2 || got.Err != nil {
			t.Errorf("it got %q: %+v", seen, got)
		}
	})
}

// What a call leaves over comes again, in order.
func TestHandlerTakesAPart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := recorderOf(t, collect.Options{})
		slow := &sink{most: 2}
		r.AddHandler("slow", slow, collect.HandlerOptions{})
		happen(r, "a", "b", "c", "d", "e")
		time.Sleep(10 * time.Second)
		if got := slow.seen(); got != "a b c d e" {
			t.Errorf("it got %q", got)
		}
	})
}

// A handler that never returns stops nobody, and what it does not take is bounded.
func TestHandlerHangs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := recorderOf(t, collect.Options{})
		hang := collect.HandlerFunc(func(ctx context.Context, _ []collect.Message) (int, error) {
			<-ctx.Done()
			return 0, ctx.Err()
		})
		r.AddHandler("hang", hang, collect.HandlerOptions{Most: 100, Timeout: 24 * time.Hour})
		for range 1000 {
			happen(r, "x")
		}
		if _, err := r.Flush("service", nil); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		err := r.RemoveHandler(ctx, "hang")
		if err == nil || !strings.Contains(err.Error(), `handler "hang": 100 messages were not taken`) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("RemoveHandler = %v", err)
		}
	})
}

func TestHandlerPanics(t *testing.T) {
	t.Parallel()
	r := recorderOf(t, collect.Options{})
	r.AddHandler("bad", collect.HandlerFunc(func(context.Context, []collect.Message) (int, error) { panic("no") }), collect.HandlerOptions{Pause: time.Millisecond})
	happen(r, "a")
	err := r.RemoveHandler(t.Context(), "bad")
	if err == nil || !strings.Contains(err.Error(), `handler "bad" panicked: no`) {
		t.Errorf("RemoveHandler = %v", err)
	}
}

// Messages that are dropped while a call takes them were not lost.
func TestHandlerTakesWhatIsDropped(t *testing.T) {
	t.Parallel()
	r := recorderOf(t, collect.Options{})
	begun, goOn := make(chan bool), make(chan bool)
	n := 0
	h := collect.HandlerFunc(func(_ context.Context, batch []collect.Message) (int, error) {
		if n += len(batch); n == len(batch) {
			begun <- true
			<-goOn
		}
		return len(batch), nil
	})
	r.AddHandler("h", h, collect.HandlerOptions{Most: 1})
	happen(r, "a")
	<-begun
	happen(r, "b", "c") // b takes the place of a, and c that of b
	close(goOn)
	if err := r.RemoveHandler(t.Context(), "h"); err != nil || n != 2 {
		t.Errorf("%d were taken (%v), want 2: one was dropped", n, err)
	}
}

func TestHandlerStatsAddUp(t *testing.T) {
	t.Parallel()
	r := recorderOf(t, collect.Options{})
	flaky := &sink{most: 3}
	r.AddHandler("flaky", flaky, collect.HandlerOptions{Most: 50, Pause: time.Microsecond})
	const workers, each = 4, 2000
	var users sync.WaitGroup
	for range workers {
		users.Go(func() {
			for range each {
				happen(r, "x")
			}
		})
	}
	users.Wait()
	got := r.Handlers()[0]
	for deadline := time.Now().Add(time.Minute); got.Waiting > 0 && time.Now().Before(deadline); got = r.Handlers()[0] {
		time.Sleep(time.Millisecond)
	}
	if got.Taken+got.Dropped != workers*each || int(got.Taken) != len(flaky.got) {
		t.Errorf("%+v and %d seen, want %d in all", got, len(flaky.got), workers*each)
	}
}

func TestHandlersEndWithTheRecorder(t *testing.T) {
	t.Parallel()
	s := &sink{}
	r := collect.NewRecorder(collect.Options{Path: filepath.Join(t.TempDir(), "s")})
	r.AddHandler("s", s, collect.HandlerOptions{})
	r.AddHandler("s2", &sink{broken: io.ErrClosedPipe}, collect.HandlerOptions{Pause: time.Millisecond})
	happen(r, "a")
	_, err := r.Close(t.Context())
	if s.seen() != "a" || !s.closed || !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("it got %q, closed: %v; Close = %v", s.seen(), s.closed, err)
	}
	r.AddHandler("late", s, collect.HandlerOptions{})
	if err := r.Problems(); len(r.Handlers()) != 0 || !errors.Is(err, collect.ErrClosed) {
		t.Errorf("after Close %v were added, problems: %v", r.Handlers(), err)
	}
}

func TestDisabledHasNoHandlers(t *testing.T) {
	t.Parallel()
	r := collect.NewRecorder(collect.Options{Disabled: true})
	r.AddHandler("x", &sink{}, collect.HandlerOptions{})
	happen(r, "a")
	if r.Handlers() != nil || r.RemoveHandler(t.Context(), "x") != nil {
		t.Error("a disabled recorder has handlers")
	}
}

// cut is a writer that takes so many bytes and fails.
type cut struct {
	bytes.Buffer
	room int
}

func (c *cut) Write(p []byte) (int, error) {
	if len(p) > c.room {
		n, _ := c.Buffer.Write(p[:c.room])
		c.room = 1 << 20
		return n, io.ErrShortWrite
	}
	return c.Buffer.Write(p)
}

func messages(types ...string) []collect.Message {
	var all []collect.Message
	for _, typ := range types {
		all = append(all, collect.Message{Event: &collect.Event{
			Type: typ, Time: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), PID: 7, Duration: 250 * time.Millisecond,
			Attributes: collect.Tags{"table": "users", "a": "b\n"},
		}})
	}
	return all
}

const eventLine = `{"event":"%s","time":"2026-03-01T12:00:00Z","pid":7,"seconds":0.25,"attributes":{"a":"b\n","table":"users"}}` + "\n"

func TestToStream(t *testing.T) {
	t.Parallel()
	a, b := fmt.Sprintf(eventLine, "a"), fmt.Sprintf(eventLine, "b")
	for room, want := range map[int]struct {
		taken int
		text  string
	}{
		1 << 20:         {2, a + b},
		0:               {0, a + b},
		3:               {0, `{"e` + "\n" + a + b},
		len(a):          {1, a + b},
		len(a) + 5:      {1, a + b[:5] + "\n" + b},
		len(a+b) - 1:    {1, a + b[:len(b)-1] + "\n" + b},
		len(a+b) + 1000: {2, a + b},
	} {
		w := &cut{room: room}
		h := collect.ToStream(w)
		batch := messages("a", "b")
		taken, err := h.Handle(t.Context(), batch)
		if taken != want.taken || (err == nil) != (taken == 2) {
			t.Errorf("room for %d bytes: took %d, %v, want %d", room, taken, err, want.taken)
		}
		if taken < 2 {
			if n, err := h.Handle(t.Context(), batch[taken:]); n != 2-taken || err != nil {
				t.Errorf("room for %d bytes: then took %d, %v", room, n, err)
			}
		}
		if w.String() != want.text {
			t.Errorf("room for %d bytes: wrote\n%s\nwant\n%s", room, w, want.text)
		}
	}
}

// What can never be encoded is told of, and holds up nothing.
func TestToStreamGoesOn(t *testing.T) {
	t.Parallel()
	var w bytes.Buffer
	bad := collect.Message{}
	taken, err := collect.ToStream(&w).Handle(t.Context(), append([]collect.Message{bad}, messages("a")...))
	if taken != 2 || err == nil || w.String() != fmt.Sprintf(eventLine, "a") {
		t.Errorf("took %d, %v, wrote %q", taken, err, &w)
	}
	if taken, err := collect.ToStream(&w).Handle(t.Context(), []collect.Message{bad}); taken != 1 || err == nil {
		t.Errorf("took %d, %v", taken, err)
	}
}

func TestToFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	name := filepath.Join(dir, "log", "events.jsonl")
	h := collect.ToFile(name)
	if taken, err := h.Handle(t.Context(), messages("a")); taken != 0 || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("without the folder: took %d, %v", taken, err)
	}
	if err := os.Mkdir(filepath.Dir(name), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte("half a li"), 0o666); err != nil {
		t.Fatal(err)
	}
	write := func(typ string) {
		t.Helper()
		if taken, err := h.Handle(t.Context(), messages(typ)); taken != 1 || err != nil {
			t.Fatalf("took %d, %v", taken, err)
		}
	}
	write("a")
	write("b")
	moved := name + ".1"
	if err := os.Rename(name, moved); err != nil {
		t.Skipf("a file that is open cannot be moved here: %v", err)
	}
	write("c")
	if err := h.(io.Closer).Close(); err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]string{
		moved: "half a li\n" + fmt.Sprintf(eventLine, "a") + fmt.Sprintf(eventLine, "b"),
		name:  fmt.Sprintf(eventLine, "c"),
	} {
		if got, err := os.ReadFile(file); err != nil || string(got) != want {
			t.Errorf("%s: %v, %q, want %q", filepath.Base(file), err, got, want)
		}
	}
}

// What the stream handler writes of runs is a store's record.
func TestHandlerWritesRecords(t *testing.T) {
	t.Parallel()
	r := recorderOf(t, collect.Options{})
	name := filepath.Join(t.TempDir(), "runs.jsonl")
	r.AddHandler("file", collect.ToFile(name), collect.HandlerOptions{RunsOnly: true})
	r.Counter("n", nil).Inc()
	id, err := r.Flush("service", collect.Tags{"k": "v"})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.RemoveHandler(t.Context(), "file"); err != nil {
		t.Fatal(err)
	}
	record, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(record, []byte("\n")); n != 1 || record[len(record)-1] != '\n' {
		t.Errorf("one run is written as %d lines: %q", n, record)
	}
	if run, err := collect.Decode(record); err != nil || run.ID != id || len(run.Metrics) != 1 {
		t.Errorf("read %v, %v", run, err)
	}
}

func TestToLog(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	l := slog.New(slog.NewJSONHandler(&out, nil))
	run := collect.Run{Origin: collect.Origin{ID: "r1", Type: "service"}, Metrics: []collect.Metric{{Name: "a"}, {Name: "b"}}}
	batch := append(messages("db.query"), collect.Message{Run: &run})
	if n, err := collect.ToLog(l, slog.LevelInfo).Handle(t.Context(), batch); n != 2 || err != nil {
		t.Fatalf("took %d, %v", n, err)
	}
	var event, of map[string]any
	d := json.NewDecoder(&out)
	if err := errors.Join(d.Decode(&event), d.Decode(&of)); err != nil {
		t.Fatal(err)
	}
	if event["msg"] != "db.query" || event["seconds"] != 0.25 || event["table"] != "users" || event["time"] != "2026-03-01T12:00:00Z" {
		t.Errorf("the event is logged as %v", event)
	}
	if of["msg"] != "run" || of["run_id"] != "r1" || of["metrics"] != 2.0 {
		t.Errorf("the run is logged as %v", of)
	}
	if n, err := collect.ToLog(l, slog.LevelDebug).Handle(t.Context(), batch); n != 2 || err != nil || out.Len() > 0 {
		t.Errorf("below the level: took %d, %v, wrote %q", n, err, &out)
	}
}
