package ui_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/plumbline-ci/plumbline/collect"
)

// A figure looks the same on a page and on a terminal.
func testFigures(t *testing.T, d *dashboard) {
	type figure struct {
		Value float64
		Unit  collect.Unit
	}
	var all []figure
	for _, u := range []collect.Unit{"", "count", "1", "%", "pct", "s", "ms", "us", "ns/op", "MB", "B", "KiB", "bytes", "MB/s", "allocs/op", "widgets", "s/op"} {
		for _, v := range []float64{
			0, 1, -1, 0.5, 1.005, 12.345, 99.96, 99.9999, 100, 999.4, 999.5, 999.95, 1000, 1023, 1234.5, 12345678, 0.0001234, 0.00001234, -0.98765, 59.94, 59.95, 60, 134, 3599.6, 12000, 3.7e6, 1e15, 123456789012,
		} {
			all = append(all, figure{v, u})
		}
	}
	text, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	p := d.open(t, "#/")
	var got []string
	p.Eval(fmt.Sprintf(`import("/ui/format.js").then(f => %s.map(x => f.quantity(x.Value, x.Unit)))`, text), &got)
	for i, x := range all {
		if want := collect.Quantity(x.Value, x.Unit); got[i] != want {
			t.Errorf("%v %q is %q on the page, want %q", x.Value, x.Unit, got[i], want)
		}
	}
}
