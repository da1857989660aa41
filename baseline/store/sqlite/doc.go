// Package sqlite is the store in one SQLite file, for a person or a runner of one's
// own that wants queries without a server. Its tables are those of package tables,
// with times as microseconds since 1970. It may import tables, baseline and collect.
//
//	s, err := sqlite.Open("sqlite:runs.db")
//
// Several processes may use a file at once: SQLite's write-ahead log lets them read
// while one writes, and who would write waits for its turn. That needs a disk of
// this machine: over a network the log does not work. A run is on the disk when Put
// returns.
//
// A file that is damaged, or that is no database, is told and left as it is.
package sqlite
