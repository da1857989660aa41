// Package report renders a result for people and machines: as text for a
// terminal, as Markdown for a job summary or a comment, and as JSON.
//
// It may import check and collect. It decides nothing: which metrics regressed
// and why stands in check.Result, and a figure that is NaN there is not known
// and is left out, never invented. It is also the one place where text from
// outside (names of metrics, branches, reasons that quote them) is made
// harmless: clean for every medium, terminal and prose and code for their own.
//
// To add a form, write one file with a function that takes an io.Writer and a
// Page, and a golden of it for each of the results in results_test.go:
//
//	page := report.NewPage(result, report.Links{})
//	err := report.Text(os.Stdout, page, report.TextOptions{Width: 80})
package report
