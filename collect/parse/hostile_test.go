package parse

import (
	"bytes"
	"errors"
	"io"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// repeat gives head, then n times body, then tail, and is never in memory.
func repeat(head, body string, n int, tail string) io.Reader {
	return io.MultiReader(strings.NewReader(head), &repeated{body: []byte(body), left: n}, strings.NewReader(tail))
}

type repeated struct {
	body []byte
	left int
	off  int // into body
}

func (r *repeated) Read(p []byte) (n int, err error) {
	for n < len(p) {
		if r.left == 0 {
			return n, io.EOF
		}
		k := copy(p[n:], r.body[r.off:])
		n += k
		if r.off += k; r.off == len(r.body) {
			r.off = 0
			r.left--
		}
	}
	return n, nil
}

// allocated is what f allocates in all, which bounds what it ever holds.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// TestHostile feeds files that are made to take memory. The whole of what is
// allocated while they are read, also what is free again, stays under a limit.
func TestHostile(t *testing.T) {
	const mib = 1 << 20
	kib := strings.Repeat("x", 1024)
	junk := `<testsuites><testsuite name="s"><testcase name="c">`
	done := `</testcase></testsuite></testsuites>`
	tests := []struct {
		name  string
		file  io.Reader
		err   string // empty: one case is counted
		limit uint64
	}{
		{"attribute of 1 GiB", repeat(`<testsuites><testsuite name="`, kib, mib, `"/></testsuites>`), "1:13: tag is longer than 8 MiB", 32 * mib},
		{"attribute's name of 1 GiB", repeat(`<testsuites `, kib, mib, `="1"/>`), "1:13: name is longer than 1024 bytes", mib},
		{"element's name of 1 GiB", repeat(`<`, kib, mib, `/>`), "1:2: name is longer than 1024 bytes", mib},
		{"end tag of 1 GiB", repeat(junk+"</testcase", " ", 1<<30, ">"), "tag is longer than 8 MiB", 32 * mib},
		{"CDATA of 1 GiB", repeat(junk+"<system-out><![CDATA[", kib, mib/slowdown, "]]></system-out>"+done), "", mib},
		{"text of 64 MiB", repeat(junk+"<system-out>", kib, mib/16/slowdown, "</system-out>"+done), "", mib},
		{"entities of 10 MiB", repeat(junk+"<system-out>", "&amp;", 2*mib/slowdown, "</system-out>"+done), "", mib},
		{"comment of 64 MiB", repeat(junk+"<!--", kib, mib/16/slowdown, "-->"+done), "", mib},
		{"DOCTYPE of 20 MiB", repeat("<!DOCTYPE a [", `<!ENTITY a "&a;&a;">`, mib/slowdown, "]>"+junk+done), "", mib},
		{"line of 200 MB", repeat(junk+"<system-out>", "a line without an end ", 200_000_000/22/slowdown, "</system-out>"+done), "", mib},
		{"10,000 deep", repeat("<testsuites>", "<testsuite>", 10_000, ""), "elements nest deeper than 1000", mib},
		{"1,000,000 deep", repeat("<testsuites>", "<testsuite>", 1_000_000, ""), "elements nest deeper than 1000", mib},
		{"many attributes", repeat("<testsuites>\n<testsuite ", `a="1" `, 1, manyAttributes(1000)+"/></testsuites>"), "more than 256 attributes", mib},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			sheet := NewSheet("")
			var err error
			took := allocated(func() { _, err = File(tt.file, "f.xml", "junit", sheet) })
			t.Logf("%.1f MiB allocated, %v", float64(took)/mib, err)
			if took > tt.limit {
				t.Errorf("allocated %d MiB in all, want at most %d", took/mib, tt.limit/mib)
			}
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) {
					t.Fatalf("File = %v, want an error with %q", err, tt.err)
				}
				return
			}
			if got := sheet.fileTests().count[Passed]; err != nil || got != 1 {
				t.Errorf("counted %d cases, %v, want 1", got, err)
			}
		})
	}
}

// TestHostileCobertura is the same for what Cobertura keeps of a file.
func TestHostileCobertura(t *testing.T) {
	const mib = 1 << 20
	source := repeat("<coverage line-rate='1'><sources><source>", strings.Repeat("x", 1024), mib/16/slowdown, "</source></sources></coverage>")
	lines := repeat("<coverage line-rate='1'><packages><package><classes><class filename='a.c'><lines>",
		`<line number="2147483647" hits="1"/>`, 1_000_000/slowdown, "</lines></class></classes></package></packages></coverage>")
	for name, file := range map[string]io.Reader{"source of 64 MiB": source, "last line a million times": lines} {
		var err error
		took := allocated(func() { _, err = File(file, "f.xml", "", NewSheet("")) })
		if err != nil || took > mib {
			t.Errorf("%s: %v, %d KiB allocated, want at most 1 MiB", name, err, took>>10)
		}
	}
}

