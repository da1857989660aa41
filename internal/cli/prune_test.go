package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/baseline/store"
	"github.com/plumbline-ci/plumbline/collect"
	"github.com/plumbline-ci/plumbline/internal/config"
)

// faulty is a store whose Put does what put says to the nth run.
type faulty struct {
	baseline.Store
	mu  sync.Mutex
	n   int
	put func(n int, r *collect.Run) (store bool, err error)
}

func (f *faulty) Put(ctx context.Context, r collect.Run) error {
	f.mu.Lock()
	f.n++
	keep, err := f.put(f.n, &r)
	f.mu.Unlock()
	if err != nil || !keep {
		return err
	}
	return f.Store.Put(ctx, r)
}

// runsIn fills a store and returns its entries.
func runsIn(t *testing.T, s baseline.Store, n int) []baseline.Entry {
	t.Helper()
	for i := range n {
		r := collect.Run{
			Origin:  collect.Origin{ID: fmt.Sprintf("r%d", i), Time: time.Date(2026, 3, 1, i, 0, 0, 0, time.UTC), Branch: "main"},
			Metrics: []collect.Metric{{Name: "m", Value: float64(i), Unit: "s", Samples: []float64{float64(i), float64(i)}}},
		}
		if err := s.Put(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	return listed(t, s)
}

func listed(t *testing.T, s baseline.Store) []baseline.Entry {
	t.Helper()
	var all []baseline.Entry
	for e, err := range s.List(t.Context(), baseline.Filter{}) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, e)
	}
	return all
}

// TestArchiveFaults: an archive that fails, forgets or alters what it is given is
// noticed, and what it does not have whole does not go. Once it is well again the
// same command ends the work.
func TestArchiveFaults(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		put  func(n int, r *collect.Run) (bool, error)
		want string
	}{
		"fails from the third": {func(n int, _ *collect.Run) (bool, error) { return true, failFrom(n, 3) }, "no space left"},
		"forgets the last":     {func(n int, _ *collect.Run) (bool, error) { return n != 6, nil }, "was stored, and is not there now"},
		"alters a sample":      {func(n int, r *collect.Run) (bool, error) { r.Metrics[0].Samples[1] += float64(n / 4); return true, nil }, "has other content"},
		"drops what it cannot": {func(_ int, r *collect.Run) (bool, error) { r.Branch = ""; return true, nil }, "has other content"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			from, to := opened(t, t.TempDir()), t.TempDir()
			var fates []baseline.Fate
			for _, e := range runsIn(t, from, 6) {
				fates = append(fates, baseline.Fate{Entry: e})
			}
			c := archiving{from: from, fates: fates, open: func() (baseline.Store, error) {
				return &faulty{Store: opened(t, to), put: tt.put}, nil
			}}
			_, err := c.run(t.Context())
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("run = %v, want an error with %q", err, tt.want)
			}
			if strings.Contains(tt.want, "has other content") {
				return // somebody has to look at that
			}
			c.open = func() (baseline.Store, error) { return opened(t, to), nil }
			for range 2 {
				if n, err := c.run(t.Context()); n != 6 || err != nil {
					t.Errorf("again: %d, %v", n, err)
				}
			}
			if got := len(listed(t, opened(t, to))); got != 6 {
				t.Errorf("the archive has %d runs, want 6", got)
			}
		})
	}
}

func failFrom(n, from int) error {
	if n >= from {
		return errors.New("no space left")
	}
	return nil
}

func opened(t *testing.T, dir string) baseline.Store {
	t.Helper()
	s, err := store.OpenDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSamePlace(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(dir, link); err != nil {
		t.Skipf("this system makes no symbolic links here: %v", err)
	}
	missing := filepath.Join(dir, "missing")
	for _, tt := range []struct {
		a, b string
		want bool
	}{
		{dir, dir, true}, {dir, "dir:" + dir + string(filepath.Separator), true}, {dir, link, true},
		{dir, missing, false}, {dir, t.TempDir(), false}, {missing, missing, true}, {dir, filepath.Join(missing, ".."), true},
	} {
		if got := samePlace(tt.a, tt.b); got != tt.want {
			t.Errorf("samePlace(%q, %q) = %v, want %v", tt.a, tt.b, got, tt.want)
		}
	}
	for _, tt := range []struct {
		a, b string
		want bool
	}{
		{"s3://bucket/x", "s3://bucket/x/?region=eu", true}, {"s3://bucket/x", "s3://bucket/y", false},
		{"postgres://me:secret@host/db", "postgres://host/db", true}, {"postgres://host/db", "postgres://host/other", false},
		{"git:perf", "git:perf", true}, {"git:perf", "git:old", false},
	} {
		if got := bare(tt.a) == bare(tt.b); got != tt.want {
			t.Errorf("bare(%q) == bare(%q) is %v, want %v", tt.a, tt.b, got, tt.want)
		}
	}
}

// TestRetentionPage: what the page on retention shows is read by the program, and
// its commands have the flags that they use.
func TestRetentionPage(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../.github/docs/retention.md")
	if err != nil {
		t.Fatal(err)
	}
	commands, files := 0, 0
	for _, m := range fence.FindAllStringSubmatch(string(page), -1) {
		switch m[1] {
		case "yaml":
			c, err := config.Parse("retention.md", []byte(m[2]), time.Now())
			if err != nil || !c.Retention.Keep.Limits() {
				t.Errorf("the configuration of the page reads as %+v, %v", c.Retention, err)
			}
			files++
		case "sh":
			for _, line := range regexp.MustCompile(`(?m)^plumbline prune(.*?)(#.*)?$`).FindAllStringSubmatch(m[2], -1) {
				args := strings.Fields(strings.ReplaceAll(line[1], "'", ""))
				cmd := newPrune(&app{Env: Env{Getenv: func(string) string { return "" }}})
				if err := cmd.ParseFlags(args); err != nil || len(cmd.Flags().Args()) > 0 {
					t.Errorf("%s: %v, with %q left over", line[0], err, cmd.Flags().Args())
				}
				commands++
			}
		}
	}
	if commands < 3 || files < 1 {
		t.Errorf("the page has %d commands and %d configurations; want 3 and 1 at least", commands, files)
	}
}
