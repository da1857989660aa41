package parse

import (
	"bytes"
	"io"
	"runtime"
	"strings"
	"testing"
)

// heapWatch remembers the largest heap that it saw while it was read from.
type heapWatch struct {
	io.Reader
	read, next int
	most       uint64
}

func (w *heapWatch) Read(p []byte) (int, error) {
	n, err := w.Reader.Read(p)
	if w.read += n; w.read >= w.next || err != nil {
		w.next = w.read + 4<<20
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		w.most = max(w.most, m.HeapAlloc)
	}
	return n, err
}

// TestHostileFormats feeds every format what is made to take memory or to hang.
// Each ends, with an error or without, and the heap stays far below the size that
// the file would take if it were held.
func TestHostileFormats(t *testing.T) {
	const mib = 1 << 20
	kib := strings.Repeat("x", 1024)
	most := 24 * mib / slowdown
	for _, f := range Formats() {
		good := string(read(t, inputs(t)[f.Name][0]))
		cut := good[:len(good)/2]
		for name, file := range map[string]io.Reader{
			"a line without an end":    repeat("", kib, most/1024, ""),
			"a long line in a good":    repeat(good+"\n", kib, most/1024, "\n"+good),
			"a value without an end":   repeat(cut, kib, most/1024, ""),
			"a string without an end":  repeat(`{"a": [{"b": "`, kib, most/1024, ""),
			"lines without an end":     repeat(cut, "\n", 4*mib/slowdown, ""),
			"digits without an end":    repeat(cut, "9", 4*mib/slowdown, ""),
			"arrays a million deep":    repeat(cut, "[", mib/slowdown, ""),
			"objects a million deep":   repeat(cut, `{"a":`, mib/slowdown, ""),
			"elements a million deep":  repeat(cut, "<a>", mib/slowdown, ""),
			"a suite in a suite":       repeat("<testsuites>", "<testsuite>", mib/slowdown, ""),
			"quotes without an end":    repeat(cut, `"`, 2*mib/slowdown, ""),
			"escapes without an end":   repeat(cut+`"`, `\u0041\"`, mib/slowdown, ""),
			"spaces without an end":    repeat(cut, " ", 4*mib/slowdown, good[len(good)/2:]),
			"the same again and again": strings.NewReader(strings.Repeat(good, 1000/slowdown)),
		} {
			runtime.GC()
			var before runtime.MemStats
			runtime.ReadMemStats(&before)
			w := &heapWatch{Reader: file}
			sheet := NewSheet("")
			_, err := File(w, "f", f.Name, sheet)
			if grown := int64(w.most) - int64(before.HeapAlloc); grown > 64*mib {
				t.Errorf("%s, %s: the heap grew by %d MiB, want at most 64 (%v)", f.Name, name, grown/mib, err)
			}
			checkMetrics(t, f.Name+", "+name, sheet.Metrics())
		}
	}
}

// TestCutAnywhere cuts each good input at each of its bytes, and turns each into
// another: nothing crashes, and all that is read could stand in a record.
func TestCutAnywhere(t *testing.T) {
	for _, f := range Formats() {
		for _, input := range inputs(t)[f.Name] {
			good := read(t, input)
			step := max(1, len(good)/(300/slowdown))
			for i := 0; i < len(good); i += step {
				for _, broken := range [][]byte{good[:i], append(append(bytes.Clone(good[:i]), good[i]^0x15), good[i+1:]...)} {
					sheet := NewSheet("")
					_, err := File(bytes.NewReader(broken), "f", f.Name, sheet)
					all := sheet.Metrics()
					if err != nil && len(all) > 0 {
						t.Errorf("%s, %s at %d: %v, and metrics %v", f.Name, input, i, err, all)
					}
					checkMetrics(t, f.Name, all)
				}
			}
		}
	}
}
