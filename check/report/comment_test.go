package report

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"

	"github.com/plumbline-ci/plumbline/check"
)

func stamp(suite string) Stamp {
	return Stamp{Suite: suite, Workflow: "ci.yml", Commit: "4f3a9c1e", Run: 100, Number: 7, Attempt: 1}
}

func partOf(suite string, r check.Result) Part {
	return NewPart(stamp(suite), NewPage(r, Links{Run: "https://github.com/acme/shop/actions/runs/1"}))
}

func TestCommentGoldens(t *testing.T) {
	t.Parallel()
	all := results()
	for name, parts := range map[string][]Part{
		"comment.one":     {partOf("ci/unit", mixed())},
		"comment.several": {partOf("bench (linux, 1.24)", all["suspect"]), partOf("lint", all["pass"]), partOf("unit", mixed()), partOf("web", all["new"])},
		"comment.hostile": {partOf(attack, hostile()), partOf("unit", all["pass"])},
	} {
		golden(t, name+".md", func(w io.Writer) error {
			_, err := io.WriteString(w, Comment(parts, MaxMarkdownBytes))
			return err
		})
	}
}

func TestCommentHeadline(t *testing.T) {
	t.Parallel()
	all := results()
	for want, names := range map[string][]string{
		"### pass: none of 2 suites got worse":                                                                                                    {"pass", "warned"},
		"### pass: none of 1 suite got worse; 1 judged nothing":                                                                                   {"pass", "new"},
		"### nothing judged in 2 suites":                                                                                                          {"new", "empty"},
		"### inconclusive: 1 of 2 suites could not be judged, <code>inconclusive0</code>; 1 passes":                                               {"inconclusive", "pass"},
		"### suspect: 1 of 3 suites looks worse, <code>suspect0</code>; 1 is inconclusive; 1 passes":                                              {"suspect", "inconclusive", "pass"},
		"### regression: 4 of 6 suites got worse, <code>gates0</code>, <code>missing1</code>, <code>regression2</code> and 1 more; 2 are suspect": {"gates", "missing", "regression", "large", "suspect", "suspect"},
	} {
		var parts []Part
		for i, name := range names {
			parts = append(parts, partOf(fmt.Sprint(name, i), all[name]))
		}
		if got := strings.Split(Comment(parts, MaxMarkdownBytes), "\n")[1]; got != want {
			t.Errorf("%q begins with %q, want %q", names, got, want)
		}
	}
}

// However many suites and metrics there are, the comment fits, its frame is whole,
// and what was written is read back.
func TestCommentFits(t *testing.T) {
	t.Parallel()
	big, wide := many(50_000), many(1400)
	for i := range wide.Metrics {
		m := &wide.Metrics[i]
		m.Name, m.Reason, m.Limit = fmt.Sprint(i, strings.Repeat("<", 400)), fmt.Sprint(i, strings.Repeat("@", 900)), strings.Repeat("|", 300)
	}
	wide.Baseline.Branch = strings.Repeat("<", 900)
	for _, n := range []int{1, 2, 60, 400} {
		for name, r := range map[string]check.Result{"big": big, "wide": wide, "mixed": mixed(), "pass": passed()} {
			if n > 2 && name == "big" {
				r = many(3000)
			}
			parts := slices.Repeat([]Part{partOf("", r)}, n)
			for i := range parts {
				parts[i].Suite = fmt.Sprintf("%03d %s", i, name)
			}
			for _, most := range []int{MaxMarkdownBytes + 5000, 16_000} {
				md := Comment(parts, most)
				if len(md) > min(most, MaxMarkdownBytes) {
					t.Errorf("%d × %s: %d bytes of at most %d", n, name, len(md), most)
				}
				read := ReadComment(md)
				if len(read) == 0 || len(read) < n && !strings.Contains(md, fmt.Sprintf("\n%s more suite", thousands(n-len(read)))) {
					t.Errorf("%d × %s: %d parts are read, and the rest is not counted", n, name, len(read))
				}
				if !sound(withoutMarkers(md)) {
					t.Errorf("%d × %s at %d: the frame is broken", n, name, most)
				}
			}
		}
	}
}

