package probe

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

const (
	adoptsOrphans = true
	runsScripts   = true
)

// A command starts in a copy of our memory map, whose peak the kernel keeps.
func TestOurMemoryIsNotTheCommands(t *testing.T) {
	big := make([]byte, 300<<20)
	for i := 0; i < len(big); i += 4096 {
		big[i] = 1
	}
	r, _ := measure(t, "exit", "0")
	if ownPeak() < 300<<20 {
		t.Fatalf("our own peak is %d bytes: the test shows nothing", ownPeak())
	}
	if r.PeakRSS.Measured && r.PeakRSS.Value > 100<<20 {
		t.Errorf("a small command's peak is %.0f MB, want its own", r.PeakRSS.Value/mega)
	}
	// Nor is it that of a runner that we start, whose commands are to be seen.
	wantPeak(t, 200)
	runtime.KeepAlive(big)
}

// The command's child goes on after the command, and what it has used counts.
func TestLivingChildIsCounted(t *testing.T) {
	const used = 300 * time.Millisecond
	in, hold, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer hold.Close()
	defer in.Close()
	// The child burns, says so by ending a file, and waits for its input.
	script := `"$0" orphan ` + used.String() + ` & wait; exec 9<&0; ("$0" copy <&9 >/dev/null 2>&1 &)`
	args := append([]string{"/bin/sh", "-c", script}, helperArgs(t, "unused")[0])
	r, err := Run(t.Context(), Command{Args: args, Stdin: in, Tee: io.Discard, Quiet: true})
	if err != nil || r.Status != 0 {
		t.Fatalf("status %d, %v", r.Status, err)
	}
	wantCPU(t, r, used, 2*used)
	if len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "still running") {
		t.Errorf("notes %q, want one of a process that still runs", r.Notes)
	}
}

func TestSamplesSeeTheTree(t *testing.T) {
	const used = 600 * time.Millisecond
	args := helperArgs(t, "many", "1", used.String())
	r, err := Run(t.Context(), Command{Args: args, Interval: 20 * time.Millisecond, Tee: io.Discard})
	if err != nil {
		t.Fatal(err)
	}
	if !r.AvgRSS.Measured || r.AvgRSS.Value <= r.ProcessRSS.Value || r.AvgRSS.Value > r.PeakRSS.Value {
		t.Errorf("mean %v, the command alone %v, peak %v: want the command < mean <= peak", r.AvgRSS, r.ProcessRSS, r.PeakRSS)
	}
	if r.MaxLoad.Value < r.AvgLoad.Value || r.MaxLoad.Value > 100*float64(runtime.NumCPU()) {
		t.Errorf("load %v at most, %v on average", r.MaxLoad, r.AvgLoad)
	}
	if own := r.ProcessCPU; !own.Measured || own.Value >= r.AvgLoad.Value {
		t.Errorf("the command alone %v, the tree %v", own, r.AvgLoad)
	}
	if !r.HostCPU.Measured || !r.HostMem.Measured || r.HostMemUsed.Value <= 0 {
		t.Errorf("host: %v, %v, %v", r.HostCPU, r.HostMem, r.HostMemUsed)
	}
}

func TestNothingIsLeftBehind(t *testing.T) {
	open := func() int {
		all, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Fatal(err)
		}
		return len(all)
	}
	measure(t, "exit", "0") // what is opened once a process is open now
	before, threads := open(), runtime.NumGoroutine()
	for range 5 {
		measure(t, "many", "3", "1ms")
	}
	if after := open(); after > before {
		t.Errorf("%d files are open, %d before", after, before)
	}
	if after := runtime.NumGoroutine(); after > threads {
		t.Errorf("%d goroutines run, %d before", after, threads)
	}
}

// Another child of this process is not the command's, even when it was there
// first and ends while the command runs.
func TestEarlierChildIsNotCounted(t *testing.T) {
	args := helperArgs(t, "burn", "300ms")
	other := exec.Command(args[0], args[1:]...)
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	r, _ := measure(t, "many", "3", "200ms")
	_ = other.Wait() // the command's waiter may have had it
	wantCPU(t, r, 600*time.Millisecond, 290*time.Millisecond)
}

func TestUnreadableProc(t *testing.T) {
	tree := newTree(t.TempDir())
	defer tree.close()
	if s, ok := tree.sample(os.Getpid()); ok {
		t.Errorf("a sample %+v from a folder without processes", s)
	}
	if u, n := tree.living(); n != 0 || u != (usage{}) {
		t.Errorf("%d processes %+v from a folder without processes", n, u)
	}
}

