package watch

import (
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/plumbline-ci/plumbline/check/report"
	"github.com/plumbline-ci/plumbline/collect"
)

var update = flag.Bool("update", false, "rewrite the screens in testdata")

var began = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// service is a status of a program with all kinds of series, so many seconds after
// its beginning.
func service(seconds int) collect.Status {
	n := float64(seconds)
	s := collect.Status{Name: "shopd", PID: 4242, Started: began, Time: began.Add(time.Duration(seconds) * time.Second)}
	for i := range 20 {
		s.Series = append(s.Series, collect.SeriesStatus{Name: fmt.Sprintf("http.requests[code=200,route=/shop/%02d]", i), Kind: collect.KindCounter, Value: n * float64(i*i)})
	}
	s.Series = append(s.Series,
		collect.SeriesStatus{Name: "http.errors[kind=timeout]", Kind: collect.KindCounter, Value: math.Floor(n / 4), Errors: true},
		collect.SeriesStatus{Name: "http.errors[kind=refused]", Kind: collect.KindCounter, Errors: true},
		collect.SeriesStatus{Name: "jobs.active[status=running]", Kind: collect.KindUpDown, Value: 3},
		collect.SeriesStatus{Name: "queue.depth", Kind: collect.KindGauge, Unit: "jobs", Value: 7, Count: 90, Min: -1, Mean: 4.25, Max: 120},
		collect.SeriesStatus{Name: "cache.size", Kind: collect.KindGauge, Unit: "B", Value: 5.5e6, Count: 9, Min: 0, Mean: 3e6, Max: 9e6},
		collect.SeriesStatus{
			Name: "db.query_seconds[table=users]", Kind: collect.KindHistogram, Unit: "s", Count: int64(100 * n),
			Min: 1e-5, Mean: 0.002, P50: 0.0015, P95: 0.008, P99: 0.032, Max: 1.25,
		},
		collect.SeriesStatus{Name: "response.size", Kind: collect.KindSummary, Unit: "kB", Count: int64(n), Mean: 3, P50: 2, P95: 8, P99: 9},
		collect.SeriesStatus{Name: "build[commit=0123abc,version=3.1]", Kind: collect.KindInfo, Value: 1},
		collect.SeriesStatus{Name: "state", Kind: collect.KindEnum, State: "serving"},
		collect.SeriesStatus{Name: "disk.free", Unit: "GB", Value: 12.5},
	)
	for i := range seconds + 1 {
		x := float64(i)
		s.Usage = append(s.Usage, collect.Usage{Time: began.Add(time.Duration(i) * time.Second), CPU: x + math.Sin(x/4), RSS: int64(64e6 + 1e6*x)})
	}
	return s
}

// seen is the history of the service.
func seen() *History {
	h := &History{}
	h.Add(service(90))
	h.Add(service(92))
	return h
}

func text(lines []Line) string {
	var b strings.Builder
	for _, l := range lines {
		b.WriteString(l.String() + "\n")
	}
	return b.String()
}

// golden holds text against a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs:\n%s\nwant\n%s", name, got, want)
	}
}

func TestScreens(t *testing.T) {
	t.Parallel()
	problem := service(92)
	problem.Problems = []string{`metric "n" is a Counter and is asked for as a Gauge: what is recorded there is lost`}
	for name, row := range map[string]struct {
		width, height int
		keys          []string
		change        func(v *View, h *History)
	}{
		"80x24":     {80, 24, nil, nil},
		"120x40":    {120, 40, nil, nil},
		"40x12":     {40, 12, nil, nil},
		"rate":      {80, 24, []string{"s"}, nil},
		"value":     {80, 24, []string{"s", "s", KeyPageDown}, nil},
		"filter":    {80, 24, []string{"/", "E", "R", "R", "x", KeyBackspace, KeyEnter}, nil},
		"typing":    {40, 12, []string{"/", "d", "b"}, nil},
		"nothing":   {40, 12, []string{"/", "?", KeyEnter}, nil},
		"scrolled":  {80, 24, []string{KeyPageDown, KeyDown, "j", KeyUp}, nil},
		"end":       {80, 24, []string{"G"}, nil},
		"help":      {80, 24, []string{"?"}, nil},
		"narrow":    {20, 12, nil, nil},
		"silent":    {80, 12, nil, func(v *View, _ *History) { v.Err = fmt.Errorf("connection refused") }},
		"problem":   {80, 12, nil, func(_ *View, h *History) { h.Add(problem) }},
		"first":     {80, 12, nil, func(_ *View, h *History) { *h = History{}; h.Add(service(1)) }},
		"empty run": {80, 12, nil, func(_ *View, h *History) { *h = History{}; h.Add(collect.Status{Name: "make test", PID: 1}) }},
	} {
		v, h := View{Every: time.Second}, seen()
		if row.change != nil {
			row.change(&v, h)
		}
		v.Draw(h, row.width, row.height)
		for _, key := range row.keys {
			if v.Key(key) {
				t.Errorf("%s: the key %q ends it", name, key)
			}
			v.Draw(h, row.width, row.height)
		}
		golden(t, strings.ReplaceAll(name, " ", "_")+".golden", text(v.Draw(h, row.width, row.height)))
	}
}

