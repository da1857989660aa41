package parse

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

const oneCase = `<testsuites><testsuite name="größe"><testcase name="naïve €" time="1"/></testsuite></testsuites>`

// TestEncodings reads one file in each encoding that tools write.
func TestEncodings(t *testing.T) {
	plain := strings.ReplaceAll(oneCase, "€", "e") // ISO-8859-1 has none
	for _, tt := range []struct {
		name, declared, file string
		as                   encoding.Encoding
	}{
		{"UTF-8", "", oneCase, nil},
		{"UTF-8 declared", "UTF-8", oneCase, nil},
		{"UTF-8 with mark", "utf-8", oneCase, unicode.UTF8BOM},
		{"UTF-16 little", "", oneCase, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)},
		{"UTF-16 big", "UTF-16", oneCase, unicode.UTF16(unicode.BigEndian, unicode.UseBOM)},
		{"UTF-16 without mark", "UTF-16", oneCase, unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)},
		{"UTF-16 big without mark", "UTF-16", oneCase, unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)},
		{"UTF-16 that is UTF-8", "UTF-16", oneCase, nil},
		{"ISO-8859-1", "ISO-8859-1", plain, charmap.ISO8859_1},
		{"ISO-8859-15", "iso-8859-15", oneCase, charmap.ISO8859_15},
		{"Windows-1252", "windows-1252", oneCase, charmap.Windows1252},
	} {
		t.Run(tt.name, func(t *testing.T) {
			file := tt.file
			if tt.declared != "" {
				file = `<?xml version="1.0" encoding="` + tt.declared + `"?>` + "\n" + file
			}
			if tt.as != nil {
				var err error
				if file, err = tt.as.NewEncoder().String(file); err != nil {
					t.Fatal(err)
				}
			}
			if f, ok := Detect("a.xml", []byte(file)); !ok || f.Name != "junit" {
				t.Errorf("Detect = %q, %v, want junit", f.Name, ok)
			}
			want := "test.case_seconds[case=naïve €,suite=größe] = 1 s"
			if tt.file == plain {
				want = strings.ReplaceAll(want, "€", "e")
			}
			if got := render("a.xml", "", []byte(file)); !strings.Contains(got, want) {
				t.Errorf("metrics:\n%swant %s", got, want)
			}
		})
	}
}

// TestFileErrors says what is wrong with a file as a whole.
func TestFileErrors(t *testing.T) {
	want := names()
	for _, tt := range []struct{ name, format, file, err string }{
		{"empty", "", "", "f: file is empty"},
		{"empty by name", "junit", "", "f: file is empty"},
		{"only a mark", "", "\ufeff", "f: file is empty"},
		{"binary", "", "\x7fELF\x02\x01\x00\x00", "f: is a binary file: want " + want},
		{"prose", "", "hello, world\n", `f: format is not recognised; it is text that begins with "hello, world". Want ` + want},
		{"unknown format", "jnit", "<a/>", `f: unknown format "jnit": want ` + want},
		{"another format", "junit", `<coverage line-rate="1"/>`, "f:1:1: root element is <coverage>: want <testsuites> or <testsuite>"},
		{"another root", "cobertura", `<testsuite/>`, "f:1:1: root element is <testsuite>: want <coverage>"},
		{"encoding", "", `<?xml version="1.0" encoding="EBCDIC-CP-US"?><testsuites/>`,
			`f:1:31: encoding "EBCDIC-CP-US" is not supported: want UTF-8, UTF-16, ISO-8859-1 or windows-1252`},
		{"other coverage", "", `<coverage profile="x"><entry/></coverage>`, "f: format is not recognised; it is XML whose root element is <coverage>. Want " + want},
	} {
		sheet := NewSheet("")
		_, err := File(strings.NewReader(tt.file), "f", tt.format, sheet)
		if got := fmt.Sprint(err); got != tt.err {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.err)
		}
		if m := sheet.Metrics(); len(m) != 0 {
			t.Errorf("%s: metrics %v, want none", tt.name, m)
		}
		var e *Error
		if !errors.As(err, &e) || e.File != "f" {
			t.Errorf("%s: %#v, want an *Error with the file", tt.name, err)
		}
	}
}

// TestFilesAreWholeOrNothing reads a good file, a torn one, and a good one.
func TestFilesAreWholeOrNothing(t *testing.T) {
	sheet := NewSheet("")
	for i, file := range []string{oneCase, oneCase[:len(oneCase)-5], oneCase} {
		_, err := File(strings.NewReader(file), "f", "", sheet)
		if torn := i == 1; (err != nil) != torn {
			t.Errorf("file %d: %v, want an error: %v", i, err, torn)
		}
	}
	if n := sheet.fileTests().count[Passed]; n != 2 {
		t.Errorf("counted %d cases, want 2", n)
	}
}

func TestLookup(t *testing.T) {
	for _, f := range Formats() {
		if got, ok := Lookup(f.Name); !ok || got.Name != f.Name {
			t.Errorf("Lookup(%q) = %q, %v", f.Name, got.Name, ok)
		}
	}
	if f, ok := Lookup("nothing"); ok {
		t.Errorf("Lookup(nothing) = %q, want none", f.Name)
	}
}

// TestReadersThatGiveLittle gives every input byte by byte: the same comes out.
func TestReadersThatGiveLittle(t *testing.T) {
	for format, files := range inputs(t) {
		for _, file := range files {
			data := read(t, file)
			want, got := NewSheet(""), NewSheet("")
			_, wantErr := File(bytes.NewReader(data), file, format, want)
			_, gotErr := File(iotest.OneByteReader(bytes.NewReader(data)), file, format, got)
			if fmt.Sprint(wantErr) != fmt.Sprint(gotErr) || fmt.Sprint(want.Metrics()) != fmt.Sprint(got.Metrics()) {
				t.Errorf("%s byte by byte: %v, %v\nwant %v, %v", file, got.Metrics(), gotErr, want.Metrics(), wantErr)
			}
		}
	}
}

func TestErrorPlaces(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want string
	}{
		{&Error{File: "f", Line: 2, Column: 3, Err: io.ErrNoProgress}, "f:2:3: " + io.ErrNoProgress.Error()},
		{Errorf(2, 0, "bad %q", "x"), `line 2: bad "x"`},
		{&Error{File: "f", Err: errors.New("bad")}, "f: bad"},
		{&Error{Err: errors.New("bad")}, "bad"},
	} {
		if got := tt.err.Error(); got != tt.want {
			t.Errorf("%q, want %q", got, tt.want)
		}
	}
}
