package report

import (
	"bytes"
	"encoding/json"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/collect"
)

func trends() map[string]check.TrendResult {
	before, after := origin(), origin()
	before.Commit, after.Commit = "abc1230000000000", "def4560000000000"
	parse := check.Shift{
		Name: "bench/Parse.ns_per_op", Unit: "ns/op", Better: collect.Lower, Level: check.Fail, Status: check.Regressed, Gates: true,
		Before: before, After: after, BeforeAt: 41, AfterAt: 42, Lasting: 12, From: 340, To: 364.5, DeltaPct: 7.2, Low: 6.1, High: 8.4,
		History: []float64{340, 338, 341, math.NaN(), 340, 365, 364, 364},
	}
	creep, all, fixed, waived := parse, parse, parse, parse
	creep.Name, creep.Creep = "bench/Scan.ns_per_op", true
	all.Name, all.Status, all.Gates, all.Unit = check.RunEffect, check.Suspect, false, "x"
	all.Reason = "all timings of a run together"
	fixed.Name, fixed.Back, fixed.Gates = "bench/Old.ns_per_op", true, false
	waived.Name, waived.Status, waived.Gates, waived.Low, waived.High = "size", check.Waived, false, math.NaN(), math.NaN()
	found := check.TrendResult{
		Verdict: check.Regression, Fails: true, Stored: 260, Runs: 200, Newest: 20, Oldest: before, Last: after, Metrics: 12, Short: 2,
		Shifts: []check.Shift{parse, creep, all, fixed, waived},
	}
	evil := found
	h := parse
	h.Name, h.Reason, h.Before.Commit, h.After.ID, h.After.Commit = attack, attack, attack, attack, ""
	evil.Shifts = []check.Shift{h}
	return map[string]check.TrendResult{
		"trend": found, "trend.hostile": evil,
		"trend.calm":  {Verdict: check.Pass, Stored: 50, Runs: 50, Newest: 20, Metrics: 3},
		"trend.short": {Verdict: check.InconclusiveRun, Notes: []string{"there are no runs yet"}},
	}
}

func TestTrendPages(t *testing.T) {
	t.Parallel()
	for name, r := range trends() {
		golden(t, name+".txt", func(w io.Writer) error { return Trend(w, r, TextOptions{Width: 80}) })
		golden(t, name+".md", func(w io.Writer) error { return TrendMarkdown(w, r) })
		golden(t, name+".json", func(w io.Writer) error { return TrendJSON(w, r) })
	}
}

func TestTrendHarmless(t *testing.T) {
	t.Parallel()
	r := trends()["trend.hostile"]
	var text, md, js bytes.Buffer
	if err := Trend(&text, r, TextOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := TrendMarkdown(&md, r); err != nil {
		t.Fatal(err)
	}
	if err := TrendJSON(&js, r); err != nil || !json.Valid(js.Bytes()) {
		t.Fatalf("TrendJSON: %v, valid %v", err, json.Valid(js.Bytes()))
	}
	for _, s := range []string{text.String(), md.String(), js.String()} {
		if strings.ContainsAny(s, "\x1b\x07") || strings.Contains(s, "##[") || strings.Contains(s, "\n::") {
			t.Errorf("what a metric is called commands a terminal or a runner:\n%q", s)
		}
	}
}

func TestTrendKeepsItsSchema(t *testing.T) {
	t.Parallel()
	s := compile(t, trendSchema)
	for name, r := range trends() {
		doc, err := jsonschema.UnmarshalJSON(strings.NewReader(writtenTrend(t, r)))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := s.Validate(doc); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	refuses(t, trendSchema, writtenTrend(t, trends()["trend"]), [][2]string{
		{`"verdict":"regression"`, `"verdict":"failed"`},
		{`"status":"waived"`, `"status":"new"`},
		{`"kind":"creep"`, `"kind":"slope"`},
		{`"number":41`, `"number":0`},
		{`"lasting_runs":12`, `"lasting_runs":-1`},
		{`"delta_interval_pct":[6.1,8.4]`, `"delta_interval_pct":[6.1]`},
		{`"shifts":[`, `"shifts":[null,`},
	})
}

func writtenTrend(t *testing.T, r check.TrendResult) string {
	t.Helper()
	var b bytes.Buffer
	if err := TrendJSON(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// Older shifts that do not gate are cut, those that gate are all shown.
func TestTrendCut(t *testing.T) {
	t.Parallel()
	r := trends()["trend"]
	for range 30 {
		r.Shifts = append(r.Shifts, r.Shifts[3])
	}
	var short, long bytes.Buffer
	if err := Trend(&short, r, TextOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := Trend(&long, r, TextOptions{All: true}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(short.String(), "and 20 older shifts; --all lists them") || strings.Count(long.String(), "came back") != 31 {
		t.Errorf("the list is not cut to %d:\n%s", shownShifts, short.String())
	}
}
