// Package tools has what other regression checkers compute, as far as a series of
// values and a head value decide it, to measure them on the same cases. Each is
// written from its documentation and source, named in its file, and stands for the
// rule and not for the program around it. It is pure.
//
// A rule is a file, and a row in tools.go.
package tools
