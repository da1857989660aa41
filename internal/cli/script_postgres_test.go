package cli

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/plumbline-ci/plumbline/internal/servicetest"
)

type postgresKey struct{}

// postgresServer is the database server of a script.
type postgresServer struct {
	testing.TB // the script's
	server     *servicetest.Postgres
}

// cmdPostgres is a real PostgreSQL server:
//
//	postgres start           the program finds it by PGHOST and PGPORT, as the role ci
//	postgres sql STATEMENT   runs as the owner of all
//	postgres sees N QUERY    the query gives N
func cmdPostgres(ts *testscript.TestScript, neg bool, args []string) {
	p, _ := ts.Value(postgresKey{}).(*postgresServer)
	if neg || p == nil || len(args) < 1 || args[0] != "start" && p.server == nil {
		ts.Fatalf("usage: postgres start, and then postgres sql|sees ...")
	}
	switch what := args[0]; {
	case what == "start":
		p.server = servicetest.StartPostgres(p)
		p.server.SQL(p, "postgres", "CREATE ROLE ci LOGIN PASSWORD 'hush'; CREATE DATABASE perf OWNER ci")
		for name, value := range map[string]string{"PGHOST": "127.0.0.1", "PGPORT": p.server.Port, "PGUSER": "ci", "PGPASSWORD": "hush"} {
			ts.Setenv(name, value)
		}
	case what == "sql" && len(args) == 2:
		p.server.SQL(p, "perf", args[1])
	case what == "sees" && len(args) == 3:
		if got := p.server.SQL(p, "perf", args[2]); got != args[1] {
			ts.Fatalf("%s gives %q, want %q", args[2], got, args[1])
		}
	default:
		ts.Fatalf("postgres: unknown %q", args)
	}
}
