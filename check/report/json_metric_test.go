package report

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/plumbline-ci/plumbline/check"
)

// FuzzMetric writes a metric by hand and by encoding/json, which must be the same.
func FuzzMetric(f *testing.F) {
	f.Add("build.seconds", "5%", "outside of what passes for noise", 12.3, -0.5, uint8(0))
	f.Add(`a "b" \ <c> & ##[group]`, "max 50", "\u202e\u2028\x7f\x1b[31m\xff é 🙂 \U000e0001", 1e21, 1e-7, uint8(1))
	f.Add("", "", "\t\r\n", math.MaxFloat64, math.SmallestNonzeroFloat64, uint8(2))
	f.Add("zero", "0", "0", math.Copysign(0, -1), 1e-6, uint8(3))
	f.Add("inf", "-", "-", math.Inf(-1), math.NaN(), uint8(4))
	f.Add("large", "-", "-", 999999999999999868928.0, -1.5e300, uint8(7))
	var e metricEncoder // its memory is used again
	f.Fuzz(func(t *testing.T, name, limit, reason string, x, y float64, more uint8) {
		c := check.Comparison{
			Name: name, Limit: limit, Reason: reason, Status: check.Regressed, Level: check.Fail, Unit: "ns",
			Head: x, Baseline: y, DeltaPct: x - y, P: y, Q: x, Low: math.NaN(), High: math.NaN(), MinDetectablePct: y * x, Runs: int(more) - 4,
		}
		if more&1 > 0 {
			c.Low, c.High = y, x
		}
		if more&2 > 0 {
			c.Confirmation, c.NormalisedBy = check.Confirmation(reason), limit
		}
		if more&4 > 0 {
			c.Samples = &check.Samples{Head: 3, Baseline: int(more), HeadPct: x, BaselinePct: y, RunsPct: x - y, BetweenPct: y * x, Widened: x * x}
		}
		m := newMetric(&c)
		want := string(encode(m))
		if got := string(e.encode(&m)); got != want {
			t.Errorf("metric\n got %s\nwant %s", got, want)
		}
		if !json.Valid([]byte(want)) {
			t.Errorf("no JSON: %s", want)
		}
	})
}

// TestSections finds each metric in the section of its status, in its order,
// whether or not those of one status stand in a row.
func TestSections(t *testing.T) {
	t.Parallel()
	statuses := []check.Status{check.Regressed, check.New, check.Unchanged, check.New, check.Unchanged, check.Unchanged, check.Missing}
	var r check.Result
	for i, s := range statuses {
		r.Metrics = append(r.Metrics, check.Comparison{Name: string(rune('a' + i)), Status: s, Level: check.Fail})
	}
	r.Metrics[5].Level = check.Off
	want := map[check.Status]string{check.Regressed: "a", check.New: "bd", check.Unchanged: "ce", check.Missing: "g", unjudged: "f"}
	page := NewPage(r, Links{})
	for _, s := range page.Sections {
		names := ""
		for _, c := range s.Metrics {
			names += c.Name
		}
		if names != want[s.Status] || s.Total != len(names) || cap(s.Metrics) != len(names) {
			t.Errorf("section %s has %q of %d, room for %d, want %q", s.Status, names, s.Total, cap(s.Metrics), want[s.Status])
		}
	}
	if len(page.Sections) != len(want) {
		t.Errorf("%d sections, want %d", len(page.Sections), len(want))
	}
}

// A text is plain where the encoder of all that is not writes it as it stands, or
// would but for a mark that a runner obeys only behind another.
func TestPlainJSON(t *testing.T) {
	t.Parallel()
	for c := range 0x80 {
		for at := range 17 {
			text := []byte("abcdefghijklmnopq")
			text[at] = byte(c)
			s := string(text)
			want := string(encode(s)) == `"`+s+`"` && c != '#'
			if got := plainJSON(s); got != want {
				t.Errorf("plainJSON(%q) = %t, want %t", s, got, want)
			}
			if odd := s[:at] + "é" + s[at:]; plainJSON(odd) {
				t.Errorf("plainJSON(%q) = true", odd)
			}
		}
	}
}

// TestNoneHidden puts each byte at each place of two words and a bit.
func TestNoneHidden(t *testing.T) {
	t.Parallel()
	for c := range 0x100 {
		for at := range 17 {
			text := []byte("abcdefghijklmnopq")
			text[at] = byte(c)
			if got, want := noneHidden(text), c < 0x7f; got != want {
				t.Errorf("noneHidden(%q) = %t, want %t", text, got, want)
			}
		}
	}
}
