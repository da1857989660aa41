package config

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"
)

// TestSample: the sample says nothing, what stands in its comments is sound, and
// every key that there is stands there.
func TestSample(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	if c, err := Parse("sample", []byte(Sample()), now); err != nil || c.Baseline != (Baseline{}) || len(c.Gate.Rules) > 0 {
		t.Errorf("the sample reads as %+v, %v, want nothing", c, err)
	}
	var all strings.Builder
	for line := range strings.Lines(Sample()) {
		if body, ok := strings.CutPrefix(line, "#"); ok && (strings.HasPrefix(body, "  ") || !strings.HasPrefix(body, " ")) {
			all.WriteString(body)
		}
	}
	c, err := Parse("sample", []byte(all.String()), now)
	if err != nil || len(c.Gate.Rules) != 3 || len(c.Gate.Waivers) != 1 || len(c.Gate.Accepted) != 1 || c.Baseline.Runs != 50 ||
		c.Retention.Keep.Last != 50 || c.Retention.Keep.Yearly.Periods != 10 || len(c.Retention.Tags) != 1 ||
		c.Notices.Issue == nil || len(c.Notices.To) != 5 || len(c.Notices.Quiet.Days) != 2 {
		t.Errorf("without its comments the sample reads as %+v, %v", c, err)
	}
	for _, key := range schemaKeys(t) {
		if !strings.Contains(all.String(), key+":") {
			t.Errorf("the sample does not show %s", key)
		}
	}
}

// schemaKeys are the names of all properties in the published schema.
func schemaKeys(t *testing.T) []string {
	data, err := os.ReadFile("../../.github/docs/config.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var schema any
	if err := json.Unmarshal(data, &schema); err != nil {
		t.Fatal(err)
	}
	var names []string
	var visit func(v any)
	visit = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			if p, ok := v["properties"].(map[string]any); ok {
				for name := range p {
					names = append(names, name)
				}
			}
			for _, inner := range v {
				visit(inner)
			}
		case []any:
			for _, inner := range v {
				visit(inner)
			}
		}
	}
	visit(schema)
	if len(names) < 15 {
		t.Fatalf("the schema has the keys %q, want more", names)
	}
	return names
}
