// Package tables has what the stores in SQL databases share: the schema, what a
// run is as rows, and the listing. It knows no driver; packages postgres and sqlite
// bring one each. It may import baseline and collect.
//
// Four tables hold a store. plumbline_run has a row a run, with its record as it
// was put, compressed, and what a listing is narrowed by. plumbline_series names
// the metrics of a repository, and plumbline_sample has a row for each metric of
// each run, for queries across runs. plumbline_schema has a row for each migration
// that was made. The repository is the first column of every key, so that all of
// a repository is in one place where a database spreads rows over machines; the
// sum of two repositories' rows is never needed. plumbline_value is a view of the
// metrics with their names and runs, for people and dashboards.
//
// To change the schema, add a migration at the end of Migrations, never change one
// that a release had, and hold to what Citus, CockroachDB, YugabyteDB and SQLite
// have too: no sequences, foreign keys, triggers or extensions. What one of them
// lacks is a field of Dialect.
//
//	s := tables.New(db, `database "x"`) // db is a DB; the store is a baseline.LineStore
package tables
