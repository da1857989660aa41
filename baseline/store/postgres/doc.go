// Package postgres is the store in a PostgreSQL database, or in a distributed one
// that speaks its protocol and SQL. Its tables are those of package tables, divided
// into a partition a month where the database has partitions. It may import tables,
// baseline and collect.
//
//	s, err := postgres.Open("postgres://ci@db.example/perf")
//
// What the address does not say comes from PGHOST, PGUSER, PGPASSWORD, ~/.pgpass
// and the like, as for psql. A connection is encrypted, and the server must prove
// its name, unless it is on this machine or sslmode says otherwise.
//
// Writing waits for a server that is full, restarts or cannot be reached for a
// moment. A run is written in one transaction, so that none is there by half.
package postgres
