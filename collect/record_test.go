package collect

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var noon = time.Date(2025, 5, 30, 14, 30, 45, 123456000, time.UTC)

// fullRun has every field that a run can have.
func fullRun() Run {
	return Run{
		Origin: Origin{
			ID: "550e8400", Time: noon, Type: "build_wheel", Name: "unit <fast> & \"odd\"",
			Commit: "abc123", Branch: "main", Event: "push", Repository: "o/r",
			Workflow: "ci", Job: "unit", Attempt: 2, RerunOf: "440e8400", Gate: Failed, Operation: "build\twheel", Duration: 12.3,
			Runner: Runner{OS: "linux", Arch: "amd64", CPUModel: "AMD EPYC 7763", Cores: 4, Image: "ubuntu-24.04",
				ImageVersion: "20261115.1", MemoryMB: 16770, Kernel: "6.11.0", Environment: "github-hosted", Cloud: "azure", Region: "eastus", Fingerprint: "0123456789ab"},
			Success: Succeeded,
		},
		Metrics: []Metric{
			{Name: "container.build_seconds", Value: 12.3, Unit: "s", Tags: Tags{"stage": "build_wheel", "a": "ü\u2028"}},
			{Name: "coverage.line_pct", Value: 81.25, Better: Higher},
			{Name: "bench/Fib10.ns_per_op", Value: 328.1, Unit: "ns/op", Samples: []float64{325, 331.2}},
			{Name: "test.case_seconds[case=a \"b\" \\ c,suite=\x01ü]", Value: -0.000000125},
			{Name: "zero", Value: 0, Better: None},
			{Name: "big", Value: 1.7976931348623157e308, Better: Lower},
		},
		Extra: map[string]json.RawMessage{"zebra": json.RawMessage(`{"b": [1, 2e3 ],"a":"é"}`), "build": json.RawMessage(`17`)},
	}
}

func encode(t testing.TB, r Run) string {
	t.Helper()
	var b strings.Builder
	if err := Encode(&b, r); err != nil {
		t.Fatalf("Encode(%q): %v", r.ID, err)
	}
	return b.String()
}

func TestEncodeIsTheContract(t *testing.T) {
	t.Parallel()
	got := encode(t, fullRun())
	want := `{"run_id":"550e8400","type":"build_wheel","timestamp":"2025-05-30T14:30:45.123456Z",` +
		`"name":"unit <fast> & \"odd\"","git_commit":"abc123","branch":"main","event":"push","repository":"o/r",` +
		`"workflow":"ci","job":"unit","attempt":2,"rerun_of":"440e8400",` +
		`"runner":{"os":"linux","arch":"amd64","cpu_model":"AMD EPYC 7763","cores":4,"image":"ubuntu-24.04",` +
		`"image_version":"20261115.1","memory_mb":16770,"kernel":"6.11.0","environment":"github-hosted","cloud":"azure",` +
		`"region":"eastus","fingerprint":"0123456789ab"},` +
		`"metrics":{"container.build_seconds":12.3,"coverage.line_pct":81.25,"bench/Fib10.ns_per_op":328.1,` +
		`"test.case_seconds[case=a \"b\" \\ c,suite=\u0001ü]":-1.25e-07,"zero":0,"big":1.7976931348623157e+308},` +
		`"units":{"container.build_seconds":"s","bench/Fib10.ns_per_op":"ns/op"},` +
		`"better":{"coverage.line_pct":"higher","zero":"none","big":"lower"},` +
		`"samples":{"bench/Fib10.ns_per_op":[325,331.2]},` +
		`"tags":{"container.build_seconds":{"a":"ü\u2028","stage":"build_wheel"}},` +
		`"operation":"build\u0009wheel","duration":12.3,"success":true,"gate_passed":false,` +
		`"build":17,"zebra":{"b": [1, 2e3 ],"a":"é"}}` + "\n"
	if got != want {
		t.Errorf("Encode wrote\n%s\nwant\n%s", got, want)
	}
	least := encode(t, Run{Origin: Origin{ID: "a", Time: noon.Truncate(time.Second)}})
	if want := `{"run_id":"a","timestamp":"2025-05-30T14:30:45.000000Z","metrics":{}}` + "\n"; least != want {
		t.Errorf("Encode wrote %s, want %s", least, want)
	}
}

