package collect

import (
	"io"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

// TestReaderMakesRoomForALongLineOnce reads lines that are longer than what is
// read at a time, of sources that can be read at any place and of others.
func TestReaderMakesRoomForALongLineOnce(t *testing.T) {
	t.Parallel()
	long := func(n int) string { return strings.Repeat("x", n) }
	for _, tt := range []struct {
		name  string
		lines []string
		end   string
	}{
		{"one line", []string{long(5 << 20)}, "\n"},
		{"one line, and no newline", []string{long(5<<20 + 1)}, ""},
		{"ever longer ones", []string{"a", long(longLine), long(longLine + 1), long(3 << 20), "b", long(3<<20 + 100), long(4 << 20)}, "\n"},
		{"ever shorter ones", []string{long(4 << 20), long(3 << 20), long(longLine), "b"}, "\r\n"},
	} {
		text := strings.Join(tt.lines, "\n") + tt.end
		skipped := strings.NewReader("what was read before\n" + text)
		if _, err := skipped.Seek(int64(skipped.Len()-len(text)), io.SeekStart); err != nil {
			t.Fatal(err)
		}
		for i, in := range []io.Reader{
			strings.NewReader(text), skipped, strings.NewReader("\xef\xbb\xbf" + text),
			iotest.HalfReader(strings.NewReader(text)), strings.NewReader(zip(t, text)),
		} {
			anyPlace := i < 3
			r := NewReader(in, "f")
			var got []string
			for line, err := range r.Lines() {
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, string(line.Text))
			}
			if !slices.Equal(got, tt.lines) {
				t.Errorf("%s: read %d lines, want %d, or they differ", tt.name, len(got), len(tt.lines))
			}
			if most := 5<<20 + 5<<20/16 + 16; anyPlace && len(r.Memory()) > most {
				t.Errorf("%s: the memory has %d bytes, want %d at most", tt.name, len(r.Memory()), most)
			}
		}
	}
}

// TestReaderRefusesABomb reads a small file that is one line of blanks beside a run.
func TestReaderRefusesABomb(t *testing.T) {
	t.Parallel()
	a := encode(t, tiny("a"))
	r := NewReader(strings.NewReader(zip(t, strings.Repeat(" ", 3*trustedLine)+"\n"+a)), "f")
	if got, want := told(r), "f: line 1: longer than 300 times what it is compressed to, which no record is\na\n"; got != want {
		t.Errorf("read\n%swant\n%s", got, want)
	}
	if len(r.Memory()) > trustedLine {
		t.Errorf("%d bytes are held behind it, want %d at most", len(r.Memory()), trustedLine)
	}
	r = NewReader(strings.NewReader(strings.Repeat(" ", 2*trustedLine)+a), "f")
	if got, want := told(r), "a\n"; got != want {
		t.Errorf("as long and not compressed: read\n%swant\n%s", got, want)
	}
}

// TestReaderMemoryOfABomb bounds what is allocated in all until a bomb is refused. It
// is not parallel, for what others allocate would count.
func TestReaderMemoryOfABomb(t *testing.T) {
	const most = trustedLine + trustedLine/4
	bomb := zip(t, strings.Repeat(" ", 3*trustedLine))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	got := told(NewReader(strings.NewReader(bomb), "f"))
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; took > most || !strings.Contains(got, "longer than 300 times") {
		t.Errorf("%d MiB allocated, want at most %d; told %s", took>>20, most>>20, got)
	}
}

// TestReaderHoldsLongLines reads, where lines may be left, a long one that cannot be,
// for it is compressed, and one that is too long to be read at all.
func TestReaderHoldsLongLines(t *testing.T) {
	t.Parallel()
	a, b := strings.TrimSuffix(encode(t, tiny("a")), "\n"), encode(t, tiny("b"))
	digits := make([]byte, mostOutlined) // which pack to more than a part in 300
	for i := range digits {
		digits[i] = '0' + byte(rand.IntN(10))
	}
	padded := strings.TrimSuffix(a, "}") + `,"odd":"` + string(digits) + `"}`
	for _, tt := range []struct {
		name, text, want string
		limit            int
	}{
		{"compressed", zip(t, b+padded+"\n"+b), "b\na\nb\n", MaxLine},
		{"too long", b + padded + "\n" + b, "b\nf: line 2: longer than 4194304 bytes\nb\n", 4 << 20},
		{"too long, and torn", b + padded, "b\nf: line 2: longer than 4194304 bytes\n", 4 << 20},
	} {
		r := NewReader(strings.NewReader(tt.text), "f")
		r.limit = tt.limit
		if got := told(r); got != tt.want {
			t.Errorf("%s: read\n%swant\n%s", tt.name, got, tt.want)
		}
		if tt.limit < MaxLine && len(r.Memory()) > longLine {
			t.Errorf("%s: the memory has %d bytes", tt.name, len(r.Memory()))
		}
	}
}

// TestReaderLeavesLongLines reads a line that is too long for memory between others.
func TestReaderLeavesLongLines(t *testing.T) {
	t.Parallel()
	a, b := strings.TrimSuffix(encode(t, tiny("a")), "\n"), strings.TrimSuffix(encode(t, tiny("b")), "\n")
	padded := strings.TrimSuffix(a, "}") + strings.Repeat(" ", mostOutlined) + "}"
	blank := strings.Repeat(" ", mostOutlined+1)
	for _, tt := range []struct{ name, text, want string }{
		{"between others", b + "\r\n" + padded + "\r\n\n" + b + "\n", "b\na\nb\n"},
		{"behind a mark, and torn", "\xef\xbb\xbf" + padded, "a\n"},
		{"bad", "\n" + padded + "}\n" + b + "\n", "f: line 2: byte 33554507: more text behind the object: \"}\"\nb\n"},
		{"bad and torn", b + "\n" + strings.TrimSuffix(padded, "}"),
			"b\nf: line 2 is torn (no newline at its end): the run was not written completely\n"},
		{"blank", blank + "\n" + b + "\n", "b\n"},
	} {
		if got := told(NewReader(strings.NewReader(tt.text), "f")); got != tt.want {
			t.Errorf("%s: read\n%swant\n%s", tt.name, got, tt.want)
		}
		r := NewReader(strings.NewReader(tt.text), "f")
		r.Pieces()
		next := int64(strings.Index(tt.text, "{"))
		for line, err := range r.Lines() {
			if err != nil {
				t.Fatal(err)
			}
			if line.Offset < next || (line.Long == nil) != (line.Size <= mostOutlined) {
				t.Errorf("%s: the line %d at %d, of %d bytes: Long = %v", tt.name, line.Number, line.Offset, line.Size, line.Long)
			}
			next = line.Offset + int64(line.Size)
		}
		if len(r.Memory()) > 2<<20 && tt.name != "blank" {
			t.Errorf("%s: the memory has %d bytes", tt.name, len(r.Memory()))
		}
	}
}
