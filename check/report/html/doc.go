// Package html has the script and the styles that pages draw charts with: the page
// of a run (check/report), the dashboard and the static site. It imports nothing.
//
// A page includes ChartScript, a plain script, and ChartStyle, defines the colours
// that the style names, and calls
//
//	plumblineChart(element, series, options)
//
// with a report.Series as JSON. Neither needs anything from the network, and both
// work under a Content-Security-Policy without 'unsafe-inline'.
package html
