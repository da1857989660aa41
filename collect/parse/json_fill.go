package parse

import (
	"bytes"
	"encoding"
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// jsonFields is what is known of the types that were filled.
type jsonFields map[reflect.Type]*jsonType

// jsonType is what encoding/json has to know of a type.
type jsonType struct {
	custom bool // it reads JSON itself
	known  bool // fields has those of the struct
	fields []jsonField
}

// jsonField is a field by the name that it has in JSON.
type jsonField struct {
	name   string
	index  int
	custom bool
}

func (f jsonFields) of(t reflect.Type) *jsonType {
	known := f[t]
	if known == nil {
		p := reflect.PointerTo(t)
		known = &jsonType{custom: p.Implements(reflect.TypeFor[json.Unmarshaler]()) || p.Implements(reflect.TypeFor[encoding.TextUnmarshaler]())}
		f[t] = known
		if t.Kind() == reflect.Struct {
			known.fields, known.known = f.list(t)
		}
	}
	return known
}

func (f jsonFields) custom(t reflect.Type) bool { return f.of(t).custom }

// list lists the fields of a struct, where no rule is needed to tell them apart.
func (f jsonFields) list(t reflect.Type) (list []jsonField, ok bool) {
	for i := range t.NumField() {
		field := t.Field(i)
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		switch {
		case field.Anonymous || options != "":
			return nil, false
		case !field.IsExported() || name == "-":
			continue
		case name == "":
			name = field.Name
		}
		if slices.ContainsFunc(list, func(other jsonField) bool { return strings.EqualFold(other.name, name) }) {
			return nil, false
		}
		list = append(list, jsonField{name, i, f.custom(field.Type)})
	}
	return list, true
}

// jsonFill fills values that are zero from JSON, as encoding/json does. Where it
// cannot it says jsonWrong: of a value of another kind, a number out of range, or
// what is no JSON.
type jsonFill struct {
	jsonScan
	fields jsonFields
	depth  int
}

// fill is value, which it puts in v, of a type that does not read JSON itself.
func (f *jsonFill) fill(v reflect.Value, at int) int {
	if at >= len(f.b) {
		return jsonShort
	}
	kind, c := v.Kind(), f.b[at]
	switch {
	case kind == reflect.Pointer && c != 'n' && v.Type().Elem().Kind() != reflect.Pointer:
		if f.fields.custom(v.Type().Elem()) {
			break
		}
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		return f.fill(v.Elem(), at)
	case kind == reflect.Struct && c == '{':
		return f.object(v, at)
	case kind == reflect.Slice && c == '[' && v.IsNil():
		return f.array(v, at)
	case kind == reflect.String && c == '"':
		return f.string(v, at)
	case kind == reflect.Float64 && (c == '-' || c >= '0' && c <= '9'):
		return f.float(v, at)
	case kind == reflect.Int && (c == '-' || c >= '0' && c <= '9'):
		return f.int(v, at)
	case kind == reflect.Bool && c == 't':
		v.SetBool(true)
		return f.word(at, "true")
	case kind == reflect.Bool && c == 'f':
		v.SetBool(false)
		return f.word(at, "false")
	}
	return f.other(v, at)
}

// other leaves a value to encoding/json.
func (f *jsonFill) other(v reflect.Value, at int) int {
	end := f.value(at, f.depth)
	if end < 0 {
		return end
	}
	to := v.Addr().Interface()
	if m, ok := to.(*json.RawMessage); ok {
		*m = append((*m)[:0], f.b[at:end]...)
	} else if json.Unmarshal(f.b[at:end], to) != nil {
		return jsonWrong
	}
	return end
}

func (f *jsonFill) object(v reflect.Value, at int) int {
	fields := f.fields.of(v.Type())
	if !fields.known || f.depth == maxJSONDepth {
		return f.other(v, at)
	}
	f.depth++ // and back where it ends well: else none of it counts
	at = f.space(at + 1)
	if at < len(f.b) && f.b[at] == '}' {
		f.depth--
		return at + 1
	}
	for {
		from := at
		if at = f.key(at); at < 0 {
			return at
		}
		field, ok := find(fields.fields, f.b[from:at])
		switch {
		case !ok:
			return jsonWrong
		case field == nil:
			at = f.value(at, f.depth)
		case field.custom:
			at = f.other(v.Field(field.index), at)
		default:
			at = f.fill(v.Field(field.index), at)
		}
		if at < 0 {
			return at
		}
		switch at = f.space(at); {
		case at >= len(f.b):
			return jsonShort
		case f.b[at] == '}':
			f.depth--
			return at + 1
		case f.b[at] != ',':
			return jsonWrong
		}
		at = f.space(at + 1)
	}
}

// find is the field that a key means, with its quotes and what stands behind them,
// or nil. It is not ok of a key that has to be decoded first.
func find(fields []jsonField, key []byte) (field *jsonField, ok bool) {
	key = key[1:]
	for i, c := range key {
		if c == '\\' || c >= utf8.RuneSelf {
			return nil, false
		}
		if c == '"' {
			key = key[:i]
			break
		}
	}
	for i := range fields {
		field := &fields[i]
		if len(field.name) == len(key) && (field.name == string(key) || alike(field.name, key)) {
			return field, true
		}
	}
	return nil, true
}

// alike reports whether a key differs from a name of its length only by upper and
// lower case.
func alike(name string, key []byte) bool {
	const lower = 0x20
	return len(key) > 0 && name[0]|lower == key[0]|lower && strings.EqualFold(name, string(key))
}

func (f *jsonFill) array(v reflect.Value, at int) int {
	if f.depth == maxJSONDepth || f.fields.custom(v.Type().Elem()) {
		return f.other(v, at)
	}
	f.depth++ // and back where it ends well: else none of it counts
	at = f.space(at + 1)
	if at < len(f.b) && f.b[at] == ']' {
		v.Set(reflect.MakeSlice(v.Type(), 0, 0))
		f.depth--
		return at + 1
	}
	for n := 0; ; n++ {
		if n == v.Cap() {
			v.Grow(max(2, n))
		}
		v.SetLen(n + 1)
		if at = f.fill(v.Index(n), at); at < 0 {
			return at
		}
		switch at = f.space(at); {
		case at >= len(f.b):
			return jsonShort
		case f.b[at] == ']':
			f.depth--
			return at + 1
		case f.b[at] != ',':
			return jsonWrong
		}
		at = f.space(at + 1)
	}
}

func (f *jsonFill) string(v reflect.Value, at int) int {
	end := f.text(at)
	if end < 0 {
		return end
	}
	text := f.b[at+1 : end-1]
	if bytes.IndexByte(text, '\\') >= 0 || !utf8.Valid(text) {
		return f.other(v, at)
	}
	v.SetString(string(text))
	return end
}

func (f *jsonFill) float(v reflect.Value, at int) int {
	end := f.number(at)
	if end < 0 {
		return end
	}
	x, ok := parseFloat(f.b[at:end])
	if !ok {
		return jsonWrong
	}
	v.SetFloat(x)
	return end
}

func (f *jsonFill) int(v reflect.Value, at int) int {
	end := f.number(at)
	if end < 0 {
		return end
	}
	x, err := strconv.ParseInt(string(f.b[at:end]), 10, 64)
	if err != nil || v.OverflowInt(x) {
		return jsonWrong
	}
	v.SetInt(x)
	return end
}

// unmarshal is json.Unmarshal, which it leaves to where it does not know better.
func (f jsonFields) unmarshal(text []byte, to any) error {
	v := reflect.ValueOf(to).Elem()
	if v.IsZero() && !f.custom(v.Type()) {
		fill := jsonFill{jsonScan: jsonScan{text, true}, fields: f}
		if end := fill.fill(v, fill.space(0)); end >= 0 && fill.space(end) == len(text) {
			return nil
		}
		v.SetZero()
	}
	return json.Unmarshal(text, to)
}