func manyAttributes(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(" b")
		b.WriteString(strings.Repeat("c", i))
		b.WriteString(`="1"`)
	}
	return b.String()
}

// TestEntities shows that nothing is expanded and nothing is fetched.
func TestEntities(t *testing.T) {
	bomb := `<!ENTITY a "lol">`
	for c := 'b'; c < 'k'; c++ {
		prev := string(c - 1)
		bomb += "<!ENTITY " + string(c) + ` "` + strings.Repeat("&"+prev+";", 10) + `">`
	}
	const notExpanded = "is not predefined: custom entities are not expanded"
	for _, tt := range []struct{ name, subset, use, err string }{
		{"billion laughs", bomb, "&j;", notExpanded},
		{"quadratic blowup", `<!ENTITY a "` + strings.Repeat("x", 100_000) + `">`, strings.Repeat("&a;", 1000), notExpanded},
		{"local file", `<!ENTITY a SYSTEM "file:///etc/passwd">`, "&a;", notExpanded},
		{"network", `<!ENTITY a SYSTEM "http://127.0.0.1:1/">`, "&a;", notExpanded},
		{"parameter entity", `<!ENTITY % a SYSTEM "file:///etc/passwd"> %a;`, "", ""},
		{"predefined again", `<!ENTITY lt "expanded">`, "&lt;", ""},
		{"unused", `<!ENTITY a SYSTEM "file:///etc/passwd">`, "", ""},
		{"no name", "", "&;", `"&" without the name of an entity`},
		{"no end", "", "& b", `"&" without ";"`},
		{"no character", "", "&#0;", "&#0; is no character that XML allows"},
		{"half a pair", "", "&#xD800;", "&#xD800; is no character"},
		{"past Unicode", "", "&#x110000;", "is no character"},
		{"overflow", "", "&#99999999999999999999;", "is no character"},
	} {
		for _, place := range []string{"<testsuites><testsuite name='s'><testcase name='c'>USE</testcase></testsuite></testsuites>",
			"<testsuites><testsuite name='s'><testcase name='USE'/></testsuite></testsuites>"} {
			file := "<!DOCTYPE testsuites [" + tt.subset + "]>" + strings.ReplaceAll(place, "USE", tt.use)
			_, err := File(strings.NewReader(file), "f.xml", "junit", NewSheet(""))
			if tt.err == "" && err != nil {
				t.Errorf("%s in %s: %v", tt.name, place, err)
			}
			if tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err)) {
				t.Errorf("%s in %s: error %v, want %q", tt.name, place, err, tt.err)
			}
		}
	}
}

// TestTruncated cuts each good XML file at each byte: what is left is an error,
// and never a shorter result.
func TestTruncated(t *testing.T) {
	cuts := 0
	for format, files := range inputs(t) {
		for _, file := range files {
			data := bytes.TrimRight(read(t, file), "\n")
			if data[0] != '<' {
				continue
			}
			if _, err := File(bytes.NewReader(data), file, "", NewSheet("")); err != nil {
				continue
			}
			// What follows the root may be cut: the figures are whole.
			end := bytes.LastIndex(data, []byte("</"))
			if end < 0 {
				end = bytes.LastIndex(data, []byte("/>"))
			}
			for n := range end {
				sheet := NewSheet("")
				if _, err := File(bytes.NewReader(data[:n]), file, format, sheet); err == nil {
					t.Fatalf("%s cut at byte %d: %v, want an error", file, n, sheet.Metrics())
				}
				if m := sheet.Metrics(); len(m) > 0 {
					t.Fatalf("%s cut at byte %d leaves %v on the sheet", filepath.Base(file), n, m)
				}
				cuts++
			}
		}
	}
	if cuts < 1000 {
		t.Errorf("only %d cuts were tried", cuts)
	}
}

// TestBrokenReader passes on what reading says, and leaves nothing behind.
func TestBrokenReader(t *testing.T) {
	broken := errors.New("disk is gone")
	sheet := NewSheet("")
	r := io.MultiReader(repeat(`<testsuites><testsuite name="a">`, `<testcase name="b" time="1"/>`, 10_000, ""), &failing{broken})
	if _, err := File(r, "f.xml", "", sheet); !errors.Is(err, broken) {
		t.Errorf("File = %v, want %v", err, broken)
	}
	if m := sheet.Metrics(); len(m) > 0 {
		t.Errorf("sheet has %v after an error", m)
	}
}

type failing struct{ err error }

func (f *failing) Read([]byte) (int, error) { return 0, f.err }
