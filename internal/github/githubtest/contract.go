package githubtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// shape says what a JSON object may hold.
type shape map[string]field

// field is one key of a shape. Kind is string, integer, boolean, url, time,
// object, objects or strings.
type field struct {
	kind  string
	must  bool
	solid bool   // may be missing but not blank
	most  int    // characters of a string or items of a list
	bytes bool   // most counts them, and not characters
	words string // the values that are allowed, when not all are
	of    shape
	// long answers a string that is too long, where GitHub's own models and not
	// its schema hold it.
	long func(n int) (message string, errs obj)
}

// checkBody holds a body against the route's shape, and answers what is wrong
// as GitHub words it. An operation without a shape takes no body.
func (c *call) checkBody() bool {
	if c.route.body == nil {
		if len(c.body) > 0 {
			c.f.violate(c.r, "the operation takes no body")
		}
		return true
	}
	if kind := c.r.Header.Get("Content-Type"); !strings.HasPrefix(kind, "application/json") {
		c.f.violate(c.r, "Content-Type %q, want application/json", kind)
	}
	value, err := decode(c.body)
	object, ok := value.(obj)
	if err != nil || !ok {
		message := "Body should be a JSON object"
		if err != nil {
			message = "Problems parsing JSON"
		}
		c.f.violate(c.r, "%s", message)
		c.fail(400, message)
		return false
	}
	if p := c.route.body.check("", object); p != nil {
		c.refuse(p.message, p.errs...)
		return false
	}
	return true
}

// decode reads one JSON value with its numbers as written.
func decode(text []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, fmt.Errorf("more than one value")
	}
	return v, nil
}

// problem is an answer of 422.
type problem struct {
	message string
	errs    []obj
}

func invalid(format string, args ...any) *problem {
	return &problem{message: "Invalid request.\n\n" + fmt.Sprintf(format, args...)}
}

// check finds the first problem of an object, keys in order.
func (s shape) check(at string, o obj) *problem {
	for _, name := range slices.Sorted(maps.Keys(s)) {
		if _, ok := o[name]; s[name].must && !ok {
			return invalid("%q wasn't supplied.", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(o)) {
		known, ok := s[name]
		if !ok {
			return invalid("%q is not a permitted key.", name)
		}
		if p := known.check(at+"properties/"+name, o[name]); p != nil {
			return p
		}
	}
	return nil
}

func (k field) check(at string, v any) *problem {
	switch k.kind {
	case "object":
		o, ok := v.(obj)
		if !ok {
			return k.other(at, v)
		}
		return k.of.check(at+"/", o)
	case "objects", "strings":
		list, ok := v.([]any)
		if !ok {
			return k.other(at, v)
		}
		return k.items(at, list)
	case "integer":
		if n, ok := v.(json.Number); !ok || strings.ContainsAny(n.String(), ".eE") {
			return k.other(at, v)
		}
		return nil
	case "boolean":
		if _, ok := v.(bool); !ok {
			return k.other(at, v)
		}
		return nil
	}
	text, ok := v.(string)
	if !ok {
		return k.other(at, v)
	}
	return k.text(at, text)
}

func (k field) other(at string, v any) *problem {
	text, _ := json.Marshal(v) // it was JSON
	word := map[string]string{"objects": "array", "strings": "array", "url": "string", "time": "string"}[k.kind]
	if word == "" {
		word = k.kind
	}
	return invalid("For '%s', %s is not a %s.", at, strings.ReplaceAll(string(text), "null", "nil"), word)
}

func (k field) items(at string, list []any) *problem {
	if k.most > 0 && len(list) > k.most {
		return invalid("No more than %d items are allowed; %d were supplied.", k.most, len(list))
	}
	one := field{kind: strings.TrimSuffix(k.kind, "s"), of: k.of}
	for i, item := range list {
		if p := one.check(fmt.Sprintf("%s/%d", at, i), item); p != nil {
			return p
		}
	}
	return nil
}

func (k field) text(at, text string) *problem {
	n := utf8.RuneCountInString(text)
	if k.bytes {
		n = len(text)
	}
	switch {
	case (k.must || k.solid) && strings.TrimSpace(text) == "":
		return invalid("For '%s', %q is too short: at least 1 character is needed.", at, text)
	case k.words != "" && !slices.Contains(strings.Fields(k.words), text):
		return invalid("For '%s', %q is not a member of [%s].", at, text, strings.ReplaceAll(k.words, " ", ", "))
	case k.most > 0 && n > k.most && k.long != nil:
		message, errs := k.long(n)
		return &problem{message, []obj{errs}}
	case k.most > 0 && n > k.most:
		return invalid("Only %d characters are allowed; %d were supplied.", k.most, n)
	case k.kind == "url" && !webURL(text):
		return invalid("For '%s', %q is not a valid URL: the scheme must be http or https.", at, text)
	case k.kind == "time" && !isTime(text):
		return invalid("For '%s', %q is not a valid date-time.", at, text)
	}
	return nil
}

func webURL(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}
