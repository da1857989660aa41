package parse

import (
	"io"
	"strings"
	"testing"
)

// TestHostileCoverage feeds line numbers out of the blue and endless repetitions:
// what is kept depends on what there is to say and not on the numbers.
func TestHostileCoverage(t *testing.T) {
	const mib = 1 << 20
	many := 300_000 / slowdown
	for _, tt := range []struct {
		name, format string
		file         io.Reader
		limit        uint64
	}{
		{"last line", "lcov", repeat("SF:a.c\n", "DA:2147483647,1\n", many, "end_of_record\n"), mib},
		{"record after record", "lcov", repeat("", "SF:a.c\nDA:7,1\nBRDA:7,0,0,1\nend_of_record\n", many, ""), 16 * mib},
		{"last line", "jacoco", repeat("<report><package name='p'><sourcefile name='A'>", `<line nr="1073741823" mi="0" ci="1" mb="0" cb="0"/>`, many, "</sourcefile></package></report>"), mib},
		{"a billion lines", "opencover", repeat(`<CoverageSession><Modules><Module><Files><File uid="1" fullPath="a.cs"/></Files>`,
			`<SequencePoint vc="1" sl="1" sc="1" el="1073741823" ec="2" fileid="1"/>`, many, "</Module></Modules></CoverageSession>"), 8 * mib},
		{"a billion lines", "llvm-cov", strings.NewReader(`{"data":[{"files":[{"filename":"a.c","segments":[[1,1,1,true,true],[2147483647,1,0,false,false]]}]}]}`), mib},
		{"far apart", "llvm-cov", repeat(`{"data":[{"files":[{"filename":"a.c","segments":[[1,1,1,true,true]`, ",[2147483000,1,0,false,false],[2147483000,2,1,true,true]", 1000, `]}]}]}`), 8 * mib},
		{"a billion lines", "octocov-report", strings.NewReader(`{"repository":"r","coverage":{"type":"loc","total":1,"covered":1,"files":[{"file":"a","blocks":[{"type":"loc","start_line":1,"end_line":2147483647,"count":1}]}]}}`), mib},
		{"no end", "pytest-cov-text", repeat("Name Stmts Miss Cover\n", strings.Repeat("x", 1000), many/10, "\nTOTAL 2 1 50%\n"), mib},
	} {
		var err error
		sheet := NewSheet("")
		took := allocated(func() {
			_, err = File(tt.file, "f", tt.format, sheet)
		})
		if err != nil || len(sheet.Metrics()) == 0 {
			t.Errorf("%s, %s: %v, metrics %v", tt.format, tt.name, err, sheet.Metrics())
		}
		if took > tt.limit {
			t.Errorf("%s, %s: %d KiB allocated, want at most %d", tt.format, tt.name, took>>10, tt.limit>>10)
		}
	}
}
