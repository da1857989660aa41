package cli

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plumbline-ci/plumbline/collect/parse"
)

var update = flag.Bool("update", false, "rewrite the pages that are made of the program")

// TestFormatsPage holds the page of formats against the code that reads them;
// go test -run TestFormatsPage -update writes it.
func TestFormatsPage(t *testing.T) {
	name := filepath.Join("..", "..", ".github", "docs", "formats.md")
	want := formatsPage()
	if *update {
		if err := os.WriteFile(name, []byte(want), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	page, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if string(page) != want {
		t.Errorf("%s does not say what the program reads; -update writes it:\n%s", name, cmp.Diff(string(page), want))
	}
}

// formatsPage lists all formats, by family and name.
func formatsPage() string {
	var b strings.Builder
	b.WriteString("# What plumbline reads\n\n" +
		"`collect FILE...` and `run --results GLOB` tell the format by the file's content;\n" +
		"`collect --format NAME` and `run --collect NAME=GLOB` say it. This page is written\n" +
		"from the program: `plumbline collect --formats` prints the same list.\n")
	for _, family := range parse.Families() {
		fmt.Fprintf(&b, "\n## %s\n\n%s.\n\n| format | from | metrics of its own |\n|---|---|---|\n", family.Name, metricList(family.Makes))
		for _, f := range family.Formats {
			names := "`" + f.Name + "`"
			for _, a := range f.Others() {
				names += ", `" + a + "`"
			}
			fmt.Fprintf(&b, "| %s | %s | %s |\n", names, strings.ReplaceAll(f.From, "|", "\\|"), metricList(f.Makes))
		}
	}
	return b.String()
}

// metricList writes names of metrics as code, and words as they are.
func metricList(makes []string) string {
	list := make([]string, len(makes))
	for i, m := range makes {
		if list[i] = m; !strings.Contains(m, " ") {
			list[i] = "`" + m + "`"
		}
	}
	return strings.Join(list, ", ")
}
