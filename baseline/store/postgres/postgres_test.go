package postgres

import (
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/baseline/store/storetest"
	"github.com/plumbline-ci/plumbline/baseline/store/tables"
	"github.com/plumbline-ci/plumbline/internal/servicetest"
)

func open(t testing.TB, address string) *tables.Store {
	t.Helper()
	s, err := Open(address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// newDB makes a database of its own on a server.
func newDB(t testing.TB, p *servicetest.Postgres, name string) string {
	p.SQL(t, "postgres", fmt.Sprintf("CREATE DATABASE %s", name))
	return name
}

func TestSuite(t *testing.T) {
	t.Parallel()
	p := servicetest.StartPostgres(t, "max_connections=300")
	for name, query := range map[string]string{"partitioned": "", "plain": "partitions=off", "unprepared": "default_query_exec_mode=exec"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db, n := newDB(t, p, name), new(atomic.Int32)
			storetest.Suite(t, func(t *testing.T) baseline.Store {
				schema := fmt.Sprintf("s%d", n.Add(1))
				p.SQL(t, db, "CREATE SCHEMA "+schema)
				return open(t, p.Address("postgres", "", db, "pool_max_conns=4", "search_path="+schema, query))
			})
		})
	}
}
