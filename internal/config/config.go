package config

import (
	"bytes"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/check"
)

// Config is what a configuration file says. A zero field was not said: whoever
// uses it knows the default.
type Config struct {
	Baseline  Baseline
	Gate      check.Thresholds
	Retention Retention
	Notices   Notices
}

// Baseline says where the baseline runs come from.
type Baseline struct {
	Store  string        // as ParseStore knows it; empty: the place's default
	Branch string        // empty: the default branch
	Commit string        // a sha, its beginning, or a tag: its runs alone count; empty: the newest runs
	Runs   int           // at most so many; 0: the default
	MaxAge time.Duration // 0: the default
	// Runner is how the kind of machine counts; empty: the default
	Runner baseline.RunnerRule
}

// The sizes that a configuration written by people does not reach. They keep
// the YAML parser, whose work grows with the square of either, within a second.
const (
	MaxBytes = 128 << 10
	maxDepth = 16
)

// Parse reads the configuration file of the given name. The clock tells whether
// a waiver has expired. The error joins up to ten *Error, one a line, each with
// the place and with what would be right; the Config is then empty. An empty
// file is a valid configuration that says nothing.
func Parse(name string, data []byte, now time.Time) (Config, error) {
	d := &decoder{name: name, now: now}
	var c Config
	if body := d.parse(data); body != nil {
		d.file(body, &c)
	}
	if err := d.err(); err != nil {
		return Config{}, err
	}
	return c, nil
}

// parse returns the tree of the only document, or nil where the file is empty
// or is no YAML; the problem is then noted.
func (d *decoder) parse(data []byte) ast.Node {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if !d.readable(data) {
		return nil
	}
	tokens, file, err := parseYAML(string(data))
	if p := tooDeep(tokens); p != nil {
		d.problem(p, "more than %d levels of nesting; a configuration has four", maxDepth)
		return nil
	}
	if err != nil {
		d.syntax(err)
		return nil
	}
	if len(file.Docs) > 1 {
		d.problem(secondDocument(tokens), "a second document begins here; want one in a file, remove the line ---")
		return nil
	}
	if len(file.Docs) == 0 {
		return nil
	}
	body := file.Docs[0].Body
	if _, ok := body.(*ast.CommentGroupNode); ok || body == nil {
		return nil
	}
	d.anchors = anchors(body)
	return body
}

// readable checks what the parser would accept or misread: size and encoding.
func (d *decoder) readable(data []byte) bool {
	if len(data) > MaxBytes {
		d.problem(nil, "the file has %d bytes; a configuration has at most %d", len(data), MaxBytes)
		return false
	}
	for i, line := 0, 1; i < len(data); {
		r, n := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && n == 1 || r == 0 {
			column := utf8.RuneCount(data[bytes.LastIndexByte(data[:i], '\n')+1:i]) + 1
			d.problem(&token.Position{Line: line, Column: column}, "byte %#02x is no text; want a file in UTF-8", data[i])
			return false
		}
		if r == '\n' {
			line++
		}
		i += n
	}
	return true
}

// parseYAML runs the YAML parser, which panics on some input that is no YAML.
func parseYAML(s string) (tokens token.Tokens, file *ast.File, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the text is not understood as YAML: %v", r)
		}
	}()
	tokens = lexer.Tokenize(s)
	if tooDeep(tokens) != nil {
		return tokens, nil, nil
	}
	file, err = parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	return tokens, file, err
}

// tooDeep returns where brackets, or the dashes of one line, nest too deep.
func tooDeep(tokens token.Tokens) *token.Position {
	flow, dashes, line := 0, 0, 0
	for _, t := range tokens {
		switch t.Type {
		case token.MappingStartType, token.SequenceStartType:
			flow++
		case token.MappingEndType, token.SequenceEndType:
			flow--
		case token.SequenceEntryType, token.MappingKeyType:
			if t.Position.Line != line {
				dashes, line = 0, t.Position.Line
			}
			dashes++
		}
		if flow > maxDepth || dashes > maxDepth {
			return t.Position
		}
	}
	return nil
}

func secondDocument(tokens token.Tokens) *token.Position {
	content := false
	for _, t := range tokens {
		switch t.Type {
		case token.DocumentHeaderType, token.DocumentEndType:
			if content {
				return t.Position
			}
		case token.CommentType, token.DirectiveType:
		default:
			content = true
		}
	}
	return nil
}

// anchors finds the values that aliases may name.
func anchors(body ast.Node) map[string]ast.Node {
	found := map[string]ast.Node{}
	for _, n := range ast.Filter(ast.AnchorType, body) {
		if a, ok := n.(*ast.AnchorNode); ok && a.Name != nil {
			found[a.Name.GetToken().Value] = a.Value
		}
	}
	return found
}
