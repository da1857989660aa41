package artifact

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/plumbline-ci/plumbline/collect"
)

func foreign(id, more string) string {
	return fmt.Sprintf(`{"run_id":%q,"timestamp":"2026-05-30T14:30:45Z","metrics":{"a":1}%s}`+"\n", id, more)
}

func packed(t testing.TB, files ...File) []byte {
	t.Helper()
	data, err := Pack(files)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestForeign(t *testing.T) {
	t.Parallel()
	text := foreign("x", `,"secret":"kept out","gate_passed":true`) + "\n" + foreign("y", `,"rerun_of":"x"`)
	looks, err := Foreign(packed(t, File{RunFile, []byte(text)}, File{HistoryFile, []byte("not looked at")},
		File{VerdictFile, []byte("{")}, File{IndexFile, []byte("{")}))
	if err != nil || len(looks) != 2 || looks[0].Extra != nil || looks[1].RerunOf != "x" {
		t.Errorf("Foreign = %+v, %v, want two runs without extras", looks, err)
	}
}

func TestForeignRefuses(t *testing.T) {
	t.Parallel()
	crowd := make([]string, mostForeignMetrics+1)
	for i := range crowd {
		crowd[i] = fmt.Sprintf(`"m%d":1`, i)
	}
	head := `{"run_id":"x","timestamp":"2026-05-30T14:30:45Z","metrics":`
	for name, text := range map[string]string{
		"no run":             "\n \n",
		"NaN":                head + `{"a":NaN}}`,
		"out of range":       head + `{"a":1e999}}`,
		"no number":          head + `{"a":"1"}}`,
		"torn":               head + `{"a":1`,
		"deep":               strings.TrimSuffix(foreign("x", ""), "}\n") + `,"x":` + strings.Repeat("[", 1e6) + strings.Repeat("]", 1e6) + "}",
		"too many metrics":   head + "{" + strings.Join(crowd, ",") + "}}",
		"a long name":        head + `{"` + strings.Repeat("n", mostForeignName+1) + `":1}}`,
		"a long suite":       foreign("x", `,"name":"`+strings.Repeat("n", mostForeignName+1)+`"`),
		"too many looks":     foreign("x", "") + strings.Repeat(foreign("y", `,"rerun_of":"x"`), mostForeignLooks),
		"a look of another":  foreign("x", "") + foreign("y", `,"rerun_of":"z"`),
		"a bad line after":   foreign("x", "") + "{}\n",
		"the name twice":     head + `{"a":1,"a":2}}`,
		"larger than useful": foreign("x", "") + strings.Repeat(" ", mostForeignBytes),
	} {
		if looks, err := Foreign(packed(t, File{RunFile, []byte(text)})); err == nil {
			t.Errorf("%s: taken, %d runs", name, len(looks))
		}
	}
	if looks, err := Foreign(packed(t, File{HistoryFile, []byte(foreign("x", ""))})); err == nil {
		t.Errorf("a history alone: taken, %d runs", len(looks))
	}
}

// FuzzForeign: whatever a stranger's zip holds, what comes out of it is within
// the bounds.
func FuzzForeign(f *testing.F) {
	for _, text := range []string{foreign("x", ""), foreign("x", "") + foreign("y", `,"rerun_of":"x"`), foreign("x", `,"samples":{"a":[1,2]},"name":"n"`), "{}", ""} {
		f.Add(packed(f, File{RunFile, []byte(text)}))
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		looks, err := Foreign(data)
		if err != nil {
			// What is no zip is taken for a record, so that those are reached too.
			looks, err = Foreign(packed(t, File{RunFile, data}))
		}
		if err != nil {
			return
		}
		if len(looks) == 0 || len(looks) > mostForeignLooks {
			t.Fatalf("%d runs", len(looks))
		}
		for i, r := range looks {
			sound(t, r)
			if i > 0 && r.RerunOf != looks[0].ID {
				t.Errorf("run %d is no look at the first", i)
			}
		}
	})
}

func sound(t *testing.T, r collect.Run) {
	if r.Extra != nil || len(r.Metrics) > mostForeignMetrics || len(r.Name) > mostForeignName {
		t.Errorf("a run out of bounds: %d metrics, name %.20q, extra %v", len(r.Metrics), r.Name, r.Extra)
	}
	for _, m := range r.Metrics {
		if math.IsNaN(m.Value) || math.IsInf(m.Value, 0) {
			t.Errorf("%q is %v", m.Name, m.Value)
		}
	}
}
