package report

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/plumbline-ci/plumbline/check"
)

// The published descriptions of the JSON.
const (
	schema      = "../../.github/docs/verdict.schema.json"
	trendSchema = "../../.github/docs/trend.schema.json"
)

func compile(t *testing.T, file string) *jsonschema.Schema {
	t.Helper()
	f, err := os.Open(filepath.FromSlash(file))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	doc, err := jsonschema.UnmarshalJSON(f)
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("schema", doc); err != nil {
		t.Fatal(err)
	}
	return c.MustCompile("schema")
}

func written(t *testing.T, r check.Result) string {
	t.Helper()
	var b bytes.Buffer
	if err := JSON(&b, NewPage(r, Links{})); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestJSONKeepsItsSchema(t *testing.T) {
	t.Parallel()
	s := compile(t, schema)
	all := results()
	all["large"] = many(300) // validating is slow
	for name, r := range all {
		doc, err := jsonschema.UnmarshalJSON(strings.NewReader(written(t, r)))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := s.Validate(doc); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The schema would be of no use if it took anything.
func TestSchemaRefuses(t *testing.T) {
	t.Parallel()
	refuses(t, schema, written(t, mixed()), [][2]string{
		{`"verdict":"regression"`, `"verdict":"failed"`},
		{`"status":"waived"`, `"status":"ignored"`},
		{`"head":{`, `"extra":1,"head":{`},
		{`"oldest":"2026-03-03T09:00:00Z"`, `"oldest":"yesterday"`},
		{`"q_value":0.003`, `"q_value":"NaN"`},
		{`"interval":null`, `"interval":[1]`},
		{`"waived":1`, `"waived":-1`},
	})
}

// refuses says that a schema takes good, and no change of it.
func refuses(t *testing.T, schema, good string, changes [][2]string) {
	t.Helper()
	s := compile(t, schema)
	takes := func(text string) bool {
		doc, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		return s.Validate(doc) == nil
	}
	if !takes(good) {
		t.Error("the schema refuses what is written")
	}
	for _, change := range changes {
		bad := strings.Replace(good, change[0], change[1], 1)
		if bad == good {
			t.Fatalf("no %s in the JSON", change[0])
		}
		if takes(bad) {
			t.Errorf("the schema takes %s", change[1])
		}
	}
}

// The field names and their order are those that other programs were promised.
func TestJSONFields(t *testing.T) {
	t.Parallel()
	c := compared("m", check.Regressed, "s", 1, 30)
	c.Limit, c.Reason = "5%", "slow"
	got := written(t, result(check.Regression, c))
	want := `"name":"m","status":"regressed","level":"fail","head":1.3,"baseline":1,"unit":"s","better":"lower","delta_pct":30,` +
		`"p_value":0.0004,"q_value":0.003,"interval":[0.93,1.08],"limit":"5%","min_detectable_pct":6.2,"runs":42,"reason":"slow"`
	if !strings.Contains(got, want) {
		t.Errorf("got %s, want in it %s", got, want)
	}
	var doc map[string]json.RawMessage
	if err := json.Unmarshal([]byte(got), &doc); err != nil {
		t.Fatal(err)
	}
	if got, want := string(doc["counts"]), `{"regressed":1,"improved":0,"unchanged":0,"new":0,"missing":0,"inconclusive":0,"waived":0}`; got != want {
		t.Errorf("counts are %s, want %s", got, want)
	}
}

// What is not known is null, and a name arrives as it was.
func TestJSONKeepsNames(t *testing.T) {
	t.Parallel()
	c := bare(attack, check.Inconclusive, "s", math.Inf(1), nan, "")
	c.Low = 3
	out := written(t, result(check.InconclusiveRun, c))
	var doc struct {
		Metrics []struct {
			Name     string
			Head     *float64
			Interval []*float64
		}
	}
	if err := json.Unmarshal([]byte(out), &doc); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	m := doc.Metrics[0]
	if m.Name != attack {
		t.Errorf("name = %q, want %q", m.Name, attack)
	}
	if m.Head != nil || len(m.Interval) != 2 || *m.Interval[0] != 3 || m.Interval[1] != nil {
		t.Errorf("head and interval are not [null, [3, null]]: %s", out)
	}
	if again := written(t, result(check.InconclusiveRun, c)); again != out {
		t.Errorf("written twice it is\n%s\nand\n%s", out, again)
	}
}
