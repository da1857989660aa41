package parse

import (
	"errors"
	"fmt"
	"strings"
)

// Error is a mistake in a result file, with its place. File fills in the name.
type Error struct {
	File string
	// Line and Column count from 1, Column in bytes. Zero means that the place
	// is not known, or that the whole of it is meant.
	Line, Column int
	// Err says what is wrong.
	Err error
}

// Errorf makes an Error at a place. Parsers leave the file's name to File.
func Errorf(line, column int, format string, args ...any) *Error {
	return &Error{Line: line, Column: column, Err: fmt.Errorf(format, args...)}
}

// Error writes the place as compilers do: name:line:column: what is wrong.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.File)
	if e.Line > 0 {
		if e.File == "" {
			b.WriteString("line ")
		} else {
			b.WriteByte(':')
		}
		fmt.Fprint(&b, e.Line)
		if e.Column > 0 {
			fmt.Fprintf(&b, ":%d", e.Column)
		}
	}
	if b.Len() > 0 {
		b.WriteString(": ")
	}
	b.WriteString(e.Err.Error())
	return b.String()
}

// Unwrap returns what is wrong, without the place.
func (e *Error) Unwrap() error { return e.Err }

// locate gives err the file's name.
func locate(err error, name string) error {
	var e *Error
	if errors.As(err, &e) {
		placed := *e
		placed.File = name
		return &placed
	}
	return &Error{File: name, Err: err}
}
