package parse

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// Format is one kind of result file. To add one, write a file with its two
// functions and list it with its family in formats.go.
type Format struct {
	// Name is what users type: collect --format NAME.
	Name string
	// Aliases are other names that it is known by.
	Aliases []string
	// Variants are names of this format that also decide what its content cannot,
	// such as which way is better; each has its own Parse.
	Variants map[string]func(r io.Reader, s *Sheet) error
	// From says which tools write it and how they are asked to, for the list of
	// formats in the documentation.
	From string
	// Makes are the metrics that it makes, as CONTRACT spells them, for that list:
	// "bench/NAME.ns_per_op". Of tests and coverage the family says which.
	Makes []string
	// Match reports whether a file is of this format, by its name and its first
	// bytes. Content decides; the name may only break a tie.
	Match func(h *Head) bool
	// Parse reads one file as a stream and puts what it says on the sheet,
	// which must be fresh: on an error half of the file stands on it. It holds
	// neither the file nor a token of unbounded length in memory. The file is
	// UTF-8. An error is an *Error where it has a position.
	Parse func(r io.Reader, s *Sheet) error
}

// Others are the further names of the format, sorted: aliases and variants.
func (f Format) Others() []string {
	names := slices.AppendSeq(slices.Clone(f.Aliases), maps.Keys(f.Variants))
	slices.Sort(names)
	return names
}

// Lookup returns the format that users call name.
func Lookup(name string) (Format, bool) {
	for _, f := range formats {
		if f.Name == name || slices.Contains(f.Aliases, name) {
			return f, true
		}
		if parse, ok := f.Variants[name]; ok {
			f.Name, f.Parse = name, parse
			return f, true
		}
	}
	return Format{}, false
}

// Detect returns the format of a file by its first bytes, of which HeadBytes
// are enough. Name is the file's name, which may be empty.
func Detect(name string, head []byte) (Format, bool) {
	r, err := decode(bufio.NewReaderSize(bytes.NewReader(head), HeadBytes))
	if err != nil {
		return Format{}, false
	}
	decoded, _ := r.Peek(HeadBytes)
	return detect(name, decoded)
}

func detect(name string, head []byte) (Format, bool) {
	h := &Head{Name: name, Bytes: head}
	for _, f := range formats {
		if f.Match(h) {
			return f, true
		}
	}
	return Format{}, false
}

// File reads one file and adds what it says to the sheet, all of it or, on an
// error, nothing. Format is the name of a format; where it is empty, the
// content decides. File returns the name of the format that it used. Name is
// the file's name, for errors.
func File(r io.Reader, name, format string, s *Sheet) (string, error) {
	sheet, used, err := readOne(r, name, format, s)
	if err == nil {
		s.Merge(sheet)
	}
	return used, err
}

// readOne reads one file on a fresh sheet with the settings of s.
func readOne(r io.Reader, name, format string, s *Sheet) (*Sheet, string, error) {
	buffered, err := decode(bufio.NewReaderSize(r, HeadBytes))
	if err != nil {
		return nil, format, locate(err, name)
	}
	head, err := buffered.Peek(HeadBytes)
	if err != nil && err != io.EOF {
		return nil, format, locate(err, name)
	}
	if len(head) == 0 {
		return nil, format, locate(errors.New("file is empty"), name)
	}
	f, err := choose(name, format, head)
	if err != nil {
		return nil, format, locate(err, name)
	}
	sheet := s.fresh()
	sheet.file = name
	if err := f.Parse(buffered, sheet); err != nil {
		return nil, f.Name, locate(err, name)
	}
	return sheet, f.Name, nil
}

// choose finds the format that the user named, or else that of the content.
func choose(name, format string, head []byte) (Format, error) {
	if format != "" {
		if f, ok := Lookup(format); ok {
			return f, nil
		}
		return Format{}, fmt.Errorf("unknown format %q: want %s", format, names())
	}
	if f, ok := detect(name, head); ok {
		return f, nil
	}
	if bytes.IndexByte(head, 0) >= 0 {
		return Format{}, fmt.Errorf("is a binary file: want %s", names())
	}
	if err := refusedHistory(name, head); err != nil {
		return Format{}, err
	}
	return Format{}, unrecognised(name, head)
}

// names lists the formats as a sentence does.
func names() string {
	all := make([]string, 0, len(formats))
	for _, f := range formats {
		all = append(all, f.Name)
	}
	last := len(all) - 1
	return strings.Join(all[:last], ", ") + " or " + all[last]
}