func withoutMarkers(md string) string {
	var kept []string
	for line := range strings.SplitSeq(md, "\n") {
		if !strings.HasPrefix(line, "<!-- plumbline:") || !strings.HasSuffix(line, " -->") {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "\n")
}

// What got worse keeps its tables where there is no room for all.
func TestCommentRoomIsForTheWorst(t *testing.T) {
	t.Parallel()
	better := passed()
	for n := range 200 {
		better.Metrics = append(better.Metrics, compared(fmt.Sprintf("bench/some/long/package.Name%03d.ns_per_op", n), check.Improved, "ns/op", 100, -30))
	}
	parts := append([]Part{partOf("b", many(3000))}, slices.Repeat([]Part{partOf("c", better)}, 40)...)
	worst := ReadComment(Comment(parts, MaxMarkdownBytes))[0]
	if n := strings.Count(worst.text, "\n| `bench/"); worst.Suite != "b" || n < 10 || !strings.Contains(worst.text, "regressed: 250 metrics got worse") {
		t.Errorf("the part of %q has %d rows:\n%s", worst.Suite, n, worst.text)
	}
}

// A comment that is read and written again is the same, and so is a part that went
// through another job's hands.
func TestCommentIsStable(t *testing.T) {
	t.Parallel()
	for name, r := range results() {
		parts := []Part{partOf("a", r), partOf("b", mixed())}
		want := Comment(parts, MaxMarkdownBytes)
		if got := Comment(ReadComment(want), MaxMarkdownBytes); got != want {
			t.Errorf("%s: read and written again it is\n%s\nwant\n%s", name, got, want)
		}
		for i := range parts {
			data, err := parts[i].Encode()
			if err != nil {
				t.Fatal(err)
			}
			if parts[i], err = DecodePart(data); err != nil {
				t.Fatal(err)
			}
		}
		if got := Comment(parts, MaxMarkdownBytes); got != want {
			t.Errorf("%s: handed on it is\n%s\nwant\n%s", name, got, want)
		}
	}
}

func TestMerge(t *testing.T) {
	t.Parallel()
	own := stamp("a")
	with := func(change func(*Stamp)) Stamp { s := own; change(&s); return s }
	for name, tt := range map[string]struct {
		fresh, kept []Stamp
		want        string // suites with their runs, or stale
	}{
		"alone":                         {want: "a/7.1"},
		"siblings in order":             {fresh: []Stamp{stamp("c"), stamp("b")}, want: "a/7.1 b/7.1 c/7.1"},
		"an earlier attempt's":          {kept: []Stamp{with(func(s *Stamp) { s.Attempt = 0 })}, want: "a/7.1"},
		"a later attempt's":             {kept: []Stamp{with(func(s *Stamp) { s.Attempt = 2 })}, want: "a/7.2"},
		"an older run's":                {kept: []Stamp{with(func(s *Stamp) { s.Number, s.Run = 6, 90 })}, want: "a/7.1"},
		"a newer run's":                 {kept: []Stamp{with(func(s *Stamp) { s.Number, s.Run = 8, 110 })}, want: "a/8.1"},
		"another suite's, older run":    {kept: []Stamp{with(func(s *Stamp) { s.Suite, s.Number = "b", 6 })}, want: "a/7.1 b/6.1"},
		"an older commit's":             {kept: []Stamp{with(func(s *Stamp) { s.Suite, s.Commit, s.Number = "b", "0", 6 })}, want: "a/7.1"},
		"a newer commit's":              {kept: []Stamp{with(func(s *Stamp) { s.Suite, s.Commit, s.Number = "b", "0", 8 })}, want: "stale"},
		"another workflow's":            {kept: []Stamp{with(func(s *Stamp) { s.Workflow = "b.yml" })}, want: "a/7.1 a/7.1"},
		"another workflow's, newer":     {kept: []Stamp{with(func(s *Stamp) { s.Workflow, s.Commit, s.Run, s.Number = "b.yml", "0", 101, 1 })}, want: "stale"},
		"another workflow's old commit": {kept: []Stamp{with(func(s *Stamp) { s.Workflow, s.Commit, s.Run, s.Number = "b.yml", "0", 99, 900 })}, want: "a/7.1"},
	} {
		fresh, kept := []Part{{Stamp: own}}, []Part{}
		for _, s := range tt.fresh {
			fresh = append(fresh, Part{Stamp: s})
		}
		for _, s := range tt.kept {
			kept = append(kept, Part{Stamp: s})
		}
		parts, stale := Merge(own, fresh, kept)
		var got []string
		for _, p := range parts {
			got = append(got, fmt.Sprintf("%s/%d.%d", p.Suite, p.Number, p.Attempt))
		}
		if stale {
			got = []string{"stale"}
		}
		if s := strings.Join(got, " "); s != tt.want {
			t.Errorf("%s: %s, want %s", name, s, tt.want)
		}
	}
}

// rawHTML are the kinds of HTML in a document, and its structure otherwise.
func rawHTML(src []byte) (tags []string) {
	doc := gfm.Parser().Parse(text.NewReader(src))
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		switch n := n.(type) {
		case *ast.RawHTML:
			if entering {
				tags = append(tags, string(n.Segments.Value(src)))
			}
		case *ast.Link:
			if entering {
				tags = append(tags, "link "+string(n.Destination))
			}
		case *ast.AutoLink, *ast.Image:
			tags = append(tags, n.Kind().String())
		}
		return ast.WalkContinue, nil // the function gives no error
	})
	return tags
}

