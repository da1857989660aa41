package store

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/collect"
)

// large is the line of a run with so many metrics, of about 100 bytes each.
func large(id string, at time.Time, branch string, metrics int) string {
	var b strings.Builder
	fmt.Fprintf(&b, `{"run_id":%q,"timestamp":%q,"git_commit":"c-%s","branch":%q,"repository":"o/r","job":"unit","metrics":{`, id, at.Format(time.RFC3339Nano), id, branch)
	for i := range metrics {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `"test.case_seconds[case=TestSomethingWithALongName/%04d,suite=github.com/owner/project/some/package]":%d.5`, i, i)
	}
	b.WriteString("}}\n")
	return b.String()
}

// aged makes the record files an hour old, as those are that nobody writes to.
func aged(t testing.TB, dir string) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		at := time.Now().Add(-time.Hour)
		if err := os.Chtimes(name, at, at); err != nil {
			t.Fatal(err)
		}
	}
}

func opened(t testing.TB, dir string) *Dir {
	t.Helper()
	d, err := OpenDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// all is a whole listing as text, errors included; most > 0 ends it after so many
// runs.
func all(t testing.TB, d *Dir, most int) []string {
	t.Helper()
	var lines []string
	n := 0
	for e, err := range d.List(t.Context(), baseline.Filter{}) {
		lines = append(lines, fmt.Sprintf("%+v %v", e, err))
		if n++; n == most {
			break
		}
	}
	return lines
}

// plain is what a listing is without any index.
func plain(t testing.TB, dir string, most int) []string {
	t.Helper()
	d := opened(t, dir)
	d.Plain()
	return all(t, d, most)
}

// newestOf is what a baseline is made of: the newest 50 runs of main of a job. It
// returns how many bytes were read for it.
func newestOf(t *testing.T, dir string) (ids []string, read int64) {
	t.Helper()
	d := opened(t, dir)
	n := countReads(&d.files)
	f := baseline.Filter{Branch: "main", Suite: &baseline.Suite{Job: "unit"}}
	for e, err := range d.List(t.Context(), f) {
		if err != nil {
			t.Fatal(err)
		}
		if !f.Fits(e.Origin) {
			continue
		}
		if ids = append(ids, e.ID); len(ids) == 50 {
			break
		}
	}
	return ids, n.Load()
}

// TestIndexSparesReading counts the bytes that are read for the newest 50 runs of
// main, in a folder of long files, of short ones, and of one file.
func TestIndexSparesReading(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name         string
		days, perDay int
	}{{"long files", 4, 60}, {"short files", 30, 8}, {"one file", 1, 240}} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for day := range tt.days {
				var text strings.Builder
				for i := range tt.perDay {
					branch := [...]string{"main", "dev", "other"}[i%3]
					at := noon.AddDate(0, 0, day).Add(time.Duration(i) * time.Minute)
					text.WriteString(large(fmt.Sprintf("r%03d", day*tt.perDay+i), at, branch, 1000))
				}
				write(t, filepath.Join(dir, noon.AddDate(0, 0, day).Format("2006-01-02")+".jsonl"), text.String())
			}
			aged(t, dir)
			const kilobytes = 100_000
			want, read := newestOf(t, dir)
			if len(want) != 50 || read < 100*kilobytes {
				t.Fatalf("without an index %d bytes were read for %d runs", read, len(want))
			}
			for range 2 {
				got, read := newestOf(t, dir)
				if diff := cmp.Diff(want, got); diff != "" || read > kilobytes {
					t.Errorf("%d bytes were read, want kilobytes; the listing differs (-want +got):\n%s", read, diff)
				}
			}
			last := noon.AddDate(0, 0, tt.days-1).Add(10 * time.Hour)
			if err := opened(t, dir).Put(t.Context(), collect.Run{Origin: collect.Origin{ID: "new", Time: last, Branch: "main", Job: "unit"}}); err != nil {
				t.Fatal(err)
			}
			want = append([]string{"new"}, want[:49]...)
			got, read := newestOf(t, dir)
			if diff := cmp.Diff(want, got); diff != "" || read > 3*kilobytes {
				t.Errorf("behind a new run %d bytes were read, want kilobytes; the listing differs (-want +got):\n%s", read, diff)
			}
		})
	}
}

