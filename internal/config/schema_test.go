package config_test

import (
	"os"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// The published schema and the decoder accept and refuse the same files, but
// for those that no schema can judge.
func TestSchemaAgrees(t *testing.T) {
	t.Parallel()
	schema := loadSchema(t)
	for name, text := range good {
		if err := validate(schema, text); err != nil {
			t.Errorf("%s: the schema refuses a good file: %v", name, err)
		}
	}
	refused := 0
	for _, row := range bad {
		beyond := strings.HasSuffix(row.name, "*")
		err := validate(schema, row.text)
		if err == nil && !beyond {
			t.Errorf("%s: the schema accepts a bad file", row.name)
		}
		if err != nil {
			refused++
		}
	}
	if refused < 30 {
		t.Errorf("the schema refused %d bad files, want 30 or more", refused)
	}
}

func loadSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	f, err := os.Open("../../.github/docs/config.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	doc, err := jsonschema.UnmarshalJSON(f)
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("config.schema.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("config.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func validate(s *jsonschema.Schema, text string) error {
	var v any
	if err := yaml.Unmarshal([]byte(strings.TrimPrefix(text, "\ufeff")), &v); err != nil {
		return err
	}
	return s.Validate(v)
}
