package report

import (
	"testing"
	"unicode/utf8"
)

func TestShorten(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		width int
		want  string
	}{
		{"short", 10, "short"},
		{"bench/github.com/acme/shop/internal/parse.Scan.ns_per_op", 30, "bench/…/parse.Scan.ns_per_op"},
		{"test.case_seconds[suite=api,case=TestLogin/with_token]", 30, "test.…se=TestLogin/with_token]"},
		{"test.case_seconds[suite=api,case=TestLogin/with_token]", 54, "test.case_seconds[suite=api,case=TestLogin/with_token]"},
		{"averylongnamewithoutanyseparator", 12, "…nyseparator"},
		{"パスワードが間違っている場合", 11, "…ている場合"},
		{"e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301", 4, "…e\u0301e\u0301e\u0301"},
	}
	for _, tt := range tests {
		if got := shorten(tt.name, tt.width); got != tt.want {
			t.Errorf("shorten(%q, %d) = %q, want %q", tt.name, tt.width, got, tt.want)
		}
	}
}

// Two metrics never look the same.
func TestNamesStayApart(t *testing.T) {
	t.Parallel()
	whole := []string{"bench/one/two/three.Parse.ns_per_op", "bench/one/six/three.Parse.ns_per_op", "bench/one/two/three.Scan.ns_per_op"}
	got := names(whole, 26)
	want := []string{whole[0], whole[1], "bench/….Scan.ns_per_op"}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("name %d of %q is %q, want %q", i, whole, got[i], want[i])
		}
	}
}

func FuzzShorten(f *testing.F) {
	f.Add("bench/github.com/acme/shop/internal/parse.Scan.ns_per_op", 24)
	f.Add("パスワードが間違っている場合", 9)
	f.Add("e\u0301\u0301/a", 3)
	f.Fuzz(func(t *testing.T, s string, width int) {
		width = 4 + (width&0x7fff)%200
		s = clean(s, maxName)
		got := shorten(s, width)
		if n := columns(got); n > width {
			t.Errorf("shorten(%q, %d) = %q takes %d columns", s, width, got, n)
		}
		if !utf8.ValidString(got) {
			t.Errorf("shorten(%q, %d) = %q is not UTF-8", s, width, got)
		}
	})
}

func TestSpark(t *testing.T) {
	t.Parallel()
	tests := []struct {
		values []float64
		want   string
	}{
		{nil, ""},
		{[]float64{5, 5, 5}, "▄▄▄"},
		{[]float64{0, 1, 2, 3, 4, 5, 6, 7}, "▁▂▃▄▅▆▇█"},
		{[]float64{1, nan, 3}, "▁ █"},
		{[]float64{nan, nan}, "  "},
		{[]float64{-1e308, 1e308}, "▁█"},
		{[]float64{0, 5e-324}, "▄▄"},
	}
	for _, tt := range tests {
		if got := spark(tt.values); got != tt.want {
			t.Errorf("spark(%v) = %q, want %q", tt.values, got, tt.want)
		}
	}
}

func TestTrend(t *testing.T) {
	t.Parallel()
	tests := []struct {
		history   []float64
		head      float64
		width     int
		past, now string
	}{
		{[]float64{1, 1, 1}, 2, 10, "▁▁▁│", "█"},
		{[]float64{9, 9, 9, 1, 2}, 2, 4, "▁█│", "█"}, // the newest that fit, and their scale
		{nil, 2, 10, "", ""},
		{[]float64{1, 2}, nan, 10, "▁█", ""},
	}
	for _, tt := range tests {
		if past, now := trend(tt.history, tt.head, tt.width); past != tt.past || now != tt.now {
			t.Errorf("trend(%v, %v, %d) = %q, %q, want %q, %q", tt.history, tt.head, tt.width, past, now, tt.past, tt.now)
		}
	}
}
