package site

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/check/report/picture"
	"github.com/plumbline-ci/plumbline/collect"
)

const hostile = "<script>alert(1)</script>\"'&\u202e\x1b[31m</ScRiPt>.seconds"

// suite is one of so many metrics, the first of which got slower at the 31st run.
func suite(repository, name string, metrics, runs int) Suite {
	s := Suite{Address: "https://github.com/" + repository, Badges: map[string]picture.Badge{}}
	for i := range runs {
		s.History.Runs = append(s.History.Runs, collect.Origin{
			ID: fmt.Sprint("run-", i), Commit: fmt.Sprintf("%040x", i+1), Repository: repository, Name: name, Branch: "main",
			Time: time.Date(2026, 1, 1, i, 0, 0, 0, time.UTC),
		})
	}
	for j := range metrics {
		m := collect.Metric{Name: fmt.Sprintf("bench/Thing%05d.seconds", j), Unit: "s"}
		if j == 1 {
			m.Name = hostile
		}
		col := make([]float64, runs)
		for i := range col {
			col[i] = float64(j+1) * (1 + 0.002*float64((i*7+j*3)%11-5))
			if j == 0 && i >= 30 {
				col[i] *= 1.4
			}
		}
		s.History.Metrics, s.History.Values = append(s.History.Metrics, m), append(s.History.Values, col)
		s.Badges[m.Name] = picture.Badge{Label: m.Name, Message: collect.Quantity(col[runs-1], "s"), Color: picture.BrightGreen}
	}
	s.Newest = s.History.Runs[runs-1]
	s.Verdict = picture.Badge{Label: name, Message: "pass", Color: picture.BrightGreen}
	s.Trend = check.Trend(s.History, check.Thresholds{}, check.TrendOptions{})
	return s
}

func two() []Suite {
	return []Suite{suite("org/b", "bench", 3, 60), suite("org/a", "<b>&", 3, 60)}
}

func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(name)
		rel, _ := filepath.Rel(dir, name)
		all[filepath.ToSlash(rel)] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// The same history gives the same bytes, and a second time nothing is written.
func TestSameHistorySameBytes(t *testing.T) {
	t.Parallel()
	one, other := t.TempDir(), t.TempDir()
	w, err := Write(one, two())
	if err != nil || w.Changed < 20 || w.Same+w.Removed > 0 {
		t.Fatalf("first: %+v, %v", w, err)
	}
	if again, err := Write(one, two()); err != nil || again != (Written{Same: w.Changed}) {
		t.Errorf("again: %+v, %v, want nothing written", again, err)
	}
	back := two()
	back[0], back[1] = back[1], back[0]
	if _, err := Write(other, back); err != nil {
		t.Fatal(err)
	}
	a, b := tree(t, one), tree(t, other)
	if len(a) != len(b) || len(a) != w.Changed+1 {
		t.Errorf("%d and %d files, want %d and their list", len(a), len(b), w.Changed)
	}
	for name := range a {
		if a[name] != b[name] {
			t.Errorf("%s differs between two sites of one history", name)
		}
	}
	for _, name := range []string{"index.html", "org-a--b-" + hash("org/a <b>&") + "/index.html", "org-b-bench-" + hash("org/b bench") + "/charts/bench-thing00000.seconds-" + hash("bench/Thing00000.seconds") + ".svg"} {
		if a[name] == "" {
			t.Errorf("there is no %s", name)
		}
	}
}