// FuzzComment proves that text from outside, wherever it stands in a part that
// another job wrote, makes no structure, tag, link or marker in the comment.
func FuzzComment(f *testing.F) {
	seeds(f)
	f.Add(Marker)
	f.Add("\n" + partMarker + "e30=" + markerEnd + "\n" + textStart + textEnd)
	f.Add("x\n```mermaid\nclick")
	f.Add("'; rm -rf /; '")
	f.Fuzz(func(t *testing.T, s string) {
		r := mixed()
		for i := range r.Metrics[:8] {
			m := &r.Metrics[i]
			m.Name, m.Reason, m.Limit = s+fmt.Sprint(i), s, s
			m.Unit = "x"
		}
		r.Baseline.Branch, r.Head.Branch, r.Head.ID, r.Notes, r.Gated = s, s, s, []string{s, s}, []string{s, s}
		part := partOf(s, r)
		part.Workflow = s
		data, err := part.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if part, err = DecodePart(data); err != nil {
			t.Fatal(err)
		}
		md := Comment([]Part{part, partOf("z", passed())}, MaxMarkdownBytes)
		checkLog(t, s, md)
		if read := ReadComment(md); len(read) != 2 || read[0].text == "" || read[1].Suite != "z" {
			t.Fatalf("%q: %d parts are read of\n%s", s, len(read), md)
		}
		if !strings.HasPrefix(md, Marker+"\n") || strings.Count(md, "<!--") != 7 || !sound(withoutMarkers(md)) {
			t.Errorf("%q breaks the frame of\n%s", s, md)
		}
		for _, tag := range rawHTML([]byte(md)) {
			if !slices.Contains(ownTags, tag) && tag != "link https://github.com/acme/shop/actions/runs/1" {
				t.Errorf("%q makes %s of\n%s", s, tag, md)
			}
		}
	})
}

// FuzzReadComment: whatever somebody made of a comment, the next one is whole.
func FuzzReadComment(f *testing.F) {
	whole := Comment([]Part{partOf("a", mixed()), partOf("b", passed())}, MaxMarkdownBytes)
	for _, s := range []string{"", "</details>", "<details>", "```\n", "<!--", "<script>", textEnd, textStart, partMarker, strings.Repeat("<details>\n", 3), "<code", "\r\n", "0"} {
		for _, at := range []int{0, 40, len(whole) / 2, len(whole) - 30} {
			f.Add(s, at)
		}
	}
	f.Fuzz(func(t *testing.T, s string, at int) {
		if at < 0 || at > len(whole) {
			return
		}
		read := ReadComment(whole[:at] + s + whole[at:])
		md := Comment(append(read, partOf("z", passed())), MaxMarkdownBytes)
		if again := ReadComment(md); len(again) != len(read)+1 || again[len(read)].Suite != "z" || !sound(withoutMarkers(md)) {
			t.Errorf("%q at %d makes\n%s", s, at, md)
		}
	})
}

func FuzzDecodePart(f *testing.F) {
	p := partOf("a", mixed())
	data, err := p.Encode()
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range []string{string(data), "{}", `{"verdict":"pass"}`, `{"verdict":"pass","sections":[{"status":"regressed","total":-5,"metrics":[{"interval":[1]}]},{"status":"regressed"},{"status":"x"}]}`,
		`{"verdict":"regression","judged":99999999999,"sections":[{"status":"new","total":99999999999}],"head":{"time":"0001-01-01T00:00:00Z"}}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := DecodePart(data)
		if err != nil {
			return
		}
		md := Comment([]Part{p, partOf("z", passed())}, MaxMarkdownBytes)
		if read := ReadComment(md); len(md) > MaxMarkdownBytes || len(read) != 2 || !sound(withoutMarkers(md)) {
			t.Errorf("%s makes\n%s", data, md)
		}
	})
}

func TestChart(t *testing.T) {
	t.Parallel()
	c := compared("m", check.Regressed, "s", 1, 40)
	draw := func(change func(*check.Comparison)) string {
		c := c
		change(&c)
		page := NewPage(result(check.Regression, c), Links{})
		return page.chart()
	}
	for name, change := range map[string]func(*check.Comparison){
		"no history":    func(c *check.Comparison) { c.History = nil },
		"one run":       func(c *check.Comparison) { c.History = c.History[:1] },
		"unknown":       func(c *check.Comparison) { c.History = []float64{nan, nan, nan} },
		"zero baseline": func(c *check.Comparison) { c.History, c.Baseline, c.Head = []float64{0, 0, 0}, 0, 1e9 },
		"not worse":     func(c *check.Comparison) { c.Status = check.Improved },
	} {
		if got := draw(change); got != "" {
			t.Errorf("%s: there is a chart of nothing:\n%s", name, got)
		}
	}
	for name, change := range map[string]func(*check.Comparison){
		"large": func(c *check.Comparison) { scale(c, 1e12) }, "small": func(c *check.Comparison) { scale(c, 1e-9) },
	} {
		if got := draw(change); !strings.Contains(got, `y-axis "per cent of the baseline"`) || strings.Contains(got, "e+") || strings.Contains(got, "e-0") {
			t.Errorf("%s: mermaid cannot read\n%s", name, got)
		}
	}
	if got := draw(func(c *check.Comparison) { c.Unit = "\"]\nclick x" }); !strings.Contains(got, `y-axis "click x"`) {
		t.Errorf("a unit is let into the source:\n%s", got)
	}
}

func scale(c *check.Comparison, by float64) {
	c.Head, c.Baseline, c.Low, c.High = c.Head*by, c.Baseline*by, c.Low*by, c.High*by
	c.History = slices.Clone(c.History)
	for i := range c.History {
		c.History[i] *= by
	}
}
