package report

import (
	"bytes"
	"fmt"
	"html"
	"io"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"
)

// gfm reads Markdown as GitHub does, links that nobody marked as such included.
var gfm = goldmark.New(goldmark.WithExtensions(extension.GFM))

// inTable puts text where a page has it: in a sentence, and in the cells of a table.
const inTable = "### %[1]s\n\n%[2]s\n\n| a | b |\n|---|---|\n| %[1]s | %[3]s |\n| x | y |\n\n- note: %[3]s\n"

func seeds(f *testing.F) {
	for _, s := range []string{
		attack, "", " ", "`", "``", "`a", "a`", "```\nx\n```", "a|b", `a\|b`, `\`, `a\`, "<", "<!--", "-->", "<!-- x -->", "</code>", "</details>", "&lt;", "&#64;x",
		"@a", "a@b.de", "#1", "GH-1", "gh-1", "o/r#1", "http://a.de", "https://a.de", "ftp://a.de", "www.a.de", "WWW.a.de", "mailto:a@b.de", "xmpp:a@b.de",
		"# h", "- x", "+ x", "1. x", "1) x", "> q", "---", "===", "    code", "[a](b)", "![a](b)", "[a]: b", "*a*", "**a**", "_a_", "~~a~~", "$a$", ":+1:", "!",
		"\x1b[0m", "\u202e", "\u2066", "\x00", "\xff", "\r\n", "\u2028", "\u0085", "\u200d", "a\tb", "|", "||", "|---|", "::error::x", "##[error]x", "[ ]", "[x] a", "^1", "{{x}}", "<a@b.de>", "\ufeff",
	} {
		f.Add(s)
	}
}

// FuzzMarkdown proves by reading it back that text from outside stays text: in
// whatever place it stands, the document has the structure that we wrote, and
// reads as the text that came in.
func FuzzMarkdown(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, s string) {
		name, sentence, short := code(s), prose(s), cell(s)
		for _, out := range []string{name, sentence, short} {
			checkRaw(t, s, out)
		}
		src := []byte(fmt.Sprintf(inTable, name, "x "+sentence, short))
		got, want := structure(src), structure([]byte(fmt.Sprintf(inTable, code("n"), "x y", "z")))
		if got != want {
			t.Errorf("%q changes the document to %s, want %s:\n%s", s, got, want, src)
		}
		if sentence != "" {
			alone := structure([]byte(sentence))
			if alone != "Document Paragraph" {
				t.Errorf("%q alone in a paragraph is %s: %q", s, alone, sentence)
			}
		}
		checkShown(t, s, name, maxName)
		checkShown(t, s, "x "+sentence, maxProse)
	})
}

// checkRaw looks for what no renderer may find, whatever rules it has.
func checkRaw(t *testing.T, in, out string) {
	t.Helper()
	inner := strings.TrimSuffix(strings.TrimPrefix(out, "<code>"), "</code>")
	if strings.ContainsAny(inner, "<>|\n\r") {
		t.Errorf("%q becomes %q: a tag, a comment, a cell or a line can begin or end", in, out)
	}
	if body, span := strings.CutPrefix(out, "`"); span {
		if body, ok := strings.CutSuffix(body, "`"); !ok || strings.Contains(body, "`") {
			t.Errorf("%q becomes %q: the code span is not closed or closed early", in, out)
		}
	} else if at := strings.IndexAny(inner, "`@"); at >= 0 {
		t.Errorf("%q becomes %q: %q stands bare", in, out, inner[at:at+1])
	}
	checkClean(t, in, out)
}

func checkClean(t *testing.T, in, out string) {
	t.Helper()
	if !utf8.ValidString(out) {
		t.Errorf("%q becomes %q, which is not UTF-8", in, out)
	}
	for _, r := range out {
		bare := strings.ContainsRune(zeroWidth+"\u200c\u200d", r) // ours, and the joiners
		if unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) && !bare {
			t.Errorf("%q becomes %q with %U", in, out, r)
		}
	}
}

// structure lists the kinds of nodes of a document but for text, which falls into
// pieces at random, and code, which has two forms.
func structure(src []byte) string {
	var kinds []string
	doc := gfm.Parser().Parse(text.NewReader(src))
	err := ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		switch n := n.(type) {
		case *ast.Text, *ast.String, *ast.CodeSpan:
		case *ast.RawHTML:
			if raw := string(n.Segments.Value(src)); raw != "<code>" && raw != "</code>" {
				kinds = append(kinds, raw)
			}
		default:
			if entering {
				kinds = append(kinds, n.Kind().String())
			}
		}
		return ast.WalkContinue, nil
	})
	if err != nil {
		return err.Error()
	}
	return strings.Join(kinds, " ")
}

