package parse

import (
	"bytes"
	"errors"
	"io"
)

// gobench reads what go test -bench prints, with any text between.
//
// A metric is called bench/PKG.NAME.QUANTITY, or bench/NAME.QUANTITY where no
// line says the package. NAME is the benchmark's without the word Benchmark.
// Quantities are ns_per_op, bytes_per_op (B/op), allocs_per_op and mb_per_s; of
// any other unit the / becomes _per_ and the rest stays as it is: widgets/op is
// widgets_per_op, p99-ns is p99-ns. Repeated lines are samples of one metric.
//
// A name that ends in -N says GOMAXPROCS, unless it was 1. N becomes the tag
// procs. If the same benchmark of one file has several N, as with -cpu 1,2,4, it
// tells its series apart and the names end in [procs=N]. This is settled for
// each benchmark alone, so that names do not change when others come or go. The
// one thing that text cannot tell: a subbenchmark whose own name ends in -100,
// run with GOMAXPROCS=1, looks like 100 processors. It is read as such, unless
// the file also has NAME-100-2. Go never writes -1, a leading zero or, on any
// machine we know of, five digits: these belong to the name.
//
// The line syntax is that of golang.org/x/perf/benchfmt, which the tests compare
// with. Its reader is not used: it ends at a line over 64 KiB, and cannot join a
// result that the benchmark's own output tore from its name.
var gobench = Format{
	Name:  "gobench",
	From:  "go test -bench, with any text between",
	Makes: []string{"bench/PKG.NAME.ns_per_op", "bench/PKG.NAME.bytes_per_op", "bench/PKG.NAME.allocs_per_op", "bench/PKG.NAME.mb_per_s", "bench/PKG.NAME.UNIT"},
	Match: matchGobench, Parse: parseGobench,
}

// matchGobench looks for a result line, or for two lines of the header that go
// test prints before the first benchmark. Markup and JSON may quote such lines.
func matchGobench(h *Head) bool {
	if bytes.IndexByte([]byte("<{["), h.first()) >= 0 {
		return false
	}
	head := h.Bytes
	headers, all := 0, len(head) < HeadBytes
	var p benchLine
	for len(head) > 0 {
		line, rest, whole := bytes.Cut(head, []byte{'\n'})
		head = rest
		line = bytes.TrimSuffix(line, []byte{'\r'})
		if key, value, ok := configLine(line); ok && len(value) > 0 {
			switch string(key) {
			case "goos", "goarch", "pkg":
				headers++
			}
		}
		if headers == 2 || (whole || all) && p.result(line) {
			return true
		}
	}
	return false
}

func parseGobench(r io.Reader, s *Sheet) error {
	var all benchSet
	text := benchText{all: &all}
	lines := newLineReader(r)
	var torn error
	for {
		line, ok := lines.next()
		if !ok {
			break
		}
		switch {
		case lines.torn && text.torn(line):
			torn = &Error{Line: lines.number, Column: len(line) + 1, Err: ErrTorn}
		case !lines.long:
			text.line(line)
		default:
			text.longLine(line, lines)
		}
	}
	failed := text.failed || text.panicked
	nothing := len(all.order) == 0 && !(failed && text.header)
	if failed {
		s.SuiteFailed()
	}
	all.flush(s)
	switch err := lines.failure(); {
	case err != nil:
		return err
	case torn != nil:
		return torn
	case nothing:
		return errors.New(`no benchmark result in it: want the output of "go test -bench"`)
	}
	return nil
}
