package config

import (
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// Error is one thing wrong with a configuration file.
type Error struct {
	File         string
	Line, Column int    // counted from 1, the column in characters
	Message      string // what is wrong; what would be right
}

// Error returns the place and the message as one line.
func (e *Error) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Message)
}

// maxProblems is where reading stops: past ten errors the first ones are what
// matters, and aliases cannot multiply the work.
const maxProblems = 10

func (d *decoder) full() bool { return len(d.problems) >= maxProblems }

func (d *decoder) err() error { return errors.Join(d.problems...) }

// problem notes an error at a position; nil is the start of the file.
func (d *decoder) problem(p *token.Position, format string, args ...any) {
	if d.full() {
		return
	}
	e := &Error{File: d.name, Line: 1, Column: 1, Message: oneLine(fmt.Sprintf(format, args...))}
	if p != nil {
		e.Line, e.Column = max(p.Line, 1), max(p.Column, 1)
	}
	d.problems = append(d.problems, e)
}

// fail notes an error at a node.
func (d *decoder) fail(n ast.Node, format string, args ...any) {
	d.problem(position(n), format, args...)
}

// position is where the text of a node begins. The token of a block mapping is
// its first colon, which is not where a reader looks for it.
func position(n ast.Node) *token.Position {
	if m, ok := n.(*ast.MappingNode); ok && !m.IsFlowStyle && len(m.Values) > 0 {
		n = m.Values[0].Key
	}
	if n == nil || n.GetToken() == nil {
		return nil
	}
	return n.GetToken().Position
}

// syntax notes an error of the YAML parser, with advice on the usual slips.
func (d *decoder) syntax(err error) {
	var y yaml.Error
	if !errors.As(err, &y) || y.GetToken() == nil {
		d.problem(nil, "%v", err)
		return
	}
	t := y.GetToken()
	d.problem(t.Position, "%s%s", y.GetMessage(), advice(y.GetMessage(), t))
}

func advice(message string, t *token.Token) string {
	switch {
	case strings.Contains(message, "'\t'"):
		return "; indent with spaces, YAML takes no tabs"
	case t.Type == token.AliasType || t.Prev != nil && t.Prev.Type == token.AliasType:
		return `; a pattern that starts with * needs quotes, such as "**"`
	case strings.Contains(message, "mapping value is not allowed"):
		return `; want "key: value" on a line of its own, indented like its neighbours`
	case strings.Contains(message, "end token") || strings.Contains(message, "end character"):
		return "; close what is opened here"
	}
	return "; want YAML"
}

// oneLine keeps the parser's and the user's text from breaking the line.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\r' || r == '\t':
			return ' '
		case r < ' ' || r == 0x7f:
			return -1
		}
		return r
	}, s)
	return s
}