// A screen of any size is filled and no more, whatever is on it.
func TestScreensFit(t *testing.T) {
	t.Parallel()
	h := seen()
	for _, width := range []int{0, 1, 2, 3, 5, 13, 30, 59, 60, 80, 200} {
		for _, height := range []int{0, 1, 2, 4, 5, 7, 24, 100} {
			for _, keys := range [][]string{nil, {"?"}, {"/", "x"}, {"G"}, {KeyPageDown, KeyPageDown}} {
				v := View{}
				for _, k := range keys {
					v.Key(k)
				}
				lines := v.Draw(h, width, height)
				if len(lines) > max(height, 1) {
					t.Errorf("%dx%d %v: %d lines", width, height, keys, len(lines))
				}
				for _, l := range lines {
					if n := report.Columns(l.String()); n > width {
						t.Errorf("%dx%d %v: %d columns in %q", width, height, keys, n, l)
					}
				}
			}
		}
	}
}

// Every series can be scrolled to.
func TestScrollingShowsAll(t *testing.T) {
	t.Parallel()
	h := seen()
	v, shown := View{}, ""
	for range len(h.Now.Series) {
		shown += text(v.Draw(h, 120, 12))
		v.Key(KeyDown)
	}
	atEnd := text(v.Draw(h, 120, 12))
	for _, s := range h.Now.Series {
		if !strings.Contains(shown, s.Name) {
			t.Errorf("%s is never shown", s.Name)
		}
	}
	if v.Key(KeyEnd); text(v.Draw(h, 120, 12)) != atEnd {
		t.Errorf("the end is not the last screen:\n%s", atEnd)
	}
	v.Key(KeyHome)
	v.Key(KeyUp)
	if first := text(v.Draw(h, 120, 12)); !strings.Contains(first, "kind=timeout") {
		t.Errorf("the beginning is not the first screen:\n%s", first)
	}
}

// Names from outside change neither the terminal nor the direction of writing, and
// keep to their place.
func TestHostileNames(t *testing.T) {
	t.Parallel()
	s := collect.Status{Name: "sh -c \x1b]0;pwned\a", PID: 1, Problems: []string{"metric \"\x1b[2J\": bad"}}
	for _, name := range []string{
		"\x1b[31mred\x1b[2J", "a\u202eb\u2066c", "line\nbreak\rback", "\x9b5n", "tab\there", strings.Repeat("long.", 500), "日本語.メトリック", "\xff\xfe", "a\u200bb", "e\u0301́́",
	} {
		s.Series = append(s.Series,
			collect.SeriesStatus{Name: name, Kind: collect.KindCounter, Value: 1, Unit: collect.Unit("\x1b[5m" + name), Errors: len(name) > 10},
			collect.SeriesStatus{Name: name + "2", Kind: collect.KindEnum, State: name},
		)
	}
	h := &History{}
	h.Add(s)
	v := View{Err: nil}
	for _, k := range []string{"/", "\x1b", "\u202e", KeyEnter, KeyEscape} {
		v.Key(k)
		for _, l := range append(v.Draw(h, 60, 60), Line{{line(h, ""), Plain}}) {
			for _, r := range l.String() {
				if unicode.In(r, unicode.Cc, unicode.Cf) {
					t.Errorf("after %q: %q has the character %U", k, l, r)
				}
			}
		}
	}
	for _, l := range v.Draw(h, 60, 60) {
		if n := report.Columns(l.String()); n > 60 {
			t.Errorf("%d columns in %q", n, l)
		}
	}
}

func TestKeysThatEnd(t *testing.T) {
	t.Parallel()
	v := View{}
	for _, key := range []string{"q", "Q", KeyInterrupt} {
		if !v.Key(key) {
			t.Errorf("%q does not end it", key)
		}
	}
	v.Key("/")
	if v.Key("q") || v.Filter != "q" || !v.Key(KeyInterrupt) {
		t.Errorf("a q that is typed: the filter is %q", v.Filter)
	}
}