// What another run changes is written, and what is gone is removed; what is not
// the site's stays as it was.
func TestOldAndForeignFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, err := Write(dir, two()); err != nil {
		t.Fatal(err)
	}
	folder := two()[1]
	mine := filepath.Join(dir, folder.folder(), "CNAME")
	for _, name := range []string{filepath.Join(dir, "CNAME"), mine} {
		if err := os.WriteFile(name, []byte("mine"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	w, err := Write(dir, two()[:1])
	if err != nil || w.Removed < 10 || w.Changed != 1 { // the index
		t.Errorf("with one suite less: %+v, %v", w, err)
	}
	all := tree(t, dir)
	if all["CNAME"] != "mine" || all[folder.folder()+"/CNAME"] != "mine" || all[folder.folder()+"/index.html"] != "" {
		t.Errorf("the files left are %d, want those of others and not those of the suite that is gone", len(all))
	}
	other := t.TempDir()
	if err := os.WriteFile(filepath.Join(other, "index.html"), []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	_, err = Write(other, two())
	if err == nil || !strings.Contains(err.Error(), "index.html exists and is not of this site") || len(tree(t, other)) != 1 {
		t.Errorf("in a folder with a page of another: %v, want it refused before anything is written", err)
	}
}

// A list that somebody tampered with leads to no file outside.
func TestManifestStaysInside(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	site := filepath.Join(dir, "site")
	if _, err := Write(site, two()[:1]); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(dir, "outside")
	if err := os.WriteFile(out, []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(site, manifest), []byte("../outside\n"+out+"\nindex.html\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Write(site, nil); err != nil {
		t.Logf("refused: %v", err)
	}
	if text, _ := os.ReadFile(out); string(text) != "mine" {
		t.Error("a file outside of the site is gone")
	}
}

// With 10,000 metrics of 200 runs no page and no data file is large.
func TestLargeSuite(t *testing.T) {
	t.Parallel()
	s := suite("o/r", "large", 3, 200)
	for j := 3; j < 10_000; j++ {
		s.History.Metrics = append(s.History.Metrics, collect.Metric{Name: fmt.Sprintf("test.case_seconds[case=Test%05d,suite=pkg/some/where]", j), Unit: "s"})
		s.History.Values = append(s.History.Values, s.History.Values[2])
	}
	parts := s.parts()
	list, err := s.list(parts)
	if err != nil || len(list) > 3_000_000 {
		t.Errorf("the list of metrics has %d bytes (%v)", len(list), err)
	}
	if n := len(s.page()); n > 20_000 {
		t.Errorf("the page has %d bytes", n)
	}
	if len(parts) != 256 {
		t.Errorf("%d data files, want 256", len(parts))
	}
	if text, err := s.data(parts[0]); err != nil || len(text) > 300_000 {
		t.Errorf("a data file has %d bytes (%v)", len(text), err)
	}
	for _, f := range s.pictures(0) {
		if text, err := f.text(); err != nil || len(text) > 10_000 {
			t.Errorf("%s has %d bytes (%v)", f.name, len(text), err)
		}
	}
}

// Of a suite whose metrics have no pictures the files are few, and each text is
// made once.
func TestPictures(t *testing.T) {
	t.Parallel()
	s := suite("o/r", "large", 100, 60)
	s.Pictures = []string{"bench/Thing0000?.seconds"}
	made := 0
	for f := range files([]Suite{s}) {
		if strings.Contains(f.name, "charts/") {
			made++
		}
	}
	if made != 9 { // the hostile one is called otherwise
		t.Errorf("%d charts, want 9", made)
	}
	list, err := s.list(s.parts())
	if n := strings.Count(string(list), `"plain":true`); n != 91 || err != nil {
		t.Errorf("%d metrics are plain, %v, want 91", n, err)
	}
}

func TestSlug(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for _, name := range []string{"a.b", "A.b", "a/b", "a b", "", "..", "../x", "-", "é", strings.Repeat("a", 300), strings.Repeat("a", 301), "con", hostile} {
		s := slug(name)
		if other, ok := seen[s]; ok || s == "" || len(s) > slugLength+9 || strings.ContainsAny(s, "/\\<>:\"|?* ") || strings.HasPrefix(s, ".") {
			t.Errorf("slug(%q) = %q, which is no name of its own (%q)", name, s, other)
		}
		seen[s] = name
	}
}
