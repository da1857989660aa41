// Package picture draws the history of a metric as a still picture, SVG or PNG,
// and badges in the look of shields.io.
//
// It may import check/report, whose Series has all that is drawn: nothing is
// computed from it again. A picture is first a list of shapes, which svg.go
// writes and png.go fills with colour, so that both show the same. It is pure: it
// writes where it is told to.
//
// To show one more thing, add a file with a method of plot that adds its shapes,
// call it in newPlot, and give it a row in the legend:
//
//	err := picture.SVG(os.Stdout, series, picture.Options{Theme: picture.Dark})
package picture