func TestDecodeGivesBackWhatWasEncoded(t *testing.T) {
	t.Parallel()
	for _, want := range []Run{fullRun(), {Origin: Origin{ID: "a", Time: noon, Success: Failed}, Metrics: []Metric{}}} {
		got, err := Decode([]byte(encode(t, want)))
		if err != nil {
			t.Fatalf("Decode: %v", err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("Decode(Encode(r)) differs (-want +got):\n%s", diff)
		}
		origin, err := DecodeOrigin([]byte(encode(t, want)))
		if err != nil || origin != want.Origin {
			t.Errorf("DecodeOrigin = %+v, %v, want %+v", origin, err, want.Origin)
		}
	}
}

type countingWriter struct{ writes int }

func (w *countingWriter) Write(p []byte) (int, error) { w.writes++; return len(p), nil }

func TestEncodeWritesOnce(t *testing.T) {
	t.Parallel()
	var w countingWriter
	if err := Encode(&w, fullRun()); err != nil || w.writes != 1 {
		t.Errorf("Encode wrote %d times, %v, want once", w.writes, err)
	}
}

func TestEncodeRefuses(t *testing.T) {
	t.Parallel()
	metrics := func(m ...Metric) Run { return Run{Origin: Origin{ID: "a", Time: noon}, Metrics: m} }
	for _, tt := range []struct {
		r    Run
		want string
	}{
		{Run{Origin: Origin{Time: noon}}, "it has no ID"},
		{Run{Origin: Origin{ID: "a"}}, "it has no time"},
		{Run{Origin: Origin{ID: "a", Time: noon, Duration: math.Inf(1)}}, "duration: want a finite number, have +Inf"},
		{Run{Origin: Origin{ID: "a", Time: noon.AddDate(9000, 0, 0)}}, "the year 11025 is out of range"},
		{metrics(Metric{Name: "m", Value: math.NaN()}), `metric "m": want a finite number, have NaN`},
		{metrics(Metric{Name: "m", Value: math.Inf(-1)}), `metric "m": want a finite number, have -Inf`},
		{metrics(Metric{Name: "m", Samples: []float64{1, math.NaN()}}), `metric "m": want finite samples, have NaN`},
		{metrics(Metric{Name: "m"}, Metric{Name: "n"}, Metric{Name: "m"}), `metric "m" is there twice`},
		{metrics(Metric{Name: "n"}, Metric{Name: "m"}, Metric{Name: "m"}), `metric "m" is there twice`},
		{metrics(Metric{Name: "n"}, Metric{Name: "m"}, Metric{Name: "n"}), `metric "n" is there twice`},
		{metrics(Metric{Name: "a"}, Metric{Name: "b"}, Metric{Name: "a"}, Metric{Name: "c"}), `metric "a" is there twice`},
		{metrics(Metric{Name: "m\xff"}, Metric{Name: "m\xfe"}), `is there twice`},
		{metrics(Metric{Name: "m\xff"}, Metric{Name: "b"}, Metric{Name: "m\uFFFD"}), `is there twice`},
		{Run{Origin: Origin{ID: "a", Time: noon}, Extra: map[string]json.RawMessage{"metrics": json.RawMessage(`{}`)}}, `extra key "metrics"`},
		{Run{Origin: Origin{ID: "a", Time: noon}, Extra: map[string]json.RawMessage{"x": json.RawMessage("[1,\n2]")}}, `extra key "x"`},
		{Run{Origin: Origin{ID: "a", Time: noon}, Extra: map[string]json.RawMessage{"x": nil}}, `extra key "x"`},
	} {
		var b bytes.Buffer
		err := Encode(&b, tt.r)
		if err == nil || !strings.Contains(err.Error(), tt.want) || b.Len() > 0 {
			t.Errorf("Encode(%v) = %v with %d bytes written, want an error with %q and none", tt.r, err, b.Len(), tt.want)
		}
	}
}

// TestPlain puts each byte at each place of a text.
func TestPlain(t *testing.T) {
	t.Parallel()
	for c := range 256 {
		want := c >= ' ' && c < 0x7f && c != '"' && c != '\\'
		for size := 1; size <= 20; size++ {
			for at := range size {
				for _, other := range []string{" ", "~", "!", "#", "["} {
					text := []byte(strings.Repeat(other, size))
					text[at] = byte(c)
					if got := plain(string(text)); got != want {
						t.Fatalf("plain(%q) = %v, want %v", text, got, want)
					}
				}
			}
		}
	}
}

// withMetrics is a record whose other keys are in order.
func withMetrics(metrics, more string) string {
	return `{"run_id":"a","timestamp":"2025-05-30T14:30:45Z","metrics":` + metrics + more + `}`
}

func TestDecodeRefuses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ line, want string }{
		{``, "no JSON object"},
		{`hello`, `no JSON object: it begins with "hello"`},
		{`[1]`, "no JSON object"},
		{`null`, "no JSON object"},
		{`{}`, "run_id is missing"},
		{`{"run_id":"a","timestamp":"2025-05-30T14:30:45Z"}`, "metrics is missing"},
		{`{"run_id":"a","metrics":{}}`, "timestamp is missing"},
		{`{"timestamp":"2025-05-30T14:30:45Z","metrics":{}}`, "run_id is missing"},
		{`{"run_id":"","timestamp":"2025-05-30T14:30:45Z","metrics":{}}`, "run_id is missing"},
		{`{"run_id":7,"timestamp":"2025-05-30T14:30:45Z","metrics":{}}`, `run_id: want a string, have "7"`},
		{`{"run_id":"a","timestamp":"2025-05-30 14:30","metrics":{}}`, `timestamp: want a time with its zone such as 2025-05-30T14:30:45.123456Z, have "2025-05-30 14:30"`},
		{`{"run_id":"a","timestamp":"2025-05-30T14:30:45","metrics":{}}`, "want a time with its zone"},
		{`{"run_id":"a","timestamp":1748615445,"metrics":{}}`, "timestamp: want a string"},
		{withMetrics(`null`, ``), `metrics: want an object, have "null"`},
		{withMetrics(`[]`, ``), `metrics: want an object`},
		{withMetrics(`{"m":NaN}`, ``), `metric "m": byte 65: value: want a finite number, have "NaN"`},
		{withMetrics(`{"m":Infinity}`, ``), `have "Infinity"`},
		{withMetrics(`{"m":-Infinity}`, ``), `want a number, have "-Infinity"`},
		{withMetrics(`{"k":1,"m":1e999}`, ``), `metric "m": byte 71: value: want a finite number, 1e999 is out of range`},
		{withMetrics(`{"m":"1.5"}`, ``), `metric "m"`},
		{withMetrics(`{"m":null}`, ``), `metric "m"`},
		{withMetrics(`{"m":true}`, ``), `metric "m"`},
		{withMetrics(`{"m":{"v":1}}`, ``), `metric "m"`},
		{withMetrics(`{"m":01}`, ``), `metric "m"`},
		{withMetrics(`{"m":1.}`, ``), `metric "m"`},
		{withMetrics(`{"m":.5}`, ``), `metric "m"`},
		{withMetrics(`{"m":+1}`, ``), `metric "m"`},
		{withMetrics(`{"m":1e}`, ``), `metric "m"`},
		{withMetrics(`{"m":0x10}`, ``), `want ',' or '}'`},
		{withMetrics(`{"m":1,}`, ``), `want '"'`},
		{withMetrics(`{"m" 1}`, ``), `want ':'`},
		{withMetrics(`{"m\q":1}`, ``), `unknown escape`},
		{withMetrics(`{"m`+"\x01"+`":1}`, ``), `control character`},
		{withMetrics(`{"m":1,"n":2,"m":1}`, ``), `metric "m" is there twice`},
		{withMetrics(`{"m":1,"\u006d":1}`, ``), `metric "m" is there twice`},
		{withMetrics(`{"n":1,"m":1,"m":1}`, ``), `metric "m" is there twice`},
		{withMetrics(`{"m":1,"m":1,"n":}`, ``), `byte 72: metric "m" is there twice`},
		{withMetrics(`{"m":1}`, `,"samples":{"m":5},"job":7`), `job: want a string`},
		{withMetrics(`{"m":1}`, `,"samples":{"m":[1,2}}`), `byte 87: want ',' or ']'`},
		{withMetrics(`{}`, `,"metrics":{}`), `the key "metrics" is there twice`},
		{withMetrics(`{}`, `,"odd":1,"odd":1`), `the key "odd" is there twice`},
		{withMetrics(`{}`, `,"samples":{"m":[1],"m":[]}`), `samples of metric "m": byte 16: they are there twice`},
		{withMetrics(`{"m":1}`, `,"samples":{"m":null,"m":[2]}`), `samples of metric "m": byte`},
		{withMetrics(`{}`, `,"samples":{"m":null,"m":[2]}`), `they are there twice`},
		{withMetrics(`{}`, `,"units":{},"units":{}`), `the key "units" is there twice`},
		{withMetrics(`{}`, `} {`), `more text behind the object`},
		{withMetrics(`{}`, `,"job":7`), `job: want a string`},
		{withMetrics(`{}`, `,"attempt":1.5`), `attempt: want a whole number, have "1.5"`},
		{withMetrics(`{}`, `,"attempt":"1"`), `attempt: want a finite number`},
		{withMetrics(`{}`, `,"duration":1e400`), `duration: want a finite number`},
		{withMetrics(`{}`, `,"success":1`), `success: want true or false`},
		{withMetrics(`{}`, `,"success":fals`), `want a value`},
		{withMetrics(`{}`, `,"runner":"big"`), `runner: want an object`},
		{withMetrics(`{}`, `,"runner":{"cores":"4"}`), `runner.cores: want a finite number`},
		{withMetrics(`{"m":1}`, `,"units":{"m":3}`), `units of metric "m": byte 6: unit: want a string`},
		{withMetrics(`{"m":1}`, `,"better":{"m":"up"}`), `unknown direction "up"; want lower, higher or none`},
		{withMetrics(`{"m":1}`, `,"samples":{"m":5}`), `samples of metric "m": byte 6: samples: want an array of numbers, have "5"`},
		{withMetrics(`{"m":1}`, `,"samples":{"m":[1,null]}`), `samples of metric "m"`},
		{withMetrics(`{"m":1}`, `,"samples":{"m":[1,1e999]}`), `samples of metric "m"`},
		{withMetrics(`{"m":1}`, `,"tags":{"m":"x"}`), `tags of metric "m"`},
		{withMetrics(`{"m":1}`, `,"tags":{"m":{"k":[]}}`), `tags of metric "m"`},
		{withMetrics(`{"m":1}`, `,"x":`+strings.Repeat("[", 10001)+strings.Repeat("]", 10001)), `nested deeper than 10000 levels`},
		{`{"run_id":"a","timestamp":"2025-05-30T14:30:45Z","metrics":{"m":1`, `have the end`},
		{`{"run_id":"a`, `does not end`},
	} {
		_, err := Decode([]byte(tt.line))
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("Decode(%.120s) = %v, want an error with %q", tt.line, err, tt.want)
		}
	}
}

