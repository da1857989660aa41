package parse

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// unrecognised says that no format took a file, what it looks like, what was
// looked for, and which format comes nearest, with the first line that is wrong
// for it.
func unrecognised(name string, head []byte) error {
	guess, mistake := nearest(name, head)
	switch {
	case guess == "":
		return fmt.Errorf("format is not recognised; it is %s. Want %s", looks(head), names())
	case mistake == nil:
		return fmt.Errorf("format is not recognised; it reads like %s, which is said by the flag --format or by FORMAT=GLOB. Want %s", guess, names())
	}
	return &Error{Line: mistake.Line, Column: mistake.Column, Err: fmt.Errorf("format is not recognised; it comes nearest to %s, for which this is wrong: %w. Want %s", guess, mistake.Err, names())}
}

// nearest is the format that gets something out of the head of a file before its
// first mistake, of several the one that gets furthest; or else that of which the
// file's name speaks. Without a mistake it takes all of the head.
func nearest(name string, head []byte) (guess string, mistake *Error) {
	base := strings.ToLower(filepath.Base(name))
	far := 0
	for _, f := range formats {
		s := NewSheet("")
		err := f.Parse(bytes.NewReader(head), s)
		e := new(Error)
		if err != nil && !errors.As(err, &e) {
			e.Err = err
		}
		got := 0
		switch {
		case s.some() && err == nil:
			return f.Name, nil
		case s.some():
			got = 2 + e.Line
		case speaksOf(base, f) && begins(e):
			got = 1
		}
		if got > far {
			far, guess, mistake = got, f.Name, e
		}
	}
	return guess, mistake
}

// begins reports whether a mistake comes after a beginning that was right.
func begins(e *Error) bool {
	return e.Line > 1 && !strings.HasPrefix(e.Err.Error(), "root element is ") || e.Line == 1 && e.Column != 1
}

// some reports whether anything was put on the sheet.
func (s *Sheet) some() bool {
	for _, t := range s.tests {
		for _, n := range t.count {
			if n > 0 {
				return true
			}
		}
	}
	return len(s.custom) > 0 || len(s.benches) > 0 || len(s.cover.files) > 0
}

// speaksOf reports whether a file's name has that of a format.
func speaksOf(base string, f Format) bool {
	for _, n := range append([]string{f.Name}, f.Aliases...) {
		if len(n) > 2 && n != "json" && n != "csv" && strings.Contains(base, n) { // an ending says nothing
			return true
		}
	}
	return false
}

// looks says what a file is at first sight.
func looks(head []byte) string {
	h := Head{Bytes: head}
	if x, ok := h.xml(); ok {
		return fmt.Sprintf("XML whose root element is <%.50s>", x.name)
	}
	o := h.json()
	switch {
	case o.is("", '['):
		return "JSON, an array" + members(o, "[].")
	case o.is("", '{'):
		return "JSON, an object" + members(o, "")
	}
	line, _, _ := bytes.Cut(bytes.TrimSpace(head), newline)
	return fmt.Sprintf("text that begins with %.60q", bytes.TrimSuffix(line, []byte{'\r'}))
}

// members names some members of the objects at a path.
func members(o *jsonOutline, under string) string {
	var keys []string
	for path := range o.kinds {
		key, ok := strings.CutPrefix(path, under)
		if ok && key != "" && !strings.ContainsAny(key, ".[") {
			keys = append(keys, fmt.Sprintf("%.40q", key))
		}
	}
	if len(keys) == 0 {
		return ""
	}
	slices.Sort(keys)
	return " with " + strings.Join(keys[:min(len(keys), 5)], ", ")
}
