package postgres

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/plumbline-ci/plumbline/baseline/store/tables"
)

// state is what is known of the tables. It does not change for the worse while a
// program runs.
type state struct {
	mu          sync.Mutex
	version     int // 0: not known, or there are none
	partitioned bool
	months      map[string]bool // whose partitions are there
	noLock      bool            // as if the server had no advisory locks; for tests
}

// readable holds that there are tables such as this program knows.
func (s *state) readable(ctx context.Context, c *pgconn.PgConn) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.version == 0 {
		if err := s.look(ctx, c); err != nil {
			return err
		}
	}
	if s.version == 0 {
		return tables.ErrNoTables
	}
	return nil
}

// writable makes what is missing for a run of a time.
func (s *state) writable(ctx context.Context, c *pgconn.PgConn, o options, at time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.version < tables.Version {
		if err := s.look(ctx, c); err != nil {
			return err
		}
	}
	if s.version < tables.Version {
		if err := s.migrate(ctx, c, o); err != nil {
			return err
		}
	}
	if s.partitioned {
		return s.partition(ctx, c, at)
	}
	return nil
}

const whichVersion = "SELECT coalesce(max(version), 0), coalesce(max(partitioned), 0) FROM plumbline_schema"

func (s *state) look(ctx context.Context, c *pgconn.PgConn) error {
	var version, partitioned int
	err := one(ctx, c, whichVersion, nil, &version, &partitioned)
	switch {
	case sqlState(err) == noTable:
		return nil
	case err != nil:
		return err
	case version > tables.Version:
		return final(tables.Newer(version))
	}
	s.version, s.partitioned = version, partitioned > 0
	return nil
}

// lockKey is any number that nobody else uses.
const lockKey = 7586228104662

// migrate brings the tables to the version of this program. Where there are
// advisory locks one process does it and the others wait. Where there are none
// (YugabyteDB has them since 2025) all try, each statement may be run again, and who loses a race
// begins again.
func (s *state) migrate(ctx context.Context, c *pgconn.PgConn, o options) error {
	var server string
	if err := one(ctx, c, "SELECT version()", nil, &server); err != nil {
		return err
	}
	cockroach := strings.Contains(server, "CockroachDB")
	locks := !s.noLock && !cockroach
	for try := 0; ; try++ {
		err := s.attempt(ctx, c, dialect(o.plain, cockroach), locks)
		switch code := sqlState(err); {
		case err == nil:
			return s.look(ctx, c)
		case locks && slices.Contains([]string{"0A000", "42883"}, code) && strings.Contains(err.Error(), "advisory"):
			locks = false
		case try < 50 && slices.Contains(raced, code):
			select {
			case <-ctx.Done():
				return err
			case <-time.After(time.Duration(10+10*try) * time.Millisecond):
			}
		default:
			return err
		}
	}
}

// raced are the codes of two that make the same table at once.
var raced = []string{"42P07", "42710", "42P06", "23505", "40001", "40P01", "42701", "42723", "XX000"}

func (s *state) attempt(ctx context.Context, c *pgconn.PgConn, l tables.Dialect, lock bool) error {
	return transaction(ctx, c, nil, func() (keep bool, err error) {
		if lock {
			if err := exec(ctx, c, "SELECT pg_advisory_xact_lock($1)", int64(lockKey)); err != nil {
				return false, fmt.Errorf("advisory lock: %w", err)
			}
		}
		if err := exec(ctx, c, l.SchemaTable()); err != nil {
			return false, err
		}
		var version, partitioned int
		if err := one(ctx, c, whichVersion, nil, &version, &partitioned); err != nil {
			return false, err
		}
		if version > tables.Version {
			return false, final(tables.Newer(version))
		}
		return true, s.steps(ctx, c, l, version)
	})
}

func (s *state) steps(ctx context.Context, c *pgconn.PgConn, l tables.Dialect, version int) error {
	partitioned := 0
	if l.Partitioned != "" {
		partitioned = 1
	}
	for i, statements := range l.Migrations()[version:] {
		if version+i == 0 && partitioned > 0 {
			more, err := partitioning(ctx, c)
			if err != nil {
				return err
			}
			statements = append(slices.Clone(statements), more...)
		}
		for _, text := range statements {
			if err := exec(ctx, c, text); err != nil {
				return err
			}
		}
		if err := exec(ctx, c, "INSERT INTO plumbline_schema VALUES ($1, $2)", version+i+1, partitioned); err != nil {
			return err
		}
	}
	return nil
}
