package parse

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/plumbline-ci/plumbline/collect"
)

// FuzzFormats gives a format any bytes. Whatever comes out could stand in a
// record: names are unique, of valid UTF-8 and of bounded length, numbers are
// finite, and an error leaves nothing behind. It begins with our own inputs, and
// the fixtures where they are.
func FuzzFormats(f *testing.F) {
	for _, name := range slices.Sorted(maps.Keys(inputs(f))) {
		for _, file := range inputs(f)[name] {
			f.Add(formatNumber(name), read(f, file))
		}
	}
	for _, row := range fixtureRows() {
		data, err := os.ReadFile(filepath.Join(fixtures, row.path))
		if err != nil || len(data) > 64<<10 {
			continue // long ones make the fuzzing slow
		}
		if format, ok := Detect(row.path, data); ok {
			f.Add(formatNumber(format.Name), data)
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, data []byte) {
		Detect("", data)
		format := formats[int(which)%len(formats)]
		sheet := NewSheet("")
		_, err := File(bytes.NewReader(data), "f", format.Name, sheet)
		all := sheet.Metrics()
		if err != nil && len(all) > 0 {
			t.Errorf("%s: %v, and metrics %v", format.Name, err, all)
		}
		if len(data) == 0 && err == nil {
			t.Errorf("%s reads an empty file", format.Name)
		}
		checkMetrics(t, format.Name, all)
	})
}

func formatNumber(name string) uint8 {
	return uint8(slices.IndexFunc(formats, func(f Format) bool { return f.Name == name }))
}

// checkMetrics checks what every sheet promises.
func checkMetrics(t *testing.T, format string, all []collect.Metric) {
	t.Helper()
	for i, m := range all {
		if i > 0 && all[i-1].Name >= m.Name {
			t.Errorf("%s: %q stands before %q: want names sorted and unique", format, all[i-1].Name, m.Name)
		}
		if !utf8.ValidString(m.Name) || strings.ContainsFunc(m.Name, unicode.IsControl) || len(m.Name) > 3*MaxNameBytes {
			t.Errorf("%s: name %q is not fit for a record", format, m.Name)
		}
		for _, v := range append([]float64{m.Value}, m.Samples...) {
			if notFinite(v) {
				t.Errorf("%s: %s = %v, want a finite number", format, m.Name, v)
			}
		}
		ours := !strings.HasPrefix(m.Name, "bench/") && !strings.HasPrefix(format, "metrics-")
		if ours && strings.HasSuffix(m.Name, "_pct") && (m.Value < 0 || m.Value > 100) {
			t.Errorf("%s: %s = %v, want 0 to 100", format, m.Name, m.Value)
		}
	}
}