func TestParseStat(t *testing.T) {
	const rest = " S 7 1 1 0 -1 4194560 1 2 3 4 11 12 13 14 20 0 1 0 99 4096 5 18446744073709551615"
	want := stat{
		state: 'S', parent: 7, user: 110 * time.Millisecond, system: 120 * time.Millisecond,
		childUser: 130 * time.Millisecond, childSystem: 140 * time.Millisecond, rss: 5 * 4096,
	}
	for _, name := range []string{"sh", "a b", ") S 1 2 3", "((", ")", "\n"} {
		if got, ok := parseStat([]byte("42 ("+name+")"+rest), 4096); !ok || got != want {
			t.Errorf("name %q: %+v, %v, want %+v", name, got, ok, want)
		}
	}
	for _, bad := range []string{"", "42", "42 (sh", "42 (sh)", "42 (sh) ", "42 (sh) S 7 1"} {
		if got, ok := parseStat([]byte(bad), 4096); ok {
			t.Errorf("parseStat(%q) = %+v, want none", bad, got)
		}
	}
}

// fakeGroup is a folder like a control group's.
func fakeGroup(t *testing.T, files map[string]string) *cgroup {
	t.Helper()
	root := t.TempDir()
	write := func(path, text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(filepath.Join(root, "cgroup.controllers"), "cpu io memory\n")
	if err := os.Mkdir(filepath.Join(root, "job"), 0o700); err != nil {
		t.Fatal(err)
	}
	own := filepath.Join(root, "own")
	write(own, "4:memory:/elsewhere\n0::/job\n")
	g := newCgroup([]string{filepath.Join(root, "none"), root}, own)
	if g == nil || filepath.Dir(g.path) != filepath.Join(root, "job") {
		t.Fatalf("newCgroup() = %+v, want a folder below job", g)
	}
	t.Cleanup(g.close)
	for name, text := range files {
		write(filepath.Join(g.path, name), text)
	}
	return g
}

func TestCgroupFiles(t *testing.T) {
	const cpu = "usage_usec 3000000\nuser_usec 2000000\nsystem_usec 1000000\nnr_periods 0\n"
	const io = "8:0 rbytes=100 wbytes=20 rios=1 wios=1 dbytes=0 dios=0\n259:0 rbytes=11 wbytes=2 rios=1 wios=1\n"
	lost := total{user: time.Second, system: time.Second}
	whole := total{user: 2 * time.Second, system: 3 * time.Second, read: reading(7), written: reading(8)}
	for _, c := range []struct {
		name     string
		files    map[string]string
		of, want total
	}{
		{"a lost process is found", map[string]string{"cpu.stat": cpu}, lost, total{user: 2 * time.Second, system: time.Second}},
		{"accounts that are whole stay", map[string]string{"cpu.stat": cpu, "io.stat": io}, whole, whole},
		{"devices stand in", map[string]string{"io.stat": io}, lost, total{user: time.Second, system: time.Second, read: reading(111), written: reading(22)}},
		{"no files", nil, lost, lost},
		{"no numbers", map[string]string{"cpu.stat": "busy\n"}, lost, lost},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := c.of
			fakeGroup(t, c.files).complete(&got)
			if got != c.want {
				t.Errorf("complete() = %+v, want %+v", got, c.want)
			}
		})
	}
}

func TestGroupsOfTheKilledAreSwept(t *testing.T) {
	dir := t.TempDir()
	// No process has a number above the kernel's largest limit.
	gone, ours := "plumbline-4194305-1", "plumbline-"+itoa(os.Getpid())+"-1"
	for _, name := range []string{gone, ours, "plumbline-x", "other-4194305-1"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	sweep(dir)
	if _, err := os.Stat(filepath.Join(dir, gone)); err == nil {
		t.Errorf("%s is still there", gone)
	}
	if left, _ := os.ReadDir(dir); len(left) != 3 {
		t.Errorf("%d folders are left, want 3", len(left))
	}
}

func TestNoCgroup(t *testing.T) {
	var g *cgroup
	want := total{user: time.Second}
	got := want
	g.complete(&got)
	g.close()
	if got != want {
		t.Errorf("complete() = %+v, want %+v", got, want)
	}
	own := filepath.Join(t.TempDir(), "own")
	if newCgroup(standard().groups, own) != nil {
		t.Error("a group without knowing our own")
	}
}

// A program that ignores the signal of its children's end never gets their
// accounts: only a control group has them.
func TestRealCgroup(t *testing.T) {
	g := newCgroup(standard().groups, "/proc/self/cgroup")
	if g == nil {
		t.Skip("no control group of version 2 can be made here")
	}
	path := g.path
	if _, _, ok := g.cpu(); !ok {
		g.close()
		t.Skipf("%s has no cpu.stat", path)
	}
	g.close()
	if _, err := os.Stat(path); err == nil {
		t.Errorf("%s is still there", path)
	}
	const used = 200 * time.Millisecond
	r, _ := measure(t, "forgetful", used.String())
	wantCPU(t, r, used, used)
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "plumbline-"+itoa(os.Getpid())+"-*")); len(left) > 0 {
		t.Errorf("groups are left: %q", left)
	}
}
