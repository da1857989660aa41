package collect

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

func zip(t testing.TB, text string) string {
	t.Helper()
	var b strings.Builder
	w := gzip.NewWriter(&b)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// told says what a reader yields, a line each.
func told(r *Reader) string {
	var b strings.Builder
	for run, err := range r.Runs() {
		if err != nil {
			fmt.Fprintln(&b, err)
			continue
		}
		fmt.Fprintln(&b, run.ID)
	}
	return b.String()
}

func TestReader(t *testing.T) {
	t.Parallel()
	a, b, c := encode(t, tiny("a")), encode(t, tiny("b")), encode(t, tiny("c"))
	torn := "f: line %d is torn (no newline at its end): the run was not written completely\n"
	for _, tt := range []struct{ name, text, want string }{
		{"nothing", "", ""},
		{"blank lines alone", "\n \r\n\t\n", ""},
		{"three runs", a + b + c, "a\nb\nc\n"},
		{"no newline at the end", a + strings.TrimSpace(b), "a\nb\n"},
		{"a torn line", a + b[:20], "a\n" + fmt.Sprintf(torn, 2)},
		{"nothing but a torn line", b[:1], fmt.Sprintf(torn, 1)},
		{"CRLF, a byte order mark and blank lines", "\xef\xbb\xbf" + strings.ReplaceAll(a+"\n"+b, "\n", "\r\n"), "a\nb\n"},
		{"no JSON", a + "hello world\n" + b, "a\nf: line 2: no JSON object: it begins with \"hello\"\nb\n"},
		{"NaN", strings.Replace(a, `"m":1`, `"m":NaN`, 1) + b,
			"f: line 1: metric \"m\": byte 72: value: want a finite number, have \"NaN\"\nb\n"},
		{"no run_id", `{"timestamp":"2025-05-30T14:30:45Z","metrics":{}}` + "\n" + b, "f: line 1: run_id is missing\nb\n"},
		{"two runs in one line", strings.TrimSpace(a) + b, "f: line 1: byte 75: more text behind the object: \"{\\\"run_id\\\":\\\"b\\\"\"\n"},
		{"gzip", zip(t, a+b+c), "a\nb\nc\n"},
		{"several gzip files in one", zip(t, a) + zip(t, b), "a\nb\n"},
		{"truncated gzip", zip(t, a+b)[:60], "read f: line 1: unexpected EOF\n"},
		{"broken gzip", "\x1f\x8bnot really", "read f: gzip: invalid header\n"},
	} {
		for _, in := range []io.Reader{strings.NewReader(tt.text), iotest.OneByteReader(strings.NewReader(tt.text)), iotest.DataErrReader(strings.NewReader(tt.text))} {
			if got := told(NewReader(in, "f")); got != tt.want {
				t.Errorf("%s: read\n%swant\n%s", tt.name, got, tt.want)
			}
		}
	}
}

func TestReaderEndsWithTheStream(t *testing.T) {
	t.Parallel()
	broken := errors.New("connection lost")
	in := io.MultiReader(strings.NewReader(encode(t, tiny("a"))+`{"run_id"`), iotest.ErrReader(broken))
	if got, want := told(NewReader(in, "f")), "a\nread f: line 2: connection lost\n"; got != want {
		t.Errorf("read\n%swant\n%s", got, want)
	}
	for run, err := range NewReader(strings.NewReader(encode(t, tiny("a"))+encode(t, tiny("b"))), "f").Runs() {
		if err != nil || run.ID != "a" {
			t.Errorf("the first run is %q, %v", run.ID, err)
		}
		break // and no panic behind it
	}
}

func TestReaderKnowsWhereLinesAre(t *testing.T) {
	t.Parallel()
	text := "\xef\xbb\xbfone\r\n\n  \ntwo\n" + strings.Repeat("3", 3*blockSize) + "\r\nfour"
	var got []Line
	for line, err := range NewReader(strings.NewReader(text), "f").Lines() {
		if err != nil {
			t.Fatal(err)
		}
		whole := text[line.Offset : line.Offset+int64(line.Size)]
		if strings.TrimRight(whole, "\r\n") != string(line.Text) {
			t.Errorf("line %d is %.20q, and its place has %.20q", line.Number, line.Text, whole)
		}
		line.Text = nil
		got = append(got, line)
	}
	want := []Line{
		{Number: 1, Offset: 3, Size: 5}, {Number: 4, Offset: 12, Size: 4},
		{Number: 5, Offset: 16, Size: 3*blockSize + 2}, {Number: 6, Offset: 3*blockSize + 18, Size: 4, Torn: true},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Lines differs (-want +got):\n%s", diff)
	}
}

// endless yields a line that does not end before it has yielded size bytes.
type endless struct{ size, longest int }

func (e *endless) Read(p []byte) (int, error) {
	e.longest = max(e.longest, len(p))
	if e.size <= 0 {
		return 0, io.EOF
	}
	n := min(len(p), e.size)
	clear(p[:n])
	e.size -= n
	return n, nil
}

func TestReaderBoundsALine(t *testing.T) {
	t.Parallel()
	a, b := encode(t, tiny("a")), encode(t, tiny("b"))
	const limit = 200_000
	for _, size := range []int{limit + 1, limit + blockSize, 100 * limit} {
		endless := &endless{size: size}
		in := io.MultiReader(strings.NewReader(a), endless, strings.NewReader("\n"+b))
		r := NewReader(in, "f")
		r.limit = limit
		if got, want := told(r), "a\nf: line 2: longer than 200000 bytes\nb\n"; got != want {
			t.Errorf("%d bytes without a newline: read\n%swant\n%s", size, got, want)
		}
		if len(r.buf) > 2*limit || endless.longest > 2*limit {
			t.Errorf("%d bytes without a newline: the buffer has %d bytes, and %d were asked for at once", size, len(r.buf), endless.longest)
		}
	}
	r := NewReader(io.MultiReader(strings.NewReader(a), &endless{size: 10 * limit}), "f")
	r.limit = limit
	if got, want := told(r), "a\nf: line 2: longer than 200000 bytes\n"; got != want {
		t.Errorf("no end at all: read\n%swant\n%s", got, want)
	}
	longest := strings.Repeat(" ", limit-len(a)+1) + a
	r = NewReader(strings.NewReader(longest+b), "f")
	r.limit = limit
	if got, want := told(r), "a\nb\n"; got != want {
		t.Errorf("as long as a line may be: read\n%swant\n%s", got, want)
	}
}

func TestReaderTakesTheMemoryOfOneLine(t *testing.T) {
	text := strings.Repeat(strings.Repeat("x", 1000)+"\n", 100_000) // 100 MB
	r := NewReader(strings.NewReader(text), "f")
	n := 0
	for line, err := range r.Lines() {
		if err != nil || len(line.Text) != 1000 {
			t.Fatalf("line %d has %d bytes, %v", line.Number, len(line.Text), err)
		}
		n++
	}
	if n != 100_000 || len(r.buf) != blockSize {
		t.Errorf("read %d lines with a buffer of %d bytes, want 100000 and %d", n, len(r.buf), blockSize)
	}
}

func TestDecodeOriginDoesNotAllocateForMetrics(t *testing.T) {
	allocations := func(metrics int) float64 {
		line := bytes.TrimSpace([]byte(encode(t, manyMetrics(metrics, 0))))
		return testing.AllocsPerRun(10, func() {
			if _, err := DecodeOrigin(line); err != nil {
				t.Fatal(err)
			}
		})
	}
	if few, many := allocations(1), allocations(10_000); many > few {
		t.Errorf("DecodeOrigin allocates %v times for one metric and %v times for 10,000", few, many)
	}
}

func TestRowDoesNotAllocateForKnownMetrics(t *testing.T) {
	var d Decoder
	line := []byte(encode(t, manyMetrics(10_000, 0)))
	if _, _, err := d.Row(line); err != nil {
		t.Fatal(err)
	}
	allocations := testing.AllocsPerRun(10, func() {
		if _, _, err := d.Row(line); err != nil {
			t.Fatal(err)
		}
	})
	if allocations > 20 {
		t.Errorf("Row allocates %v times for a second run of the same metrics, want no more than its origin needs", allocations)
	}
}

// manyMetrics makes a run as a large suite has it: some 110 bytes a metric.
func manyMetrics(n, run int) Run {
	r := Run{Origin: Origin{ID: fmt.Sprintf("run-%d", run), Time: noon, Type: "test", Branch: "main", Commit: "abc", Job: "unit"}}
	r.Metrics = make([]Metric, n)
	for i := range r.Metrics {
		r.Metrics[i] = Metric{
			Name:  fmt.Sprintf("test.case_seconds[case=TestSomethingWithALongName/sub-case-%05d,suite=github.com/owner/project/pkg/%03d]", i, i%100),
			Value: float64((i*7919+run*104729)%100_000) / 1000,
		}
	}
	return r
}
