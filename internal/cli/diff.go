package cli

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/plumbline-ci/plumbline/collect/parse"
)

// readDiff reads from a unified diff which lines of the new side it adds or
// alters, by the name of the file.
func readDiff(r io.Reader) (map[string][]parse.LineRange, error) {
	d := diffReader{b: bufio.NewReaderSize(r, 64<<10), changed: map[string][]parse.LineRange{}}
	return d.changed, d.read()
}

// readPatch adds the lines that the hunks of one file add or alter.
func readPatch(changed map[string][]parse.LineRange, name, patch string) error {
	d := diffReader{b: bufio.NewReader(strings.NewReader(patch)), changed: changed, file: name}
	return d.read()
}

type diffReader struct {
	b       *bufio.Reader
	changed map[string][]parse.LineRange
	file    string // of the hunks that follow; empty: one that is gone
}

func (d *diffReader) read() error {
	for {
		line, err := d.line()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read the diff: %w", err)
		}
		switch {
		case strings.HasPrefix(line, "diff --git "):
			d.file = ""
		case strings.HasPrefix(line, "+++ "):
			d.file = diffName(line[len("+++ "):])
		case strings.HasPrefix(line, "@@ "):
			if err := d.hunk(line); err != nil {
				return fmt.Errorf("read the diff of %q: %w", d.file, err)
			}
		}
	}
}

// line returns the next line, or the beginning of a long one: no header that we
// read is as long.
func (d *diffReader) line() (string, error) {
	line, err := d.b.ReadSlice('\n')
	if err != nil && err != bufio.ErrBufferFull && (err != io.EOF || len(line) == 0) {
		return "", err
	}
	text := string(line)
	for err == bufio.ErrBufferFull {
		_, err = d.b.ReadSlice('\n')
	}
	return strings.TrimRight(text, "\r\n"), nil
}

// hunk reads the lines after @@ -LINE,COUNT +LINE,COUNT @@. It counts them, for
// one of them may look like a header.
func (d *diffReader) hunk(header string) error {
	parts := strings.Fields(header)
	if len(parts) < 4 {
		return fmt.Errorf("%.100q is no hunk: want @@ -LINE,COUNT +LINE,COUNT @@", header)
	}
	_, old, ok := lineCount(parts[1], "-")
	at, left, also := lineCount(parts[2], "+")
	if !ok || !also {
		return fmt.Errorf("%.100q is no hunk: want @@ -LINE,COUNT +LINE,COUNT @@", header)
	}
	for old > 0 || left > 0 {
		line, err := d.line()
		if err == io.EOF {
			return io.ErrUnexpectedEOF
		}
		if err != nil {
			return err
		}
		switch {
		case strings.HasPrefix(line, "+") && left > 0:
			d.add(at)
			at, left = at+1, left-1
		case strings.HasPrefix(line, "-") && old > 0:
			old--
		case strings.HasPrefix(line, `\`): // No newline at end of file
		case old > 0 && left > 0: // the same on both sides; some tools drop the space of an empty one
			at, left, old = at+1, left-1, old-1
		default:
			return fmt.Errorf("%.100q has not as many lines as it says", header)
		}
	}
	return nil
}

// add notes a line of the open file.
func (d *diffReader) add(line uint32) {
	if d.file == "" {
		return
	}
	ranges := d.changed[d.file]
	if n := len(ranges); n > 0 && ranges[n-1].To+1 == line {
		ranges[n-1].To = line
		return
	}
	d.changed[d.file] = append(ranges, parse.LineRange{From: line, To: line})
}

// diffName is the name of a file as a diff has it: behind b/, quoted where it has
// special characters, and with a tab behind it where it has spaces.
func diffName(s string) string {
	s = strings.TrimSuffix(s, "\t")
	if strings.HasPrefix(s, `"`) {
		unquoted, err := strconv.Unquote(s)
		if err != nil {
			return ""
		}
		s = unquoted
	}
	name, ok := strings.CutPrefix(s, "b/")
	if !ok {
		return "" // /dev/null
	}
	return name
}

// lineCount reads LINE,COUNT behind a sign. A count of 1 may be left out.
func lineCount(s, sign string) (from, count uint32, ok bool) {
	s, signed := strings.CutPrefix(s, sign)
	first, second, has := strings.Cut(s, ",")
	if !has {
		second = "1"
	}
	n, err := strconv.ParseUint(first, 10, 31)
	k, err2 := strconv.ParseUint(second, 10, 31)
	return uint32(n), uint32(k), signed && err == nil && err2 == nil
}
