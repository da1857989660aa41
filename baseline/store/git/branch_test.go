package git

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/baseline/store/storetest"
	"github.com/plumbline-ci/plumbline/collect"
)

// TestPlaces holds that the store works in every kind of checkout, and leaves it
// as it is.
func TestPlaces(t *testing.T) {
	t.Parallel()
	places := map[string]func(t *testing.T, remote string) string{
		"shallow": func(t *testing.T, remote string) string { return clone(t, "file://"+remote, "--depth", "1") },
		"full":    func(t *testing.T, remote string) string { return clone(t, remote) },
		"bare":    func(t *testing.T, remote string) string { return clone(t, remote, "--bare") },
		"itself":  func(_ *testing.T, remote string) string { return remote },
		"folder": func(t *testing.T, remote string) string {
			dir := clone(t, remote)
			git(t, dir, "config", "remote.origin.url", "../"+filepath.Base(remote)) // counts from the top
			if err := os.Symlink(remote, filepath.Join(filepath.Dir(dir), filepath.Base(remote))); err != nil {
				t.Skip("needs symbolic links, which this system does not let this user make")
			}
			write(t, filepath.Join(dir, "in", "here", "x"), "")
			return filepath.Join(dir, "in", "here")
		},
		"worktree": func(t *testing.T, remote string) string {
			dir := filepath.Join(t.TempDir(), "worktree")
			git(t, clone(t, remote), "worktree", "add", "--quiet", dir)
			return dir
		},
		"another user's": func(t *testing.T, remote string) string {
			if os.Geteuid() != 0 {
				t.Skip("only root can give files away")
			}
			dir := clone(t, remote)
			err := filepath.Walk(dir, func(name string, _ os.FileInfo, err error) error {
				if err == nil {
					err = os.Lchown(name, 12345, 12345)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			return dir
		},
	}
	for name, place := range places {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			remote := bare(t)
			dir := place(t, remote)
			before := looks(t, dir)
			s := openIn(t, dir, "git:perf")
			storetest.Fill(t, s, storetest.Run("a", 0), storetest.Run("b", 1))
			storetest.WantIDs(t, openIn(t, dir, "git:perf"), "b", "a")
			if err := s.Delete(t.Context(), "a"); err != nil {
				t.Fatal(err)
			}
			storetest.WantIDs(t, openIn(t, clone(t, remote), "git:perf"), "b")
			if after := looks(t, dir); after != before && name != "itself" {
				t.Errorf("the repository was changed: it was\n%s\nand is\n%s", before, after)
			}
		})
	}
}

// looks is all of a repository that a store must not change.
func looks(t *testing.T, dir string) string {
	t.Helper()
	in := func(args ...string) string {
		return git(t, dir, append([]string{"-c", "safe.directory=*"}, args...)...)
	}
	var b strings.Builder
	for _, args := range [][]string{{"for-each-ref"}, {"config", "--list", "--local"}, {"rev-parse", "HEAD", "--is-shallow-repository"}, {"count-objects", "-v"}, {"worktree", "list"}} {
		fmt.Fprintln(&b, in(args...))
	}
	if in("rev-parse", "--is-bare-repository") == "false" {
		fmt.Fprintln(&b, in("status", "--porcelain", "--branch"))
	}
	return b.String()
}

// TestOwn holds that a branch of the repository itself is written whoever owns
// that, and that its hooks do not run.
func TestOwn(t *testing.T) {
	t.Parallel()
	dir := clone(t, bare(t))
	git(t, dir, "remote", "remove", "origin")
	for _, hook := range []string{"pre-receive", "update", "post-update", "pre-push", "reference-transaction"} {
		write(t, filepath.Join(dir, ".git", "hooks", hook), "#!/bin/sh\nexit 1\n")
		if err := os.Chmod(filepath.Join(dir, ".git", "hooks", hook), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	if os.Geteuid() == 0 && runtime.GOOS != "windows" {
		if err := os.Lchown(dir, 12345, 12345); err != nil {
			t.Fatal(err)
		}
		if err := os.Lchown(filepath.Join(dir, ".git"), 12345, 12345); err != nil {
			t.Fatal(err)
		}
	}
	s := openIn(t, dir, "git:perf")
	storetest.Fill(t, s, storetest.Run("a", 0), storetest.Run("b", 1))
	storetest.WantIDs(t, openIn(t, dir, "git:perf"), "b", "a")
	if n := git(t, dir, "-c", "safe.directory=*", "rev-list", "--count", "perf"); n != "2" {
		t.Errorf("the branch has %s commits, want 2", n)
	}
	git(t, dir, "-c", "safe.directory=*", "-c", "core.hooksPath=/dev/null", "checkout", "--quiet", "perf")
	wantError(t, openIn(t, dir, "git:perf").Put(t.Context(), storetest.Run("c", 2)), "check another one out")
}

// TestHook holds that a store works inside a hook, which git tells where to work.
func TestHook(t *testing.T) {
	dir := clone(t, bare(t))
	t.Setenv("GIT_DIR", filepath.Join(t.TempDir(), "nosuch"))
	t.Setenv("GIT_INDEX_FILE", "nosuch")
	t.Setenv("GIT_TRACE", "1")
	s := openIn(t, dir, "git:perf")
	storetest.Fill(t, s, storetest.Run("a", 0))
	storetest.WantIDs(t, s, "a")
}

// TestDaemon runs over git's own protocol.
func TestDaemon(t *testing.T) {
	t.Parallel()
	s := openIn(t, t.TempDir(), "git:perf@"+serveDaemon(t, bare(t)))
	storetest.Fill(t, s, storetest.Run("a", 0), storetest.Run("b", 1))
	storetest.WantIDs(t, s, "b", "a")
	if err := s.Delete(t.Context(), "a"); err != nil {
		t.Error(err)
	}
	storetest.WantIDs(t, s, "b")
}

// TestSHA256 runs on a repository whose objects have longer names.
func TestSHA256(t *testing.T) {
	t.Parallel()
	needGit(t)
	dir := filepath.Join(t.TempDir(), "sha256")
	git(t, filepath.Dir(dir), "init", "--quiet", "--object-format=sha256", dir)
	s := openIn(t, dir, "git:perf")
	storetest.Fill(t, s, storetest.Run("a", 0), storetest.Run("b", 1))
	storetest.WantIDs(t, s, "b", "a")
	storetest.WantIDs(t, openIn(t, dir, "git:perf"), "b", "a")
}

// stored makes a branch of files as anybody may push them.
func stored(t testing.TB, fill func(dir string)) (remote string) {
	t.Helper()
	remote = bare(t)
	dir := clone(t, remote)
	git(t, dir, "checkout", "--quiet", "--orphan", "perf")
	git(t, dir, "rm", "-rfq", ".")
	write(t, filepath.Join(dir, markFile), markText)
	fill(dir)
	git(t, dir, "add", "--ignore-removal", ".")
	git(t, dir, "-c", "protocol.file.allow=always", "commit", "--quiet", "-m", "by hand")
	git(t, dir, "push", "--quiet", "origin", "perf")
	return remote
}

// TestHostile holds that what does not belong on the branch is an error of its
// own, hides nothing else and stays as it is.
func TestHostile(t *testing.T) {
	t.Parallel()
	const most = 1 << 20
	good := storetest.Line(t, storetest.Run("good", 0)) + "\n"
	secret := filepath.Join(t.TempDir(), "secret")
	write(t, secret, storetest.Line(t, storetest.Run("stolen", 1))+"\n")
	remote := stored(t, func(dir string) {
		write(t, filepath.Join(dir, "2025-05-30.jsonl"), good+"{broken\n"+storetest.Line(t, storetest.Run("torn", 2))[:20])
		write(t, filepath.Join(dir, "README.md"), "no record")
		write(t, filepath.Join(dir, "o", "r", "any name\nwith \x1b[31mcolour.jsonl"), storetest.Line(t, storetest.Run("named", -5))+"\n")
		write(t, filepath.Join(dir, "zipped.jsonl.gz"), "\x1f\x8b")
		write(t, filepath.Join(dir, "zip.jsonl"), "\x1f\x8b\x08")
		write(t, filepath.Join(dir, "big.jsonl"), strings.Repeat(" ", most+1))
		for _, link := range []string{"2025-05-31.jsonl", "link.jsonl"} {
			if err := os.Symlink(secret, filepath.Join(dir, link)); err != nil {
				t.Skip("needs symbolic links, which this system does not let this user make")
			}
		}
		git(t, dir, "update-index", "--add", "--cacheinfo", "160000,"+git(t, dir, "rev-parse", "origin/main")+",module.jsonl")
	})
	s := openIn(t, clone(t, remote), "git:perf")
	s.most = most
	check := func(want ...string) {
		t.Helper()
		ids, bad := storetest.Listing(t, s, baseline.Filter{})
		if got := strings.Join(ids, " "); got != strings.Join(want, " ") {
			t.Errorf("the runs are %s, want %s", got, want)
		}
		told := ""
		for _, err := range bad {
			told += err.Error() + "\n"
		}
		for _, want := range []string{
			`byte 2: want '"' here, have "broken"`, "perf:2025-05-30.jsonl: line ", "perf:2025-05-31.jsonl: it is a symbolic link", "perf:link.jsonl: it is a symbolic link",
			"perf:module.jsonl: it is a submodule", "perf:zipped.jsonl.gz: it is compressed", "perf:zip.jsonl: it is compressed", "perf:big.jsonl: it is larger than 128 MiB",
		} {
			if !strings.Contains(told, want) {
				t.Errorf("the errors are\n%s\nwant %q among them", told, want)
			}
		}
		if len(bad) != 8 || strings.Contains(told, "\x1b") {
			t.Errorf("there are %d errors, want 8 of printable text:\n%q", len(bad), told)
		}
	}
	check("good", "named")
	tomorrow := storetest.Run("tomorrow", 24*60) // whose file is a link
	storetest.Fill(t, s, storetest.Run("today", 3), tomorrow)
	check("tomorrow", "today", "good", "named")
	if err := s.Delete(t.Context(), "good", "today"); err != nil {
		t.Fatal(err)
	}
	check("tomorrow", "named")
	if names := git(t, remote, "ls-tree", "-r", "--name-only", "perf"); strings.Count(names, "\n") != 10 {
		t.Errorf("the branch has the files\n%s\nwant 11", names)
	}
}

// TestFull holds that a file that is full is followed by another one.
func TestFull(t *testing.T) {
	t.Parallel()
	remote := bare(t)
	s := openIn(t, clone(t, remote), "git:perf")
	var want []string
	for i := range 5 {
		r := storetest.Run(fmt.Sprintf("r%d", i), i, storetest.Value("m", 1))
		r.Operation = strings.Repeat("x", fullFile/2-1000)
		storetest.Fill(t, s, r)
		want = append([]string{r.ID}, want...)
	}
	storetest.WantIDs(t, s, want...)
	names := strings.Fields(git(t, remote, "ls-tree", "-r", "--name-only", "perf"))
	if got := strings.Join(names, " "); got != ".plumbline-store 2025-05-30.2.jsonl 2025-05-30.3.jsonl 2025-05-30.jsonl" {
		t.Errorf("the branch has %s, want three files of the day", got)
	}
}

// TestNarrow holds that a listing reads no more files than it is asked for.
func TestNarrow(t *testing.T) {
	t.Parallel()
	for name, filters := range map[string]string{"all files come": "false", "files come as asked": "true"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			narrow(t, filters)
		})
	}
}

func narrow(t *testing.T, filters string) {
	const days = 60
	remote := stored(t, func(dir string) {
		for i := range days {
			for _, repository := range []string{"o/r", "o/s"} {
				r := storetest.Run(fmt.Sprintf("%s-%02d", repository, i), i*24*60)
				r.Repository = repository
				write(t, filepath.Join(dir, fileName(r.Origin, 1)), storetest.Line(t, r)+"\n")
			}
		}
	})
	git(t, remote, "config", "uploadpack.allowFilter", filters)
	git(t, remote, "config", "uploadpack.allowAnySHA1InWant", "true")
	dir := clone(t, "file://"+remote)
	first := time.Date(2025, 5, 30, 12, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		filter     baseline.Filter
		take, most int // runs that are taken, files that may be read
	}{
		{baseline.Filter{}, 1, 2},
		{baseline.Filter{Repositories: []string{"o/r"}}, 1, 2},
		{baseline.Filter{Repositories: []string{"o/s"}}, days, days},
		{baseline.Filter{Suite: &baseline.Suite{Repository: "o/r"}}, days, days},
		{baseline.Filter{Repositories: []string{"p/*"}}, days, 0},
		{baseline.Filter{Since: first.Add(10 * 24 * time.Hour), Until: first.Add(11 * 24 * time.Hour)}, days, 6},
		{baseline.Filter{}, 2 * days, 2 * days},
	} {
		s := openIn(t, dir, "git:perf")
		seen := 0
		for e, err := range s.List(t.Context(), tt.filter) {
			if err != nil {
				t.Fatal(err)
			}
			if seen++; seen == tt.take {
				break
			}
			_ = e
		}
		if s.blobs.reads > tt.most {
			t.Errorf("%d runs of %+v took %d files, want at most %d", tt.take, tt.filter, s.blobs.reads, tt.most)
		}
	}
}

// TestNames holds that the name of a repository leads nowhere else, and comes back.
func TestNames(t *testing.T) {
	t.Parallel()
	for repository, want := range map[string]string{
		"o/r": "o/r", "o/my.repo": "o/my.repo", "": "", "o": "o", "../..": "%2E%2E/%2E%2E", "o/.git": "o/%2Egit", "/etc": "%/etc",
		"a/b/c": "a/b%2Fc", `o\r:x`: "o%5Cr%3Ax", "ö/r": "%C3%B6/r", "o/r.": "o/r%2E",
	} {
		got := folder(repository)
		if got != want {
			t.Errorf("folder(%q) = %q, want %q", repository, got, want)
		}
		if back, known := repositoryOf(got); got != "" && (!known || back != repository) {
			t.Errorf("repositoryOf(%q) = %q, %v, want %q", got, back, known, repository)
		}
	}
	long := folder("o/" + strings.Repeat("x", 300))
	if _, known := repositoryOf(long); known || len(long) > longestPart || folder("o/"+strings.Repeat("x", 301)) == long {
		t.Errorf("the folder of a very long name is %q, want a short one of its own, of which nothing is known", long)
	}
	if got := fileName(collect.Origin{Repository: "o/r", Time: time.Date(2026, 3, 1, 23, 30, 0, 0, time.FixedZone("", -3600))}, 3); got != "o/r/2026-03-02.3.jsonl" {
		t.Errorf("fileName = %q, want the day in UTC", got)
	}
	for base, want := range map[string]bool{
		"2026-03-01.jsonl": true, "2026-03-01.12.jsonl": true, "2026-03-01..jsonl": false, "2026-03-01x.jsonl": false, "2026-13-01.jsonl": false, "2026-03-01.txt": false, "x.jsonl": false,
	} {
		if got := !dayOf(base).IsZero(); got != want {
			t.Errorf("dayOf(%q) is a day: %v, want %v", base, got, want)
		}
	}
}