// checkShown renders Markdown and compares what a reader sees with what came in.
func checkShown(t *testing.T, in, md string, limit int) {
	t.Helper()
	var b bytes.Buffer
	if err := gfm.Convert([]byte(md), &b); err != nil {
		t.Fatal(err)
	}
	got := b.String()
	for _, tag := range []string{"<p>", "</p>", "<code>", "</code>", "<!-- raw HTML omitted -->"} {
		got = strings.ReplaceAll(got, tag, "")
	}
	got = strings.TrimSpace(strings.ReplaceAll(html.UnescapeString(got), zeroWidth, ""))
	want := clean(in, limit)
	if strings.HasPrefix(md, "x ") {
		want = strings.TrimSpace("x " + want)
	}
	if want == "" {
		want = strings.TrimSpace("\u00a0")
	}
	if got != want {
		t.Errorf("%q as %q reads %q, want %q", in, md, got, want)
	}
}

// FuzzText proves that nothing in a result reaches a terminal or a log as a command.
func FuzzText(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, s string) {
		r := hostile()
		r.Metrics[0].Name, r.Metrics[0].Reason, r.Metrics[0].Limit = s, s, s
		r.Metrics[1].Name, r.Metrics[1].Reason = "x"+s, "x"+s
		r.Baseline.Branch, r.Notes, r.Gated = s, []string{s, s + s}, []string{s}
		page := NewPage(r, Links{Run: s, Docs: s})
		for _, width := range []int{1, 80} {
			var b bytes.Buffer
			if err := Text(&b, page, TextOptions{Width: width, All: true}); err != nil {
				t.Fatal(err)
			}
			checkLog(t, s, b.String())
		}
		checkForm(t, s, page, Markdown)
		checkForm(t, s, page, JSON)
	})
}

// checkForm proves the same of a form that is not made for terminals.
func checkForm(t *testing.T, in string, page Page, form func(io.Writer, Page) error) {
	t.Helper()
	var b bytes.Buffer
	if err := form(&b, page); err != nil {
		t.Fatal(err)
	}
	checkLog(t, in, b.String())
}

func checkLog(t *testing.T, in, out string) {
	t.Helper()
	for line := range strings.SplitSeq(out, "\n") {
		checkClean(t, in, line)
		if strings.HasPrefix(strings.TrimSpace(line), "::") || strings.Contains(line, "##[") {
			t.Errorf("%q writes the line %q, which commands a runner", in, line)
		}
	}
}

func TestClean(t *testing.T) {
	t.Parallel()
	tests := []struct{ in, want string }{
		{"plain", "plain"},
		{"  a \t\n b  ", "a b"},
		{"\x1b[31mred\x07", "[31mred"},
		{"a\u202eb\u2066c\u200bd\ufeff", "abcd"},
		{"\xff", "\ufffd"},
		{"👩\u200d🚀 e\u0301", "👩\u200d🚀 e\u0301"},
		{strings.Repeat("x", 11), strings.Repeat("x", 10) + "…"},
		{strings.Repeat("é", 10), strings.Repeat("é", 10)},
		{"a\U000e0041\U000e007fb", "ab"},
	}
	for _, tt := range tests {
		if got := clean(tt.in, 10); got != tt.want {
			t.Errorf("clean(%q, 10) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

func FuzzClean(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, s string) {
		got := clean(s, 20)
		checkClean(t, s, got)
		if again := clean(got, 20); again != got {
			t.Errorf("clean(%q) = %q, and cleaned again %q", s, got, again)
		}
		if n := utf8.RuneCountInString(got); n > 21 {
			t.Errorf("clean(%q, 20) = %q has %d characters", s, got, n)
		}
	})
}

func TestLink(t *testing.T) {
	t.Parallel()
	if got, want := link("run", "https://github.com/a/b/actions/runs/1?x=2#y"), "[run](https://github.com/a/b/actions/runs/1?x=2#y)"; got != want {
		t.Errorf("link = %q, want %q", got, want)
	}
	for _, bad := range []string{"", "javascript:alert(1)", "data:text/html,x", "https://a b", "https://a)b", "https://a\n", "https://a>b", "https://ä", "//a", "https://" + strings.Repeat("a", 5000)} {
		if got := link("run", bad); got != "" {
			t.Errorf("link(%q) = %q, want none", bad, got)
		}
	}
}
