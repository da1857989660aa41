package cli

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/plumbline-ci/plumbline/collect/parse"
)

// listFormats prints what can be read, by family and name.
func listFormats(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for i, family := range parse.Families() {
		if i > 0 {
			fmt.Fprintln(t)
		}
		fmt.Fprintf(t, "%s\n", strings.ToUpper(family.Name))
		for _, f := range family.Formats {
			fmt.Fprintf(t, "  %s\t%s\n", f.Name, f.From)
		}
	}
	return t.Flush()
}
