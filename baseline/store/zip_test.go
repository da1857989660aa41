package store

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/collect"
)

type entry struct {
	name, text string
	set        func(*zip.FileHeader)
}

func writeZip(t testing.TB, path string, entries ...entry) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, e := range entries {
		h := &zip.FileHeader{Name: e.name, Method: zip.Deflate}
		if e.set != nil {
			e.set(h)
		}
		f, err := w.CreateHeader(h)
		if err == nil {
			_, err = f.Write([]byte(e.text))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

func gzipped(t testing.TB, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// zipOf is an archive as a job uploads one: records in folders, packed or not,
// beside files that are none.
func zipOf(t *testing.T, runs []collect.Run) baseline.Store {
	var lines []string
	for _, r := range runs {
		lines = append(lines, line(t, r))
	}
	half := len(lines) / 2
	path := writeZip(t, filepath.Join(t.TempDir(), "artifact.zip"),
		entry{name: "report.md", text: "# no record"},
		entry{name: "store/"},
		entry{name: "store/a.jsonl", text: strings.Join(lines[:half], "")},
		entry{name: "b.jsonl.gz", text: gzipped(t, strings.Join(lines[half:], ""))})
	s, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// numbered is so many lines that are no records, and little alike.
func numbered(lines int) string {
	var b []byte
	for i := range lines {
		b = append(strconv.AppendInt(b, int64(i), 10), '\n')
	}
	return string(b)
}

// TestZipOfManyLines holds that an archive with the last line that it may have is
// read, and that what is no record costs no record.
func TestZipOfManyLines(t *testing.T) {
	t.Parallel()
	good := line(t, run("a", 0, value("m", 1)))
	s, err := Open(writeZip(t, filepath.Join(t.TempDir(), "many.zip"),
		entry{name: "a.jsonl", text: good + numbered(1000)},
		entry{name: "b.jsonl.gz", text: gzipped(t, strings.Repeat("\n", maxZipLines-1001))}))
	if err != nil {
		t.Fatal(err)
	}
	if ids, bad := listing(t, s); len(ids) != 1 || len(bad) != 1000 {
		t.Errorf("List = %q with %d errors, want one run and 1000 bad lines", ids, len(bad))
	}
}

// TestZipFaults holds that a hostile or mistaken archive is refused with its
// place, and that a bad line is one bad line.
func TestZipFaults(t *testing.T) {
	t.Parallel()
	good := line(t, run("a", 0, value("m", 1)))
	half := numbered(maxZipLines/2 + 1)
	dir := t.TempDir()
	many := make([]entry, maxZipEntries+1)
	for i := range many {
		many[i] = entry{name: "x"}
	}
	for name, c := range map[string]struct {
		entries []entry
		want    string
	}{
		"none":      {[]entry{{name: "report.md", text: good}}, "it has no record files; want *.jsonl or *.jsonl.gz in it"},
		"twice":     {[]entry{{name: "x/a.jsonl", text: good}, {name: "y/a.jsonl", text: good}}, `"a.jsonl" is in it twice`},
		"outside":   {[]entry{{name: "../a.jsonl", text: good}}, `entry "../a.jsonl" has a name that is no relative path`},
		"backslash": {[]entry{{name: `x\a.jsonl`, text: good}}, "no relative path"},
		"terminal":  {[]entry{{name: "x\x1b[31m.jsonl", text: good}}, `entry "x\x1b[31m.jsonl" has a name`},
		"link":      {[]entry{{name: "a.jsonl", text: "/etc/passwd", set: func(h *zip.FileHeader) { h.SetMode(fs.ModeSymlink | 0o777) }}}, `"a.jsonl" is not a regular file`},
		"encrypted": {[]entry{{name: "a.jsonl", text: good, set: func(h *zip.FileHeader) { h.Flags |= 1 }}}, `"a.jsonl" is encrypted`},
		"bomb":      {[]entry{{name: "a.jsonl", text: strings.Repeat(" ", 4<<20)}}, `"a.jsonl" grows to more than 200 times its size`},
		"many":      {many, "it has 10001 entries; at most 10000 are read"},
		"lines":     {[]entry{{name: "a.jsonl", text: numbered(maxZipLines + 1)}}, `its record files have at least 250001 lines; at most 250000 are read`},
		"together":  {[]entry{{name: "a.jsonl", text: half}, {name: "b.jsonl", text: half}}, `at least 250002 lines; at most 250000`},
		"in gzip":   {[]entry{{name: "a.jsonl", text: half}, {name: "b.jsonl.gz", text: gzipped(t, half)}}, `lines; at most 250000 are read`},
		"gzip bomb": {[]entry{{name: "a.jsonl.gz", text: gzipped(t, strings.Repeat(" ", 4<<20))}}, `"a.jsonl.gz" grows to more than 200 times its size`},
	} {
		path := writeZip(t, filepath.Join(dir, name+".zip"), c.entries...)
		if _, err := Open(path); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: Open gave %v, want %q", name, err, c.want)
		}
	}
	write(t, filepath.Join(dir, "text.zip"), good)
	if _, err := Open(filepath.Join(dir, "text.zip")); err == nil || !strings.Contains(err.Error(), "not a valid zip file") {
		t.Errorf("Open of a file that is no archive: %v", err)
	}
	s, err := Open(writeZip(t, filepath.Join(dir, "torn.zip"), entry{name: "x/a.jsonl", text: good + "{torn\n"}))
	if err != nil {
		t.Fatal(err)
	}
	ids, bad := listing(t, s)
	if len(ids) != 1 || len(bad) != 1 || !strings.Contains(bad[0].Error(), filepath.Join("torn.zip", "x", "a.jsonl")+": line 2: ") {
		t.Errorf("List of a torn file = %q with %v, want one run and its second line", ids, bad)
	}
}

// An archive that says it has less text than it has is not read on.
func TestZipLies(t *testing.T) {
	t.Parallel()
	path := writeZip(t, filepath.Join(t.TempDir(), "lies.zip"), entry{name: "a.jsonl", text: strings.Repeat(" ", 2<<20)})
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text = bytes.ReplaceAll(text, []byte{0, 0, 0x20, 0}, []byte{9, 0, 0, 0})
	if err := os.WriteFile(path, text, 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path); err == nil || !strings.Contains(err.Error(), `read "a.jsonl": `) {
		t.Errorf("Open gave %v, want an error of the entry", err)
	}
}
