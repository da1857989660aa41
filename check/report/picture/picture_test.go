package picture

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"image"
	"image/png"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/check/report"
)

var update = flag.Bool("update", false, "rewrite the goldens")

const hostile = "a<script>alert(1)</script>\"'&]]>\x00\x1b[31m\u202eevil\xff.seconds"

// regressed is a history that got slower once, with a head that did so again.
func regressed() report.Series {
	s := report.Series{Name: "bench/Parse[case=large].ns_per_op", Unit: "ns/op", Better: "lower", Status: check.Regressed}
	for i := range 60 {
		v := 1.2e6 + 2e5*float64(i/35) + 1.5e4*math.Sin(float64(i)*2.3)
		at := time.Date(2026, 2, 1+i, 8, 0, 0, 0, time.UTC)
		p := report.Point{Run: fmt.Sprint("run-", i), Time: &at, Value: &v, Other: i%17 == 3, Level: i >= 40, Old: i < 35}
		if i == 20 {
			p.Value = nil
		}
		s.Points = append(s.Points, p)
	}
	at := time.Date(2026, 4, 3, 8, 0, 0, 0, time.UTC)
	s.Head = []report.Point{{Run: "head", Time: &at, Value: new(1.71e6)}, {Value: new(1.69e6)}, {Value: new(1.72e6)}}
	s.Levels = []report.LevelSpan{{From: 0, To: 34, Value: 1.2e6}, {From: 35, To: 59, Value: 1.4e6}}
	s.Changes = []report.Change{{Before: 34, At: 35, From: 1.2e6, To: 1.4e6, DeltaPct: new(16.7), Status: check.Regressed}}
	s.Band = &report.Band{Low: new(1.34e6), High: new(1.47e6)}
	s.Limit = new(1.54e6)
	return s
}

// histories are what the pictures of the tests are of.
func histories() map[string]report.Series {
	fast, far, plain := regressed(), regressed(), regressed()
	fast.Status, fast.Head, fast.Band = check.Improved, []report.Point{{Value: new(1.01e6)}}, &report.Band{High: new(1.47e6)}
	fast.Changes = append(fast.Changes, report.Change{Before: 40, At: 59, From: 1.42e6, To: 1.38e6, Status: check.Improved, Creep: true})
	far.Name, far.Limit, far.Status = hostile, new(9e7), check.Unchanged
	plain.Status, plain.Head, plain.Band, plain.Limit = "", nil, nil, nil
	for i := range plain.Points {
		plain.Points[i].Time = nil
	}
	same := report.Series{Name: "artifact.dist_mb", Unit: "MB", Better: "lower", Points: []report.Point{{Value: new(2.5)}, {Value: new(2.5)}}}
	huge := report.Series{Name: "huge", Points: []report.Point{{Value: new(-math.MaxFloat64)}, {Value: new(math.MaxFloat64)}, {Value: new(1e308)}}}
	return map[string]report.Series{
		"regressed": regressed(), "improved": fast, "hostile": far, "history": plain, "same": same, "huge": huge,
		"one":   {Name: "one", Unit: "s", Points: []report.Point{{Value: new(3.0)}}},
		"empty": {Name: "empty", Points: []report.Point{{}, {}}}, "none": {},
	}
}

func TestSVG(t *testing.T) {
	t.Parallel()
	for name, s := range histories() {
		var out bytes.Buffer
		if err := SVG(&out, s, Options{}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		wellFormed(t, name, out.Bytes())
		golden(t, name+".svg", out.Bytes())
		if text := out.String(); strings.Contains(text, "NaN") || strings.Contains(text, "Inf") {
			t.Errorf("%s has a place that is no number", name)
		}
	}
}

// Each part that a verdict's picture is to have is there.
func TestPartsOfSVG(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := SVG(&out, regressed(), Options{Theme: Auto}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"<title id=\"t\">bench/Parse[case=large].ns_per_op</title>", "60 runs from 1 Feb 2026 to 3 Apr 2026", "prefers-color-scheme:dark",
		">1 Feb 2026<", ">regressed, 1.4 ms/op -&gt; 1.71 ms/op, lower is better<", ">+16.7 %<",
		">run<", ">other machine<", ">head<", ">confirmation<", ">level<", ">noise band<", ">limit 1.54 ms/op<", ">change<",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the picture lacks %q", want)
		}
	}
}

