package config

import (
	"errors"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// decoder walks the tree of one file and notes every problem on the way.
type decoder struct {
	name     string
	now      time.Time
	anchors  map[string]ast.Node
	problems []error
}

// field is one key of a section and what reads its value.
type field struct {
	key  string
	read func(n ast.Node)
}

// section reads a mapping whose keys are known. A null section says nothing.
func (d *decoder) section(n ast.Node, what string, fields []field) {
	n = d.resolve(n)
	m, ok := n.(ast.MapNode)
	if !ok {
		if n != nil && n.Type() != ast.NullType {
			d.fail(n, "%s is %s; want the keys %s", what, kind(n), listKeys(fields))
		}
		return
	}
	seen := map[string]*token.Position{}
	for it := m.MapRange(); it.Next() && !d.full(); {
		d.entry(it.KeyValue(), what, fields, seen)
	}
}

func (d *decoder) entry(kv *ast.MappingValueNode, what string, fields []field, seen map[string]*token.Position) {
	key := kv.Key.GetToken().Value
	if first, twice := seen[key]; twice {
		d.fail(kv.Key, "key %q is given twice, first on line %d; keep one of them", key, first.Line)
		return
	}
	seen[key] = position(kv.Key)
	for _, f := range fields {
		if f.key == key {
			f.read(kv.Value)
			return
		}
	}
	if key == "<<" {
		d.fail(kv.Key, "merge keys are not supported; write the keys out, or name a whole value with an anchor")
		return
	}
	d.fail(kv.Key, "unknown key %q in %s; %s", key, what, suggestKey(key, what, fields))
}

// list reads a sequence, item by item. Null is an empty one.
func (d *decoder) list(n ast.Node, what string, read func(ast.Node)) {
	n = d.resolve(n)
	s, ok := n.(*ast.SequenceNode)
	if !ok {
		if n != nil && n.Type() != ast.NullType {
			d.fail(n, `%s is %s; want a list, each item behind "- "`, what, kind(n))
		}
		return
	}
	for _, item := range s.Values {
		if d.full() {
			return
		}
		read(item)
	}
}

// resolve follows aliases to what they name. It cannot blow up: the tree that
// is read has four levels, whatever the aliases say.
func (d *decoder) resolve(n ast.Node) ast.Node {
	for range maxDepth {
		switch x := n.(type) {
		case *ast.AnchorNode:
			n = x.Value
		case *ast.AliasNode:
			to, ok := d.anchors[x.Value.GetToken().Value]
			if !ok {
				return n
			}
			n = to
		default:
			return n
		}
	}
	return n
}

// written returns a scalar as it was written, quotes aside. A null, a list or
// a mapping is a problem.
func (d *decoder) written(n ast.Node, what, want string) (string, bool) {
	switch x := d.resolve(n).(type) {
	case *ast.StringNode:
		return x.Value, true
	case *ast.LiteralNode:
		return x.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode:
		return x.GetToken().Value, true
	}
	d.wrongKind(n, what, want)
	return "", false
}

// text returns a scalar that is text and not empty.
func (d *decoder) text(n ast.Node, what string) (string, bool) {
	var s string
	switch x := d.resolve(n).(type) {
	case *ast.StringNode:
		s = x.Value
	case *ast.LiteralNode:
		s = x.Value.Value
	default:
		d.wrongKind(n, what, "text, in quotes where YAML takes it for something else")
		return "", false
	}
	if s = strings.TrimSpace(s); s == "" {
		d.fail(n, "%s is empty; want text", what)
		return "", false
	}
	return s, true
}

func (d *decoder) wrongKind(n ast.Node, what, want string) {
	r := d.resolve(n)
	if a, ok := r.(*ast.AliasNode); ok {
		d.fail(n, "%s: nothing is named &%s; a pattern that starts with * needs quotes", what, a.Value.GetToken().Value)
		return
	}
	d.fail(n, "%s is %s; want %s", what, kind(r), want)
}

// value reads a scalar with one of this package's value parsers, whose errors
// are complete but for the place.
func value[T any](d *decoder, n ast.Node, what, want string, parse func(string) (T, error)) (T, bool) {
	var v T
	s, ok := d.written(n, what, want)
	if !ok {
		return v, false
	}
	v, err := parse(s)
	if err != nil {
		d.fail(n, "%s: %v", what, err)
		return v, false
	}
	return v, true
}

// number reads a finite number.
func (d *decoder) number(n ast.Node, what string) (float64, bool) {
	switch x := d.resolve(n).(type) {
	case *ast.IntegerNode, *ast.FloatNode:
		return value(d, x, what, "a number", finite)
	case *ast.StringNode:
		num, unit, err := amount(x.Value)
		if err == nil && unit == "" && x.Token.Type == token.StringType { // the parser takes 1e6 for text
			return value(d, x, what, "a number", finite)
		}
		if err == nil && unit != "" {
			d.fail(n, "%s %q has a unit; want the number alone, in the unit of the metric: %s", what, x.Value, num)
			return 0, false
		}
	}
	d.wrongKind(n, what, "a number, in the unit of the metric")
	return 0, false
}

// count reads a whole number within bounds.
func (d *decoder) count(n ast.Node, what string, low, high int) (int, bool) {
	x, ok := d.resolve(n).(*ast.IntegerNode)
	if !ok {
		d.wrongKind(n, what, "a whole number")
		return 0, false
	}
	v, err := wholeNumber(x.Value)
	if err == nil && (v < low || v > high) {
		err = errors.New("out of range")
	}
	if err != nil {
		d.fail(n, "%s is %s; want a whole number from %d to %d", what, x.GetToken().Value, low, high)
		return 0, false
	}
	return v, true
}

// word reads one of a few words.
func (d *decoder) word(n ast.Node, what string, words ...string) (string, bool) {
	want := listWords(words)
	s, ok := d.written(n, what, want)
	if !ok {
		return "", false
	}
	for _, w := range words {
		if s == w {
			return w, true
		}
	}
	if near := nearest(s, words); near != "" {
		d.fail(n, "unknown %s %q; did you mean %q? want %s", what, s, near, want)
	} else {
		d.fail(n, "unknown %s %q; want %s", what, s, want)
	}
	return "", false
}

// kind names the type of a node as a reader of YAML would.
func kind(n ast.Node) string {
	switch x := n.(type) {
	case ast.MapNode:
		return "a mapping"
	case *ast.SequenceNode:
		return "a list"
	case *ast.NullNode:
		return "empty"
	case *ast.BoolNode:
		return "the truth value " + x.GetToken().Value
	case *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		return "the number " + x.GetToken().Value
	case *ast.StringNode, *ast.LiteralNode:
		return "text"
	case *ast.TagNode:
		return "tagged " + x.GetToken().Value
	}
	return "something else"
}
