package collect_test

import (
	"math"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/plumbline-ci/plumbline/collect"
)

func TestQuantity(t *testing.T) {
	t.Parallel()
	tests := []struct {
		v    float64
		u    collect.Unit
		want string
	}{
		{1.3402, "s", "1.34 s"},
		{0, "s", "0 s"}, {0, "ns/op", "0 ns/op"}, {math.Copysign(0, -1), "", "0"},
		{0.0123456, "s", "12.3 ms"}, {-0.0123456, "s", "-12.3 ms"},
		{999.95, "ms", "1 s"}, {999.4, "ms", "999 ms"}, {999.5, "ns/op", "1 µs/op"},
		{999.95, "kB", "1 MB"}, {0.99996, "MB", "1 MB"}, {-999.95, "ms", "-1 s"},
		{1500, "us", "1.5 ms"}, {1500, "µs", "1.5 ms"}, {1500, "μs", "1.5 ms"},
		{340, "ns/op", "340 ns/op"}, {12345, "ns/op", "12.3 µs/op"}, {90e9, "ns/op", "90 s/op"},
		{1e-12, "s", "0.001 ns"}, {1e-300, "s", "1e-291 ns"}, {1e300, "s", "1e+300 s"}, {1e300, "", "1e+300"}, {math.MaxFloat64, "s", "1.8e+308 s"},
		{59.94, "s", "59.9 s"}, {59.96, "s", "1 min"}, {134, "s", "2 min 14 s"}, {-134, "s", "-2 min 14 s"},
		{3599.7, "s", "1 h"}, {12000, "s", "3 h 20 min"}, {134000, "ms", "2 min 14 s"}, {4e6, "s", "4,000,000 s"},
		{2.5, "MB", "2.5 MB"}, {2500, "MB", "2.5 GB"}, {0.0005, "MB", "500 B"}, {128.7, "MB", "129 MB"},
		{1234567, "B", "1.23 MB"}, {512, "bytes", "512 B"}, {2048, "KiB", "2 MiB"}, {1023.9, "KiB", "1,020 KiB"}, {48, "B/op", "48 B/op"},
		{12.345, "MB/s", "12.3 MB/s"}, {12345, "MB/s", "12.3 GB/s"},
		{45.23, "%", "45.2 %"}, {99.96, "%", "99.96 %"}, {99.99999, "%", "99.99999 %"}, {100, "%", "100 %"}, {0, "%", "0 %"}, {250, "percent", "250 %"},
		{1234, "count", "1,234"}, {1234567, "", "1,234,567"}, {1234.5, "", "1,235"}, {0.12345, "", "0.123"}, {1, "1", "1"},
		{12, "allocs/op", "12 allocs/op"}, {12345.6, "ops/s", "12,346 ops/s"}, {3, "widgets", "3 widgets"},
		{math.NaN(), "s", "–"}, {math.Inf(1), "", "–"},
	}
	for _, tt := range tests {
		if got := collect.Quantity(tt.v, tt.u); got != tt.want {
			t.Errorf("Quantity(%v, %q) = %q, want %q", tt.v, tt.u, got, tt.want)
		}
	}
}

func TestDistinctly(t *testing.T) {
	t.Parallel()
	tests := []struct {
		a, b       float64
		u          collect.Unit
		aout, bout string
	}{
		{1.02, 1.34, "s", "1.02 s", "1.34 s"},
		{1.0201, 1.0204, "s", "1.0201 s", "1.0204 s"},
		{2.5, 2.5, "MB", "2.5 MB", "2.5 MB"},
		{7200, 7201, "s", "7,200 s", "7,201 s"},
		{1, 1 + 1e-15, "", "1", "1"},
		{math.NaN(), 3, "s", "–", "3 s"},
	}
	for _, tt := range tests {
		if a, b := collect.Distinctly(tt.a, tt.b, tt.u); a != tt.aout || b != tt.bout {
			t.Errorf("Distinctly(%v, %v, %q) = %q, %q, want %q, %q", tt.a, tt.b, tt.u, a, b, tt.aout, tt.bout)
		}
	}
}

func FuzzQuantity(f *testing.F) {
	f.Add(1.5, "s")
	f.Add(-1e308, "ns/op")
	f.Add(5e-324, "MiB")
	f.Fuzz(func(t *testing.T, v float64, u string) {
		if !utf8.ValidString(u) || strings.ContainsAny(u, "\n\r\x1b") || utf8.RuneCountInString(u) > 24 {
			return // a unit stays as it came, and who shows it cleans it
		}
		s := collect.Quantity(v, collect.Unit(u))
		if s == "" || !utf8.ValidString(s) || strings.ContainsAny(s, "\n\r\x1b") {
			t.Errorf("Quantity(%v, %q) = %q", v, u, s)
		}
		// All but numbers of things stay short.
		if n := utf8.RuneCountInString(s); n > 45 {
			t.Errorf("Quantity(%v, %q) = %q: %d characters", v, u, s, n)
		}
	})
}