func TestPNG(t *testing.T) {
	t.Parallel()
	for name, s := range histories() {
		for _, theme := range []Theme{Light, Dark} {
			if theme == Dark && name != "regressed" {
				continue // the drawing is the same
			}
			var out bytes.Buffer
			if err := PNG(&out, s, Options{Width: 640, Height: 300, Scale: 2, Theme: theme}); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			keep(t, fmt.Sprintf("%s-%s.png", name, theme), out.Bytes())
			m, err := png.Decode(&out)
			if err != nil || m.Bounds() != image.Rect(0, 0, 1280, 600) {
				t.Fatalf("%s: %v, %v", name, m.Bounds(), err)
			}
			if name != "regressed" {
				continue
			}
			if n := colors(m); n < 8 {
				t.Errorf("%s has %d colours, want one for each of what it shows", name, n)
			}
		}
	}
}

// The dots of a PNG are where those of the SVG are.
func TestPNGHasTheDots(t *testing.T) {
	t.Parallel()
	o, _ := Options{Theme: Light}.checked()
	s := regressed()
	var out bytes.Buffer
	if err := PNG(&out, s, o); err != nil {
		t.Fatal(err)
	}
	m, err := png.Decode(&out)
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, shape := range newPlot(s, o).shapes {
		if shape.radius != markRadius || shape.width > 0 {
			continue
		}
		seen++
		r, g, b, _ := m.At(int(shape.at[0].x), int(shape.at[0].y)).RGBA()
		if got := r>>8<<16 | g>>8<<8 | b>>8; got != lightColors(bad) {
			t.Errorf("a dot of the head is #%06x, want #%06x", got, lightColors(bad))
		}
	}
	if seen != 2 { // and the legend's
		t.Errorf("%d dots of the head, want it and the legend's", seen)
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	for _, o := range []Options{{Width: 10}, {Height: 99999}, {Scale: 5}, {Theme: "blue"}, {Width: 4000, Height: 4000, Scale: 4}} {
		if err := SVG(io.Discard, regressed(), o); err == nil {
			t.Errorf("%+v is taken", o)
		}
		if err := PNG(io.Discard, regressed(), o); err == nil {
			t.Errorf("%+v is taken", o)
		}
	}
}

func colors(m image.Image) int {
	seen := map[[3]uint32]int{}
	for y := range m.Bounds().Dy() {
		for x := range m.Bounds().Dx() {
			r, g, b, _ := m.At(x, y).RGBA()
			seen[[3]uint32{r, g, b}]++
		}
	}
	n := 0
	for _, times := range seen {
		if times > 20 { // more than the rim of a letter
			n++
		}
	}
	return n
}

// wellFormed reads all of an XML document, and finds no script in it.
func wellFormed(t *testing.T, name string, text []byte) {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(text))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Errorf("%s is no XML: %v", name, err)
			return
		}
		if e, ok := token.(xml.StartElement); ok && e.Name.Local == "script" {
			t.Errorf("%s has a script", name)
		}
		if strings.ContainsRune(fmt.Sprint(token), '\u202e') {
			t.Errorf("%s turns the direction of writing", name)
		}
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s differs from its golden (%v); look at it, then run with -update", name, err)
	}
}

// keep writes a picture to the folder of BROWSERTEST_PICTURES, for eyes.
func keep(t *testing.T, name string, text []byte) {
	t.Helper()
	if dir := os.Getenv("BROWSERTEST_PICTURES"); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			t.Error(err)
		}
	}
}