func TestDecodeAccepts(t *testing.T) {
	t.Parallel()
	offset := `{"run_id":"a","timestamp":"2025-05-30T16:30:45.123456+02:00","metrics":{}}`
	if r, err := Decode([]byte(offset)); err != nil || !r.Time.Equal(noon) {
		t.Errorf("Decode(%s).Time = %v, %v, want %v", offset, r.Time, err, noon)
	}
	for _, tt := range []struct {
		name, line string
		want       Metric
	}{
		{"median of the samples", withMetrics(`{}`, `,"samples":{"m":[3,1,2]}`), Metric{Name: "m", Value: 2, Samples: []float64{3, 1, 2}}},
		{"samples come first", `{"samples":{"m":[4,2]},"run_id":"a","metrics":{},"timestamp":"2025-05-30T14:30:45Z"}`,
			Metric{Name: "m", Value: 3, Samples: []float64{4, 2}}},
		{"a value of its own", withMetrics(`{"m":7}`, `,"samples":{"m":[3,1,2]}`), Metric{Name: "m", Value: 7, Samples: []float64{3, 1, 2}}},
		{"no samples", withMetrics(`{"m":7}`, `,"samples":{"m":[]}`), Metric{Name: "m", Value: 7}},
		{"nulls", withMetrics(`{"m":7}`, `,"units":null,"tags":{"m":null},"better":{"m":null},"branch":null,"attempt":null,"runner":null`),
			Metric{Name: "m", Value: 7}},
		{"tags that are no strings", withMetrics(`{"m":7}`, `,"tags":{"m":{"n":4,"b":true,"z":null}}`),
			Metric{Name: "m", Value: 7, Tags: Tags{"n": "4", "b": "true"}}},
		{"a direction of another tool", withMetrics(`{"m":7}`, `,"tags":{"m":{"better":"larger"}}`),
			Metric{Name: "m", Value: 7, Tags: Tags{"better": "larger"}}},
		{"descriptions of nothing", withMetrics(`{"m":7}`, `,"units":{"n":"s"},"tags":{"n":{"a":"b"}}`), Metric{Name: "m", Value: 7}},
		{"escapes", withMetrics(`{"\u00e9\ud83d\ude00\n\"\/":7}`, `,"units":{"é😀\n\"/":"s"}`), Metric{Name: "é😀\n\"/", Value: 7, Unit: "s"}},
		{"half a surrogate pair", withMetrics(`{"\ud83d":7}`, ``), Metric{Name: "\uFFFD", Value: 7}},
		{"not UTF-8", withMetrics("{\"\xff\":7}", ``), Metric{Name: "\uFFFD", Value: 7}},
		{"white space", " {\t\"run_id\" : \"a\" ,\r\"timestamp\":\"2025-05-30T14:30:45Z\", \"metrics\" : { \"m\" : -7e0 } } \r\n", Metric{Name: "m", Value: -7}},
	} {
		r, err := Decode([]byte(tt.line))
		if err != nil {
			t.Errorf("%s: Decode: %v", tt.name, err)
			continue
		}
		if diff := cmp.Diff([]Metric{tt.want}, r.Metrics); diff != "" {
			t.Errorf("%s: metrics differ (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestNumbersAreRoundedAsStrconvDoes(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"0", "-0", "0.0", "1", "12.3", "0.1", "0.3", "123456789012345678", "9007199254740993", "9007199254740991",
		"0.1234567890123456", "1.7976931348623157e308", "5e-324", "1e-400", "1e22", "1e23", "2.2250738585072011e-308",
		"0.000000000000000000000000000001", "18446744073709551616", "184467440737095516160000001", "4.35", "0.000001", "1E5", "1e+05",
	} {
		r, err := Decode([]byte(withMetrics(`{"m":`+text+`}`, ``)))
		if err != nil {
			t.Errorf("Decode of %s: %v", text, err)
			continue
		}
		var want float64
		if err := json.Unmarshal([]byte(text), &want); err != nil {
			t.Fatal(err)
		}
		if got := r.Metrics[0].Value; math.Float64bits(got) != math.Float64bits(want) {
			t.Errorf("%s is read as %v, want %v", text, got, want)
		}
	}
}

func TestUnknownKeysAreKept(t *testing.T) {
	t.Parallel()
	line := withMetrics(`{}`, `,"runner":{"os":"linux","gpu":{ "n":1 }},"Branch":"x","ci\u005fid": [ 1,2 ,"\u00e9"],"metric":null`)
	r, err := Decode([]byte(line))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]json.RawMessage{
		"runner": json.RawMessage(`{"os":"linux","gpu":{ "n":1 }}`), "Branch": json.RawMessage(`"x"`),
		"ci_id": json.RawMessage(`[ 1,2 ,"\u00e9"]`), "metric": json.RawMessage(`null`),
	}
	if diff := cmp.Diff(want, r.Extra); diff != "" {
		t.Errorf("Extra differs (-want +got):\n%s", diff)
	}
	if r.Runner.OS != "linux" || r.Branch != "" {
		t.Errorf("runner %+v and branch %q, want linux and none", r.Runner, r.Branch)
	}
	again, err := Decode([]byte(encode(t, r)))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(r, again); diff != "" {
		t.Errorf("a copy differs (-want +got):\n%s", diff)
	}
}

func TestRowsOfDifferentRuns(t *testing.T) {
	t.Parallel()
	var d Decoder
	d.Intern("head")
	lines := []string{
		withMetrics(`{"a":1,"b":2,"c":3}`, ``), withMetrics(`{"b":4,"c":5}`, ``), withMetrics(`{"c":6,"new\n":7,"a":8,"head":9}`, ``),
		withMetrics(`{"new\u000a":10,"b":11}`, `,"samples":{"late":[1,3],"b":[100]}`), withMetrics(`{"a":12,"b":NaN}`, ``), withMetrics(`{}`, ``),
	}
	nan := math.NaN()
	want := [][]float64{
		{nan, 1, 2, 3}, {nan, nan, 4, 5}, {9, 8, nan, 6, 7}, {nan, nan, 11, nan, 10, 2}, nil, {nan, nan, nan, nan, nan, nan},
	}
	for i, line := range lines {
		got, _, err := d.Row([]byte(line))
		if (err != nil) != (want[i] == nil) {
			t.Errorf("Row(%s): %v", line, err)
		}
		if fmt.Sprint(got) != fmt.Sprint(want[i]) {
			t.Errorf("Row(%s) = %v, want %v", line, got, want[i])
		}
	}
	if want := []string{"head", "a", "b", "c", "new\n", "late"}; !cmp.Equal(d.Names(), want) {
		t.Errorf("Names() = %q, want %q", d.Names(), want)
	}
}

// The parts of a row are found by position where they have its order, and by name
// where they have not; a name that was given in advance is no text of a record.
func TestDescribeRows(t *testing.T) {
	t.Parallel()
	var d Decoder
	d.Intern(`a\u0062`)
	d.Intern(`quo"te`)
	lines := []string{
		withMetrics(`{"ab":1,"quo\"te":2,"c":3}`,
			`,"units":{"c":"s","gone":"B","quo\"te":"ms"},"better":{"ab":"lower","c":"higher"},"tags":{"ab":{"k":"v"},"c":{"k":"v"},"quo\"te":{"k":1}}`),
		withMetrics(`{"c":4,"a\\u0062":5}`, `,"units":{"a\\u0062":"s","c":null},"better":{"ab":"higher"},"samples":{"c":[3,4,5]}`),
	}
	tags := Tags{"k": "v"}
	want := [][]Metric{
		{{}, {Unit: "ms", Tags: Tags{"k": "1"}}, {Better: Lower, Tags: tags}, {}},
		{{Unit: "s"}, {}, {}, {}},
	}
	for i, line := range lines {
		row, _, err := d.Row([]byte(line))
		if err != nil {
			t.Fatal(err)
		}
		got := make([]Metric, len(row))
		refused := slices.Index(d.Names(), "c")
		if err := d.Describe(got, func(i int) bool { return i != refused && row[i] == row[i] }); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want[i], got); diff != "" {
			t.Errorf("Describe of %s (-want +got):\n%s", line, diff)
		}
	}
	if want := []string{`a\u0062`, `quo"te`, "ab", "c"}; !cmp.Equal(d.Names(), want) {
		t.Errorf("Names() = %q, want %q", d.Names(), want)
	}
	for _, bad := range []string{`"units":{"c":1}`, `"better":{"c":"up"}`, `"tags":{"x":{"k":[]}}`} {
		row, _, err := d.Row([]byte(withMetrics(`{"c":4}`, ","+bad)))
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Describe(make([]Metric, len(row)), func(int) bool { return false }); err == nil {
			t.Errorf("%s was taken", bad)
		}
	}
}

func TestDecodeExtent(t *testing.T) {
	t.Parallel()
	head := `{"run_id":"r","timestamp":"2026-05-30T14:30:45Z","metrics":`
	metrics, longest, err := DecodeExtent([]byte(head + `{"a":1,"longer":2.5,"é":3}}`))
	if metrics != 3 || longest != len("longer") || err != nil {
		t.Errorf("DecodeExtent = %d, %d, %v, want 3, 6", metrics, longest, err)
	}
	for _, bad := range []string{head + `{"a":NaN}}`, head + `{"a":"1"}}`, head + `{"a":1`, `{}`, ``} {
		if _, _, err := DecodeExtent([]byte(bad)); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}
