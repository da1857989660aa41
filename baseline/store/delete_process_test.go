package store

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/collect"
)

// deleteRuns deletes the runs of a store whose ids begin with go-, one by one. It
// says on standard output when it begins.
func deleteRuns(dir string, backward bool) error {
	s, err := OpenDir(dir)
	if err != nil {
		return err
	}
	var ids []string
	for e, err := range s.List(context.Background(), baseline.Filter{}) {
		if bad := (*collect.LineError)(nil); err != nil && !errors.As(err, &bad) {
			return err
		}
		if strings.HasPrefix(e.ID, "go-") {
			ids = append(ids, e.ID)
		}
	}
	if backward {
		slices.Reverse(ids)
	}
	fmt.Println("deleting")
	for _, id := range ids {
		if err := s.Delete(context.Background(), id); err != nil {
			return err
		}
	}
	return nil
}

// deleter starts a process that deletes, and returns when it has begun to.
func deleter(t *testing.T, dir string, env ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = append(append(os.Environ(), "PLUMBLINE_TEST_DELETE_FROM="+dir), env...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if word, err := bufio.NewReader(out).ReadString('\n'); word != "deleting\n" {
		t.Fatalf("the process that deletes said %q, %v", word, err)
	}
	return cmd
}

// mixed fills days of a store with runs of which every other is to go, and a line
// that is none. It returns the text of each run.
func mixed(t *testing.T, dir string) map[string]string {
	t.Helper()
	texts := map[string]string{}
	for day := range 4 {
		var b strings.Builder
		for i := range 12 {
			id := fmt.Sprintf("%s-%d-%02d", []string{"go", "stay"}[i%2], day, i)
			r := padded(id, (day*24+i)*60, 20_000)
			r.Time = r.Time.Add(-12 * time.Hour)
			texts[id] = line(t, r)
			b.WriteString(texts[id])
		}
		b.WriteString("no run\n")
		name := noon.AddDate(0, 0, day).Format(time.DateOnly) + ".jsonl"
		if day == 3 {
			name += ".gz"
		}
		write(t, filepath.Join(dir, name), b.String())
	}
	return texts
}

// intact holds that each run of a store is as it was written, that those are there
// which stay, and that no line came or went besides. It counts those that go and
// have not gone yet.
func intact(t *testing.T, dir string, texts map[string]string) (left int) {
	t.Helper()
	s, err := OpenDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	there, bad := map[string]bool{}, 0
	for e, err := range s.List(t.Context(), baseline.Filter{}) {
		if fault := (*collect.LineError)(nil); errors.As(err, &fault) {
			bad++
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		there[e.ID] = true
		err := s.View(t.Context(), e, func(text []byte) error {
			if string(text)+"\n" != texts[e.ID] {
				t.Errorf("run %q is not what was written", e.ID)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
	for id := range texts {
		switch goes := strings.HasPrefix(id, "go-"); {
		case goes && there[id]:
			left++
		case !goes && !there[id]:
			t.Errorf("run %q is lost", id)
		}
	}
	if bad != 4 {
		t.Errorf("%d lines are no runs, want 4", bad)
	}
	return left
}

// TestDeleteKilled kills a process at some moment of its deleting: what stays is
// as it was, and the next Delete ends the work and cleans up.
func TestDeleteKilled(t *testing.T) {
	t.Parallel()
	rounds, enough := 60, 12
	if testing.Short() {
		rounds, enough = 20, 2
	}
	random := rand.New(rand.NewPCG(7, 11))
	whole, midway := 50*time.Millisecond, 0
	for range rounds {
		if midway >= enough {
			break
		}
		dir := t.TempDir()
		texts := mixed(t, dir)
		cmd, begin := deleter(t, dir), time.Now()
		timer := time.AfterFunc(time.Duration(random.Int64N(int64(whole))), func() { _ = cmd.Process.Kill() })
		if err := cmd.Wait(); err == nil {
			whole = time.Since(begin) // it was through before, and is to be killed earlier
		}
		timer.Stop()
		left := intact(t, dir, texts)
		switch {
		case left > 0 && left < len(texts)/2:
			midway++
		case left > 0:
			whole = min(2*whole, 10*time.Second) // too early
		}
		finish(t, dir, texts)
	}
	if midway == 0 {
		t.Errorf("in %d rounds no process was killed midway", rounds)
	}
	t.Logf("%d processes were killed midway", midway)
}

// finish deletes what is left, and holds that nothing of a Delete stays behind.
func finish(t *testing.T, dir string, texts map[string]string) {
	t.Helper()
	// A copy that a killed process was writing, whether or not it came to that.
	write(t, filepath.Join(dir, copyPrefix+"123"), "half a li")
	s, err := OpenDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for id := range texts {
		if strings.HasPrefix(id, "go-") {
			ids = append(ids, id)
		}
	}
	if err := s.Delete(t.Context(), ids...); err != nil {
		t.Error(err)
	}
	if left := intact(t, dir, texts); left > 0 {
		t.Errorf("%d runs are left that go", left)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || slices.ContainsFunc(entries, func(e os.DirEntry) bool { return strings.HasPrefix(e.Name(), copyPrefix) }) {
		t.Errorf("the folder has %v, %v; want no half copy", entries, err)
	}
}

// TestTwoDeleteWhileOneAppends: two processes delete the same runs, each from its
// end, while others append to the same days.
func TestTwoDeleteWhileOneAppends(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	texts := mixed(t, dir)
	const n = 60
	one, other := deleter(t, dir), deleter(t, dir, "PLUMBLINE_TEST_BACKWARD=yes")
	wait := start(t, dir, 1, n)
	for _, cmd := range []*exec.Cmd{one, other} {
		if err := cmd.Wait(); err != nil {
			t.Errorf("a process that deletes: %v", err)
		}
	}
	wait()
	for i := range n {
		r := processRun(0, i)
		texts[r.ID] = line(t, r)
	}
	if left := intact(t, dir, texts); left > 0 {
		t.Errorf("%d runs are left that go", left)
	}
}

// TestDeleteOnFullDisk: a disk without room takes no new copy of a file, and then
// the file is as it was; what is removed whole makes room for the rest.
func TestDeleteOnFullDisk(t *testing.T) {
	dir := smallDisk(t, "size=256k")
	texts := []string{line(t, padded("a", 0, 60_000)), line(t, padded("b", 1, 60_000)), line(t, padded("c", 24*60, 60_000))}
	first := filepath.Join(dir, "2025-05-30.jsonl")
	write(t, first, texts[0], texts[1])
	write(t, filepath.Join(dir, "2025-05-31.jsonl"), texts[2])
	fill(t, filepath.Join(dir, "other"))
	s, err := OpenDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	err = s.Delete(t.Context(), "a")
	if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), first) {
		t.Errorf("Delete = %v, want that the disk is full and which file it was", err)
	}
	got, err := os.ReadFile(first)
	if diff := cmp.Diff(texts[0]+texts[1], string(got)); diff != "" || err != nil {
		t.Errorf("the file after it (%v, -want +got):\n%s", err, diff)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || slices.ContainsFunc(entries, func(e os.DirEntry) bool { return strings.HasPrefix(e.Name(), copyPrefix) }) {
		t.Errorf("the folder has %v, %v; want no half copy", entries, err)
	}
	if err := s.Delete(t.Context(), "a", "c"); err != nil {
		t.Errorf("Delete of a whole file, which makes room, and of a part: %v", err)
	}
	if got, err := os.ReadFile(first); string(got) != texts[1] {
		t.Errorf("the file has %d bytes, %v; want the %d of b", len(got), err, len(texts[1]))
	}
}

// fill writes a file until its disk is full.
func fill(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for block := make([]byte, 4096); ; {
		if _, err := f.Write(block); errors.Is(err, syscall.ENOSPC) {
			return
		} else if err != nil {
			t.Fatal(err)
		}
	}
}
