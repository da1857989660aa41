package store

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/collect"
)

func TestOldFilesAreNotRead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for day := range 30 {
		at := time.Date(2025, 5, 1+day, 12, 0, 0, 0, time.UTC)
		var text strings.Builder
		for i := range 100 {
			r := padded(fmt.Sprintf("d%d-%d", day, i), 0, 1000)
			r.Time = at.Add(time.Duration(i) * time.Minute)
			text.WriteString(line(t, r))
		}
		write(t, filepath.Join(dir, at.Format("2006-01-02")+".jsonl"), text.String())
	}
	d, err := OpenDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	read := countReads(&d.files)
	if found := newest(t, d, 20); found[0].ID != "d29-99" || found[19].ID != "d29-80" {
		t.Errorf("the newest runs are %v, want d29-99 to d29-80", found)
	}
	if n := read.Load(); n == 0 || n > 2*100*1200 {
		t.Errorf("read %d bytes, want those of the last day, and of the day before at most", n)
	}
}

// TestOrder has runs that are not in the order in which they were written.
func TestOrder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	other := func(id string, hours int) string { return line(t, run(id, hours*60)) }
	write(t, filepath.Join(dir, "2025-05-30.jsonl"), other("c", 0), other("a", -2), other("e", 2), other("same1", 0), other("same2", 0))
	// A day by a clock that is ten hours ahead of UTC, and one that is behind.
	write(t, filepath.Join(dir, "2025-05-31.jsonl"), other("d", 1), other("h", 24))
	write(t, filepath.Join(dir, "2025-05-29.jsonl"), other("g", -1), other("z", -24))
	write(t, filepath.Join(dir, "notes.jsonl"), other("f", 3), other("y", -1000), other("i", 1000))
	if err := os.Mkdir(filepath.Join(dir, "2025-06-01.jsonl"), 0o777); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, ".2025-06-01.jsonl"), "not a record file")
	s, err := OpenDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	wantIDs(t, s, "i", "h", "f", "e", "d", "same2", "same1", "c", "g", "a", "z", "y")
}

func TestOrderOfALongFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	const runs, apart = 150, 50
	var text strings.Builder
	for i := range runs {
		at := i/apart*apart + apart - 1 - i%apart // each 50 runs stand the wrong way round
		text.WriteString(line(t, padded(fmt.Sprintf("r%03d", at), at, nearBytes/30)))
	}
	write(t, filepath.Join(dir, "2025-05-30.jsonl"), text.String())
	s, err := OpenDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for i := range runs {
		want = append(want, fmt.Sprintf("r%03d", runs-1-i))
	}
	wantIDs(t, s, want...)
}

func TestCompressedHistoryIsNotReadAnewForEachRun(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "h.jsonl.gz")
	var text strings.Builder
	for i := range 400 {
		text.WriteString(line(t, padded(fmt.Sprint("r", i), i, 10_000)))
	}
	write(t, path, text.String())
	f, err := OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	read := countReads(&f.files)
	f.files.window.most = 1_600_000 // two fifths of the text
	b, err := baseline.Fetch(t.Context(), f, baseline.Query{Head: collect.Origin{ID: "head", Time: noon.AddDate(0, 0, 1)}, Runs: 1000})
	if err != nil || len(b.Runs) != 400 || len(b.Unreadable) > 0 {
		t.Fatalf("Fetch = %d runs, %v, unreadable %v", len(b.Runs), err, b.Unreadable)
	}
	if n := read.Load(); n > 5*info.Size() {
		t.Errorf("read %d bytes of a file of %d, want at most five times its size", n, info.Size())
	}
}

func TestBackwardIsForwardTheOtherWayRound(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("y", 3*blockBytes)
	for _, content := range []string{
		"", "\n", "\n\n", "a", "a\n", "\na", "a\nb\n", "a\r\n\r\n b\nc", "\xef\xbb\xbfa\nb\n", "\xef\xbb\xbf",
		long, long + "\n" + long, "a\n" + long + "\nb\n" + strings.Repeat("c\n", blockBytes), strings.Repeat("\n", blockBytes+1) + "a",
		"too " + strings.Repeat("z", 8*blockBytes) + " long\na\n", "a\n" + strings.Repeat("z", 8*blockBytes) + "\nb",
	} {
		const limit = 4 * blockBytes
		var want, got []string
		for l, err := range collect.NewReader(strings.NewReader(content), "f").Lines() {
			if err != nil {
				t.Fatal(err)
			}
			text := fmt.Sprintf("%d %v %s", l.Offset, l.Torn, l.Text)
			if len(l.Text) > limit {
				text = "too long"
			}
			want = append(want, text)
		}
		slices.Reverse(want)
		path := filepath.Join(t.TempDir(), "f")
		write(t, path, content)
		text, err := new(files).text(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		b := backward{text: text, end: text.size, limit: limit}
		for {
			l, err := b.next()
			if err == io.EOF {
				break
			}
			got = append(got, lineText(t, text, l, err))
		}
		text.close()
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%.40q backward differs (-want +got):\n%.400s", content, diff)
		}
	}
}

// lineText reads a line that was found in a text.
func lineText(t *testing.T, text *text, l passage, err error) string {
	t.Helper()
	if err != nil {
		return "too long"
	}
	line := make([]byte, l.size)
	if err := text.read(line, l.at); err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(line, l.head) || len(l.head) < min(l.size, blockBytes)-3 {
		t.Errorf("the head of a line at byte %d is %.40q, want the begin of %.40q", l.at, l.head, line)
	}
	return fmt.Sprintf("%d %v %s", l.at, l.torn, line)
}

// TestLongLinesAreReadOnceForTheirOrigin lists a store twice, and once more when
// runs are deleted: what follows stands where others of the same size stood.
func TestLongLinesAreReadOnceForTheirOrigin(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	const runs, size = 100, 2 * blockBytes
	var text strings.Builder
	var want []string
	text.WriteString(byteOrderMark)
	for i := range runs {
		id := fmt.Sprintf("r%03d", i)
		text.WriteString(line(t, padded(id, i, size)))
		want = append([]string{id}, want...)
	}
	write(t, filepath.Join(dir, "2025-05-30.jsonl"), text.String())
	d, err := OpenDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	read := countReads(&d.files)
	wantIDs(t, d, want...)
	first := read.Swap(0)
	wantIDs(t, d, want...)
	if again := read.Load(); again > first/2 {
		t.Errorf("the second listing read %d bytes, and the first %d", again, first)
	}
	if err := d.Delete(t.Context(), want[50:]...); err != nil {
		t.Fatal(err)
	}
	wantIDs(t, d, want[:50]...)
	for i := range 50 { // some of them where others stood
		if err := d.Put(t.Context(), padded(fmt.Sprintf("s%03d", i), runs+i, size)); err != nil {
			t.Fatal(err)
		}
		want = append([]string{fmt.Sprintf("s%03d", i)}, want...)
	}
	wantIDs(t, d, want[:100]...)
}
