package postgres

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// A partition has a month, in UTC. Runs of a time that is far off, as clocks that are
// wrong give, are in a partition for the rest: who may only add runs cannot make
// thousands of tables.
const (
	defaultRun    = `CREATE TABLE IF NOT EXISTS plumbline_run_other PARTITION OF plumbline_run DEFAULT`
	defaultSample = `CREATE TABLE IF NOT EXISTS plumbline_sample_other PARTITION OF plumbline_sample DEFAULT`

	// The function has the rights of the tables' owner, so that roles that may only
	// add runs can begin a month. It names its schema, and so nothing that such a role
	// makes is taken for something else. Of two that make a partition at once, one
	// finds it made; where the partition for the rest has rows of the month, from when
	// that was far off, they stay there.
	makePartition = `CREATE OR REPLACE FUNCTION plumbline_partition(at timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {schema}, pg_temp AS $function$
DECLARE
	begins timestamp := date_trunc('month', at AT TIME ZONE 'UTC');
	suffix text := to_char(begins, 'YYYYMM');
	parent text;
BEGIN
	IF at < '2000-01-01 00:00:00+00' OR at > now() + interval '2 months' THEN
		RETURN;
	END IF;
	FOREACH parent IN ARRAY ARRAY['plumbline_run', 'plumbline_sample'] LOOP
		EXECUTE format('CREATE TABLE IF NOT EXISTS %I.%I PARTITION OF %I.%I FOR VALUES FROM (%L) TO (%L)',
			{name}, parent || '_' || suffix, {name}, parent, begins::text || '+00', (begins + interval '1 month')::text || '+00');
	END LOOP;
EXCEPTION WHEN duplicate_table OR unique_violation OR check_violation THEN
	NULL;
END
$function$`
)

// partitioning are the statements that go with partitioned tables.
func partitioning(ctx context.Context, c *pgconn.PgConn) ([]string, error) {
	var schema string
	if err := one(ctx, c, "SELECT current_schema()", nil, &schema); err != nil {
		return nil, err
	}
	text := strings.NewReplacer("{schema}", `"`+strings.ReplaceAll(schema, `"`, `""`)+`"`, "{name}", "'"+strings.ReplaceAll(schema, "'", "''")+"'").Replace(makePartition)
	return []string{defaultRun, defaultSample, text, "REVOKE ALL ON FUNCTION plumbline_partition(timestamptz) FROM PUBLIC"}, nil
}

// partition makes the partitions for a time. Without the right to, or where several
// make them at once and wait for each other, the rows go to that for the rest.
func (s *state) partition(ctx context.Context, c *pgconn.PgConn, at time.Time) error {
	month := at.UTC().Format("200601")
	if s.months[month] {
		return nil
	}
	var there bool
	err := one(ctx, c, "SELECT to_regclass('plumbline_sample_' || $1) IS NOT NULL", []any{month}, &there)
	if err == nil && !there {
		err = exec(ctx, c, "SELECT plumbline_partition($1)", at)
	}
	if code := sqlState(err); err != nil && code != notAllowed && code != "42883" {
		return err
	}
	if s.months == nil {
		s.months = map[string]bool{}
	}
	s.months[month] = true
	return nil
}