// motley is a file with all kinds of lines, which has an index.
func motley(t testing.TB, mark string) string {
	big := large("big", noon.Add(-time.Hour), "main", 1500)
	text := line(t, run("a", 1)) + "hello\n" + strings.Replace(line(t, run("c", 3)), "\n", "\r\n", 1) +
		line(t, run("b", 2)) + " \t\r\n" + line(t, run("b", 2, value("m", 7))) + line(t, run("e", 5))
	return mark + text + big + "\n\n" + strings.Replace(big, `"big"`, `"bad`, 1) + large("b2", noon, "main", 1500)
}

// TestBentIndex changes each byte of an index, and cuts it anywhere.
func TestBentIndex(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "2025-05-30.jsonl")
	write(t, path, motley(t, byteOrderMark))
	aged(t, dir)
	want := plain(t, dir, 0)
	all(t, opened(t, dir), 0)
	index, err := os.ReadFile(indexPath(path))
	if err != nil {
		t.Fatalf("there is no index: %v", err)
	}
	d := opened(t, dir)
	read := countReads(&d.files)
	if all(t, d, 0); read.Load() > 200_000 { // a line that is no run is read each time
		t.Errorf("with an index %d bytes of the file were read", read.Load())
	}
	bend := func(what string, content []byte) {
		t.Helper()
		if err := os.WriteFile(indexPath(path), content, 0o666); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, all(t, opened(t, dir), 0)); diff != "" {
			t.Fatalf("with an index %s the listing differs (-want +got):\n%s", what, diff)
		}
	}
	step := 1
	if testing.Short() || raced {
		step = 17
	}
	for i := 0; i < len(index); i += step {
		bent := append([]byte(nil), index...)
		bent[i] ^= byte(1 + i%255)
		bend(fmt.Sprintf("of which byte %d is another", i), bent)
		bend(fmt.Sprintf("that is cut at byte %d", i), index[:i])
	}
	bend("that has more behind it", append(append([]byte(nil), index...), index...))
	if again, err := os.ReadFile(indexPath(path)); err != nil || len(again) > len(index)+16 {
		t.Errorf("the index was not made anew: %d bytes, %v", len(again), err)
	}
}

// TestIndexOfAnotherFile has the index of a file whose lines stand elsewhere, and
// one that cannot be written.
func TestIndexOfAnotherFile(t *testing.T) {
	t.Parallel()
	dir, other := t.TempDir(), t.TempDir()
	path, foreign := filepath.Join(dir, "2025-05-30.jsonl"), filepath.Join(other, "2025-05-30.jsonl")
	write(t, path, motley(t, ""), motley(t, ""))
	write(t, foreign, motley(t, byteOrderMark))
	aged(t, other)
	all(t, opened(t, other), 0)
	index, err := os.ReadFile(indexPath(foreign))
	if err != nil {
		t.Fatal(err)
	}
	want := plain(t, dir, 0)
	if err := os.WriteFile(indexPath(path), index, 0o666); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, all(t, opened(t, dir), 0)); diff != "" {
		t.Errorf("with the index of another file the listing differs (-want +got):\n%s", diff)
	}
	if err := os.Remove(indexPath(path)); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(indexPath(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, all(t, opened(t, dir), 0)); diff != "" {
		t.Errorf("where no index can be written the listing differs (-want +got):\n%s", diff)
	}
	if left, err := filepath.Glob(filepath.Join(dir, ".derived-*")); len(left) > 0 || err != nil {
		t.Errorf("%q is left behind, %v", left, err)
	}
}

