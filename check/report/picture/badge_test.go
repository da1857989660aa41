package picture

import (
	"bytes"
	"math"
	"strings"
	"testing"
)

func TestBadge(t *testing.T) {
	t.Parallel()
	for name, b := range map[string]Badge{
		"badge-coverage": {"coverage", "87.5 %", Green},
		"badge-unknown":  {"build time", "unknown", ""},
		"badge-failing":  {"plumbline", "2 regressions", Red},
		"badge-bright":   {"size", "3.1 MB", YellowGreen},
		"badge-hostile":  {hostile, hostile, Blue},
		"badge-alone":    {"", "1.2 s", Orange},
		"badge-wide":     {"速度", "日本語 🚀", BrightGreen},
		"badge-long":     {strings.Repeat("long/name.", 30), "1", Yellow},
	} {
		var out bytes.Buffer
		if err := b.WriteSVG(&out); err != nil {
			t.Fatal(err)
		}
		wellFormed(t, name, out.Bytes())
		golden(t, name+".svg", out.Bytes())
	}
}

// The widths are those that shields.io gives the same badges.
func TestBadgeWidths(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{"build": 27, "passing": 43, "coverage": 51, "license": 41} {
		if got := oddWidth(text); math.Abs(float64(got-want)) > 2 {
			t.Errorf("%q is %d pixels wide, want %d", text, got, want)
		}
	}
}

func TestBadgeEndpoint(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := (Badge{Label: "<a>", Message: "\u202e1 s"}).WriteEndpoint(&out); err != nil {
		t.Fatal(err)
	}
	if got, want := out.String(), `{"schemaVersion":1,"label":"\u003ca\u003e","message":"1 s","color":"lightgrey"}`+"\n"; got != want {
		t.Errorf("endpoint %s, want %s", got, want)
	}
}

func TestFit(t *testing.T) {
	t.Parallel()
	for width := 5.0; width < 200; width += 7 {
		got := fit("bench/Parse[case=large].ns_per_op", 11, width)
		if textWidth(got, 11) > max(width, textWidth("…", 11)) {
			t.Errorf("fit to %g gives %q of %g", width, got, textWidth(got, 11))
		}
	}
	if got := fit("bench/Parse[case=large].ns_per_op", 11, 120); !strings.HasPrefix(got, "bench/P") || !strings.HasSuffix(got, "_per_op") {
		t.Errorf("fit = %q, want both ends", got)
	}
}
