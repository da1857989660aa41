// Command method measures how good the verdict is, on real histories. It reads a
// corpus of CI histories, makes cases from them in which what is true is known,
// lets plumbline and other tools judge the same cases, and prints a table:
//
//	go run ./internal/method --corpus ../shared/corpus
//
// A corpus is a folder with INDEX.tsv, whose first two columns are a file and the
// repository that it comes from, and the histories themselves: *.jsonl.gz, one run
// a line as in a store, oldest first.
//
// The cases are of three kinds. In random order: level shifts are taken out of a
// history and its runs are shuffled, so that no run is any worse than another and
// every alert is false. In their own order: the same, but drift and eras of other
// machines stay in. As published: successive runs, where an alert is false if the
// level of the next runs does not last. In the first two a metric is then made
// worse, to see who sees it. A re-run is another run of the same clean history.
//
// The run is the unit: a run alerts when any of its metrics does. Rates are taken
// for each repository, so that one with many suites counts no more than another.
//
// Our own ways to judge are rows in detect.go, others in others.go; what other
// tools compute is a file each in tools.
package main
