package parse

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"testing"
)

// written is a file that is made while it is read: piece writes its n-th piece.
type written struct {
	pieces, next int
	piece        func(w *bytes.Buffer, n int)
	buf          bytes.Buffer
}

func (f *written) Read(p []byte) (int, error) {
	for f.buf.Len() == 0 {
		if f.next == f.pieces {
			return 0, io.EOF
		}
		f.buf.Reset()
		f.piece(&f.buf, f.next)
		f.next++
	}
	return f.buf.Read(p)
}

// wholeFile keeps the file in memory, so that making it is not measured.
func wholeFile(b *testing.B, f *written) []byte {
	b.Helper()
	data, err := io.ReadAll(f)
	if err != nil {
		b.Fatal(err)
	}
	return data
}

const testsOfPackage = 250

// manyEvents is a stream of go test -json: each piece is a package, with five
// events a test.
func manyEvents(packages int) *written {
	return &written{pieces: packages, piece: func(w *bytes.Buffer, n int) {
		const stamp = `{"Time":"2026-11-01T08:00:00.123456789Z","Action":"`
		pkg := fmt.Sprintf("github.com/acme/service/internal/mod%04d", n)
		fmt.Fprintf(w, "%sstart\",\"Package\":%q}\n", stamp, pkg)
		for i := range testsOfPackage {
			test := fmt.Sprintf("TestParserMerge/case_%d", i)
			if i%10 == 0 {
				test = fmt.Sprintf("TestParserMergeWhenParallel%d", i)
			}
			fmt.Fprintf(w, "%srun\",\"Package\":%q,\"Test\":%q}\n", stamp, pkg, test)
			fmt.Fprintf(w, "%soutput\",\"Package\":%q,\"Test\":%q,\"Output\":\"=== RUN   %s\\n\"}\n", stamp, pkg, test, test)
			fmt.Fprintf(w, "%soutput\",\"Package\":%q,\"Test\":%q,\"Output\":\"    parser_test.go:%d: parsed \\\"%d\\\" \\u003cnodes\\u003e\\n\"}\n", stamp, pkg, test, i, i*7)
			fmt.Fprintf(w, "%soutput\",\"Package\":%q,\"Test\":%q,\"Output\":\"--- PASS: %s (0.01s)\\n\"}\n", stamp, pkg, test, test)
			fmt.Fprintf(w, "%spass\",\"Package\":%q,\"Test\":%q,\"Elapsed\":0.01}\n", stamp, pkg, test)
		}
		fmt.Fprintf(w, "%soutput\",\"Package\":%q,\"Output\":\"ok  \\t%s\\t1.5s\\n\"}\n", stamp, pkg, pkg)
		fmt.Fprintf(w, "%spass\",\"Package\":%q,\"Elapsed\":1.5}\n", stamp, pkg)
	}}
}

func scanLines(b *testing.B, data []byte) {
	lines := bufio.NewScanner(bytes.NewReader(data))
	n := 0
	for lines.Scan() {
		n++
	}
	if lines.Err() != nil || n == 0 {
		b.Fatal(lines.Err())
	}
}

// BenchmarkGotest reads about 500,000 events. The floor is a scan of the lines.
func BenchmarkGotest(b *testing.B) {
	const packages = 400
	data := wholeFile(b, manyEvents(packages))
	run := func(name string, f func(b *testing.B)) {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				f(b)
			}
		})
	}
	parse := func(b *testing.B, s *Sheet) {
		if err := parseGotest(bytes.NewReader(data), s); err != nil {
			b.Fatal(err)
		}
		if n := s.fileTests().count[Passed]; n != packages*testsOfPackage {
			b.Fatalf("counted %d tests", n)
		}
	}
	run("scan", func(b *testing.B) { scanLines(b, data) })
	run("totals", func(b *testing.B) { parse(b, &Sheet{TotalsOnly: true}) })
	run("cases", func(b *testing.B) { parse(b, &Sheet{}) })
	run("encoding-json", func(b *testing.B) {
		lines := bufio.NewScanner(bytes.NewReader(data))
		for lines.Scan() {
			var e struct {
				Action, Package, Test string
				Elapsed               *float64
			}
			if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
				b.Fatal(err)
			}
		}
	})
}
