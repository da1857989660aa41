package dash

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// described is the API's description, ready to hold answers against. The schemas
// of OpenAPI 3.1 are those of JSON Schema.
type described struct {
	doc      map[string]any
	compiler *jsonschema.Compiler
	mu       sync.Mutex
}

func newDescribed(t testing.TB) *described {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(description))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("openapi.json", doc); err != nil {
		t.Fatal(err)
	}
	return &described{doc: doc.(map[string]any), compiler: c}
}

// at finds a part of the description, and where it stands after all references.
func (d *described) at(path ...string) (any, string) {
	var here any = d.doc
	pointer := "#"
	for _, key := range path {
		m, ok := here.(map[string]any)
		if !ok || m[key] == nil {
			return nil, ""
		}
		here = m[key]
		pointer += "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(key)
		if m, ok := here.(map[string]any); ok && m["$ref"] != nil {
			pointer = m["$ref"].(string)
			here, _ = d.at(strings.Split(strings.TrimPrefix(pointer, "#/"), "/")...)
		}
	}
	return here, pointer
}

// schema compiles the schema at a place.
func (d *described) schema(pointer string) (*jsonschema.Schema, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.compiler.Compile("openapi.json" + strings.ReplaceAll(pointer, "{", "%7B"))
}

// template is the described path that a request's path is of; empty: none.
func (d *described) template(path string) string {
	paths, _ := d.at("paths")
	best := ""
	for p := range paths.(map[string]any) {
		want, have := strings.Split(p, "/"), strings.Split(path, "/")
		if len(want) != len(have) {
			continue
		}
		fits := true
		for i := range want {
			fits = fits && (want[i] == have[i] || strings.HasPrefix(want[i], "{"))
		}
		if fits && (best == "" || strings.Contains(best, "{")) {
			best = p
		}
	}
	return best
}

// holds reports how an answer differs from what is described.
func (d *described) holds(r *http.Request, status int, h http.Header, body []byte) error {
	path := d.template(r.URL.Path)
	media, _, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil && status != http.StatusNotModified {
		return fmt.Errorf("content type %q: %w", h.Get("Content-Type"), err)
	}
	method := strings.ToLower(r.Method)
	if method == "head" {
		method = "get"
	}
	pointer := "#/components/schemas/Problem"
	if operation, _ := d.at("paths", path, method); operation != nil {
		response, _ := d.at("paths", path, method, "responses", strconv.Itoa(status))
		if response == nil {
			return fmt.Errorf("status %d is not described", status)
		}
		content, _ := d.at("paths", path, method, "responses", strconv.Itoa(status), "content")
		if content == nil {
			if len(body) > 0 {
				return fmt.Errorf("there is a body of %d bytes, want none", len(body))
			}
			return nil
		}
		var schema any
		schema, pointer = d.at("paths", path, method, "responses", strconv.Itoa(status), "content", media, "schema")
		if schema == nil {
			return fmt.Errorf("media type %q is not described for %d", media, status)
		}
	} else if media != "application/problem+json" || status < 400 {
		return fmt.Errorf("%s %s is not described, so want a problem, have %d as %s", r.Method, r.URL.Path, status, media)
	}
	if r.Method == http.MethodHead || !strings.HasSuffix(media, "json") {
		return nil
	}
	return d.valid(pointer, body)
}

// valid holds JSON against a schema.
func (d *described) valid(pointer string, body []byte) error {
	schema, err := d.schema(pointer)
	if err != nil {
		return err
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("no JSON: %w", err)
	}
	return schema.Validate(value)
}

// Every schema and reference of the description can be followed, and each operation
// has what a reader of it needs.
func TestDescription(t *testing.T) {
	t.Parallel()
	d := newDescribed(t)
	schemas, _ := d.at("components", "schemas")
	for name := range schemas.(map[string]any) {
		if _, err := d.schema("#/components/schemas/" + name); err != nil {
			t.Errorf("schema %s: %v", name, err)
		}
	}
	ids := map[string]bool{}
	paths, _ := d.at("paths")
	for path, item := range paths.(map[string]any) {
		for method := range item.(map[string]any) {
			operation, _ := d.at("paths", path, method)
			o := operation.(map[string]any)
			id, _ := o["operationId"].(string)
			if id == "" || ids[id] || o["summary"] == nil {
				t.Errorf("%s %s has the id %q and the summary %v, want an id of its own and a summary", method, path, id, o["summary"])
			}
			ids[id] = true
			d.complete(t, path, method, o)
		}
	}
	var parsed struct{ OpenAPI string }
	if err := json.Unmarshal(description, &parsed); err != nil || !strings.HasPrefix(parsed.OpenAPI, "3.1.") {
		t.Errorf("the description is of OpenAPI %q, %v; want 3.1", parsed.OpenAPI, err)
	}
}

func (d *described) complete(t *testing.T, path, method string, o map[string]any) {
	placed := []string{}
	parameters, _ := o["parameters"].([]any)
	for _, p := range parameters {
		m := p.(map[string]any)
		if ref, ok := m["$ref"].(string); ok {
			found, _ := d.at(strings.Split(strings.TrimPrefix(ref, "#/"), "/")...)
			if m, ok = found.(map[string]any); !ok {
				t.Errorf("%s %s: there is no %s", method, path, ref)
				continue
			}
		}
		if m["description"] == nil || m["schema"] == nil {
			t.Errorf("%s %s: parameter %v has no description or no schema", method, path, m["name"])
		}
		if m["in"] == "path" {
			placed = append(placed, m["name"].(string))
		}
	}
	for part := range strings.SplitSeq(path, "/") {
		if name, ok := strings.CutPrefix(part, "{"); ok && !slices.Contains(placed, strings.TrimSuffix(name, "}")) {
			t.Errorf("%s %s: %s is no parameter", method, path, part)
		}
	}
	responses, _ := d.at("paths", path, method, "responses")
	for _, status := range slices.Sorted(maps.Keys(responses.(map[string]any))) {
		if r, _ := d.at("paths", path, method, "responses", status); r == nil {
			t.Errorf("%s %s: the answer %s is not there", method, path, status)
		}
	}
}
