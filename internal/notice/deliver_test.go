package notice

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/plumbline-ci/plumbline/check/report"
)

// TestDeliver: what is due in quiet hours is sent after them, and what could not
// be sent by the next run.
func TestDeliver(t *testing.T) {
	t.Parallel()
	a, b := Channel{Medium: "slack", Place: "A"}, Channel{Medium: "teams", Place: "B"}
	var s State
	s.Update([]Finding{worse("m", 1, 2, 90)}, at(100), Keys([]Channel{a, b}))
	var sent []string
	fail := errors.New("no")
	d := Delivery{
		Channels: []Channel{a, b}, Quiet: Quiet{From: 22 * time.Hour, To: 7 * time.Hour}, Now: time.Date(2026, 3, 1, 23, 0, 0, 0, time.UTC),
		About: func(n *report.Notice, x Shift) { n.Commits = 3 },
		Send: func(_ context.Context, c Channel, n report.Notice) error {
			if c.Place == "B" && fail != nil {
				return fail
			}
			sent = append(sent, c.Place)
			return nil
		},
	}
	if out := d.Deliver(t.Context(), &s); len(out) != 2 || out[0].Held.Hour() != 7 || len(sent) != 0 {
		t.Errorf("at night: %+v, sent %q", out, sent)
	}
	d.Now = d.Now.Add(9 * time.Hour)
	if out := d.Deliver(t.Context(), &s); len(out) != 2 || out[1].Err == nil || out[0].Notice.Commits != 3 || strings.Join(sent, "") != "A" {
		t.Errorf("in the morning: %+v, sent %q", out, sent)
	}
	fail = nil
	if out := d.Deliver(t.Context(), &s); len(out) != 1 || strings.Join(sent, "") != "AB" {
		t.Errorf("once more: %+v, sent %q", out, sent)
	}
	if out := d.Deliver(t.Context(), &s); len(out) != 0 {
		t.Errorf("with nothing due: %+v", out)
	}
}

// TestFile: of ten programs at once one tells, and what is no state is no empty one.
func TestFile(t *testing.T) {
	t.Parallel()
	f := File{Path: filepath.Join(t.TempDir(), "new", "notices.json")}
	var told sync.Map
	var all sync.WaitGroup
	for i := range 10 {
		all.Go(func() {
			err := f.With(t.Context(), "unit", func(s *State) error {
				if c := s.Update([]Finding{worse("m", 1, 2, 90)}, at(100), []string{"a"}); len(c.New) > 0 {
					told.Store(i, true)
				}
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	n := 0
	told.Range(func(any, any) bool { n++; return true })
	if s, err := f.Read("unit"); err != nil || n != 1 || len(s.Open()) != 1 {
		t.Errorf("%d told it; the file has %+v, %v", n, s, err)
	}
	if err := os.WriteFile(f.Path, []byte("{"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := f.With(t.Context(), "unit", func(*State) error { return nil }); err == nil || !strings.Contains(err.Error(), "mend the file, or remove it") {
		t.Errorf("a broken file: %v", err)
	}
}