// changes are what happens to a store between two listings.
var changes = []func(t *testing.T, dir, path string, r *rand.Rand){
	func(t *testing.T, dir, _ string, r *rand.Rand) { // a small run
		o := collect.Origin{ID: fmt.Sprintf("p%d", r.Int()), Time: noon.Add(time.Duration(r.IntN(600)) * time.Minute)}
		if err := opened(t, dir).Put(t.Context(), collect.Run{Origin: o}); err != nil {
			t.Fatal(err)
		}
	},
	func(t *testing.T, _, path string, r *rand.Rand) { // a large one, torn or not
		text := large(fmt.Sprintf("l%d", r.Int()), noon.Add(time.Duration(r.IntN(600))*time.Minute), "main", 200+r.IntN(800))
		edit(t, path, func(old string) string { return old + text[:len(text)-r.IntN(3)] })
	},
	func(t *testing.T, dir, _ string, r *rand.Rand) { // a run goes
		var ids []string
		for e, err := range opened(t, dir).List(t.Context(), baseline.Filter{}) {
			if err == nil {
				ids = append(ids, e.ID)
			}
		}
		if len(ids) > 1 {
			if err := opened(t, dir).Delete(t.Context(), ids[r.IntN(len(ids))]); err != nil {
				t.Fatal(err)
			}
		}
	},
	func(t *testing.T, _, path string, r *rand.Rand) { // the file is cut
		edit(t, path, func(old string) string { return old[:len(old)-r.IntN(len(old)/8+1)] })
	},
	func(t *testing.T, _, path string, _ *rand.Rand) { // it is copied
		edit(t, path, func(old string) string { return old + "\n \n" })
	},
	func(t *testing.T, _, path string, r *rand.Rand) { // it is made older
		at := time.Now().Add(-time.Duration(r.IntN(100)) * time.Hour)
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	},
}

// damage changes a byte of a file where it stands.
func damage(t *testing.T, path string, r *rand.Rand) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || info.Size() == 0 {
		t.Fatal(info, err)
	}
	if _, err := f.WriteAt([]byte{"\n}x1\r"[r.IntN(5)]}, r.Int64N(info.Size())); err != nil {
		t.Fatal(err)
	}
}

func edit(t *testing.T, path string, change func(old string) string) {
	t.Helper()
	old, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(change(string(old))), 0o666); err != nil {
		t.Fatal(err)
	}
}

// TestIndexChangesNothing lets all sorts of things happen to a store, and holds
// each listing against one without an index.
func TestIndexChangesNothing(t *testing.T) {
	t.Parallel()
	rounds := 20
	if testing.Short() || raced {
		rounds = 8
	}
	for seed := range uint64(rounds) {
		r := rand.New(rand.NewPCG(seed, 1))
		dir := t.TempDir()
		path := filepath.Join(dir, [...]string{"2025-05-30.jsonl", "imported.jsonl"}[seed%2])
		text := motley(t, [...]string{"", byteOrderMark}[seed/2%2])
		if seed%3 == 0 {
			text += strings.Repeat(large("x", noon, "main", 2000), 1+nearBytes/200_000) // a long file
			text = strings.Replace(text, `"x"`, `"first"`, 1)
		}
		write(t, path, text)
		for step := range 12 {
			if most := r.IntN(6); most > 0 {
				all(t, opened(t, dir), most)
			}
			if r.IntN(3) == 0 {
				aged(t, dir)
			}
			if diff := cmp.Diff(plain(t, dir, 0), all(t, opened(t, dir), 0)); diff != "" {
				t.Fatalf("seed %d, step %d: with an index the listing differs (-without +with):\n%s", seed, step, diff)
			}
			if _, err := os.Stat(path); err != nil {
				break // its last run was deleted
			}
			if r.IntN(4) == 0 {
				damage(t, path, r)
				continue
			}
			for range 1 + r.IntN(3) {
				changes[r.IntN(len(changes))](t, dir, path, r)
				if _, err := os.Stat(path); err != nil {
					break
				}
			}
		}
	}
}

