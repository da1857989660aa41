package tables

import (
	"fmt"
	"strings"
	"time"
)

// Version is the version of the schema that this program makes and knows.
const Version = 2

// Dialect is what databases call differently.
type Dialect struct {
	Text, Time, Bytes, Float string // types; text is ordered by its bytes
	// Partitioned is what follows a table that is divided by time, and Clustered what
	// follows one whose rows are in the order of its key. Both may be empty.
	Partitioned, Clustered string
	View                   string // what makes a view that may be there already
	// Stamp makes a time to store, cut to microseconds.
	Stamp func(time.Time) any
}

// Migrations are the statements that bring a schema from one version to the next:
// those at index 0 make version 1. A statement may be run again, after a migration
// that did not come to its end.
func (d Dialect) Migrations() [][]string {
	fill := strings.NewReplacer("{text}", d.Text, "{time}", d.Time, "{bytes}", d.Bytes, "{float}", d.Float,
		"{partitioned}", d.Partitioned, "{clustered}", d.Clustered, "{view}", d.View)
	all := make([][]string, len(migrations))
	for i := range migrations {
		for _, text := range migrations[i] {
			all[i] = append(all[i], fill.Replace(text))
		}
	}
	return all
}

// SchemaTable makes the table that says which migrations were made.
func (d Dialect) SchemaTable() string {
	return strings.ReplaceAll(schemaTable, "{time}", d.Time)
}

const schemaTable = `CREATE TABLE IF NOT EXISTS plumbline_schema (version integer PRIMARY KEY, partitioned integer NOT NULL)`

var migrations = [Version][]string{
	{
		// The first column decides where a row is, and time in which partition: both are
		// part of the key, as Citus and partitions ask for. Key columns are no digests:
		// people read them.
		`CREATE TABLE IF NOT EXISTS plumbline_run (
	repository {text} NOT NULL,
	time {time} NOT NULL,
	run_id {text} NOT NULL,
	run bigint NOT NULL,
	suite {text} NOT NULL,
	job {text} NOT NULL,
	type {text} NOT NULL,
	branch {text} NOT NULL,
	git_commit {text} NOT NULL,
	origin {text} NOT NULL,
	metrics integer NOT NULL,
	bytes integer NOT NULL,
	record {bytes} NOT NULL,
	PRIMARY KEY (repository, time, run_id)
) {partitioned}`,
		`CREATE INDEX IF NOT EXISTS plumbline_run_by_id ON plumbline_run (run_id, repository)`,
		`CREATE INDEX IF NOT EXISTS plumbline_run_by_time ON plumbline_run (time, run_id, repository)`,
		`CREATE TABLE IF NOT EXISTS plumbline_series (
	repository {text} NOT NULL,
	series bigint NOT NULL,
	name {text} NOT NULL,
	unit {text} NOT NULL,
	better {text} NOT NULL,
	PRIMARY KEY (repository, series)
) {clustered}`,
		`CREATE TABLE IF NOT EXISTS plumbline_sample (
	series bigint NOT NULL,
	time {time} NOT NULL,
	run bigint NOT NULL,
	value {float} NOT NULL,
	repository {text} NOT NULL,
	PRIMARY KEY (repository, series, time, run)
) {clustered} {partitioned}`,
	},
	{
		`{view} plumbline_value AS
SELECT s.repository, n.name AS metric, n.unit, n.better, s.time, s.value, r.run_id, r.branch, r.git_commit, r.suite, r.job, r.type
FROM plumbline_sample s
JOIN plumbline_series n ON n.repository = s.repository AND n.series = s.series
JOIN plumbline_run r ON r.repository = s.repository AND r.time = s.time AND r.run = s.run`,
	},
}

// Newer is the error about tables of a newer program.
func Newer(version int) error {
	return fmt.Errorf("its tables are of version %d, and this program knows them up to version %d: use a newer plumbline", version, Version)
}
