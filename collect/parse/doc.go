// Package parse turns the output of test, benchmark and coverage tools into
// metrics. One file is one format.
//
// A parser reads a stream and writes what it finds on a Sheet: test cases,
// benchmark samples, covered lines. The sheet adds up over files and makes the
// metrics, so that ten JUnit files give one count of tests and coverage of two
// suites is a union and not a sum.
package parse