// TestIndexHoldsTheWholeOrigin fills all fields that an origin has, and those that
// it will have.
func TestIndexHoldsTheWholeOrigin(t *testing.T) {
	t.Parallel()
	var o collect.Origin
	n := 1
	var fill func(v reflect.Value)
	fill = func(v reflect.Value) {
		for i := range v.NumField() {
			n++
			switch f := v.Field(i); f.Kind() {
			case reflect.String:
				f.SetString(fmt.Sprint("text", n))
			case reflect.Int:
				f.SetInt(int64(n))
			case reflect.Int8:
				f.SetInt(2)
			case reflect.Float64:
				f.SetFloat(float64(n) / 7)
			case reflect.Struct:
				if f.Type() == reflect.TypeFor[time.Time]() {
					f.Set(reflect.ValueOf(noon.Add(123456)))
				} else {
					fill(f)
				}
			default:
				t.Fatalf("a field of the kind %v: encode it", f.Kind())
			}
		}
	}
	fill(reflect.ValueOf(&o).Elem())
	info, err := os.Stat(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	f := newKnownFile(info)
	f.add(&knownLine{at: 0, size: 10, key: 10, next: -1, read: true, sum: 1 << 63, head: 1 << 31, proved: proofWhole, Origin: o})
	content := f.encode(stamp{size: 11, time: -5, id: 1 << 63, racy: true})
	back := newKnownFile(info)
	s, ok := decodeIndex(content, back)
	if want := (stamp{size: 11, time: -5, id: 1 << 63, racy: true}); !ok || s != want {
		t.Errorf("decodeIndex = %+v, %v, want %+v", s, ok, want)
	}
	if got := back.lines[10]; got == nil || *got != *f.lines[10] {
		t.Errorf("the line became %+v, want %+v", got, f.lines[10])
	}
}

// FuzzIndex reads texts as an index whose checksum is right.
func FuzzIndex(f *testing.F) {
	info, err := os.Stat(f.TempDir())
	if err != nil {
		f.Fatal(err)
	}
	known := newKnownFile(info)
	known.add(&knownLine{size: 10, key: 10, next: -1, read: true, Origin: collect.Origin{ID: "a", Time: noon}})
	content := known.encode(stamp{size: 11})
	f.Add(content[len(indexMagic) : len(content)-8])
	f.Fuzz(func(t *testing.T, body []byte) {
		text := append([]byte(indexMagic), body...)
		text = binary.LittleEndian.AppendUint64(text, lineSum(text))
		got := newKnownFile(info)
		s, ok := decodeIndex(text, got)
		if !ok {
			return
		}
		for key, l := range got.lines {
			if l.key != key || l.at < 0 || l.at+int64(l.size) > key || key >= s.size || l.next >= l.at {
				t.Errorf("a file of %d bytes has the line %+v", s.size, l)
			}
		}
	})
}

// TestIndexSeesAnEdit changes a line where it stands, in a file that was written
// to a moment ago and has the same time still, and in one that grows then.
func TestIndexSeesAnEdit(t *testing.T) {
	t.Parallel()
	for _, grows := range []bool{false, true} {
		dir := t.TempDir()
		path := filepath.Join(dir, "2025-05-30.jsonl")
		write(t, path, motley(t, ""))
		if grows {
			aged(t, dir)
		}
		all(t, opened(t, dir), 0)
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		edit(t, path, func(old string) string {
			old = strings.Replace(old, `"branch":"main","repository"`, `"branch":"mian","repository"`, 1)
			if grows {
				old += large("new", noon, "main", 10)
			}
			return old
		})
		if err := os.Chtimes(path, info.ModTime(), info.ModTime()); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(plain(t, dir, 0), all(t, opened(t, dir), 0)); diff != "" {
			t.Errorf("in a file that grows: %v: with an index the listing differs (-without +with):\n%s", grows, diff)
		}
	}
}
