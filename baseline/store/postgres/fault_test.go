package postgres

import (
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/baseline/store/storetest"
	"github.com/plumbline-ci/plumbline/internal/servicetest"
)

// wantError holds that an error says all of these, and no password.
func wantError(t *testing.T, err error, want ...string) {
	t.Helper()
	if err == nil {
		t.Errorf("no error, want one with %q", want)
		return
	}
	for _, w := range want {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("error %q, want %q in it", err, w)
		}
	}
	if strings.Contains(err.Error(), "hush") {
		t.Errorf("error %q has the password", err)
	}
}

// A role for jobs adds and reads, begins new months too, and changes nothing.
func TestAppendOnlyRole(t *testing.T) {
	t.Parallel()
	p := servicetest.StartPostgres(t)
	p.SQL(t, "postgres", "CREATE ROLE ci LOGIN PASSWORD 'hush-1'")
	asRole := open(t, p.Address("ci", "hush-1", "postgres"))
	wantError(t, asRole.Put(t.Context(), storetest.Run("early", 0)), "write to store", `the role "ci" lacks a right`, "42501")
	owner := open(t, p.Address("postgres", "", "postgres"))
	storetest.Fill(t, owner, storetest.Run("a", 0, storetest.Value("m", 1)))
	p.SQL(t, "postgres", grants(t))
	later := storetest.Run("b", 60*24*40, storetest.Value("m", 2), storetest.Value("n", 3)) // another month
	storetest.Fill(t, asRole, later)
	storetest.WantIDs(t, asRole, "b", "a")
	if got := p.SQL(t, "postgres", "SELECT count(*) FROM plumbline_sample_202507"); got != "2" {
		t.Errorf("the partition of July has %s samples, want 2", got)
	}
	wantError(t, asRole.Delete(t.Context(), "a"), "delete from store", `the role "ci" may only add and read`)
	storetest.WantIDs(t, owner, "b", "a")
	for _, statement := range []string{"UPDATE plumbline_run SET branch = 'x'", "DELETE FROM plumbline_sample", "TRUNCATE plumbline_run", "DROP TABLE plumbline_run", "UPDATE plumbline_schema SET version = 99", "CREATE TABLE x (y int)"} {
		got := p.SQL(t, "postgres", "SET ROLE ci; DO $$ BEGIN EXECUTE $q$"+statement+"$q$; RAISE 'it may'; EXCEPTION WHEN insufficient_privilege THEN NULL; END $$; SELECT 'refused'")
		if got != "refused" {
			t.Errorf("%s as ci: %q, want refused", statement, got)
		}
	}
}

// An error names server and database, and never a password, wherever that was.
func TestNoPasswordInErrors(t *testing.T) {
	p := servicetest.StartPostgres(t)
	t.Setenv("PGPASSFILE", "/nonexistent")
	p.SQL(t, "postgres", "CREATE ROLE ci LOGIN PASSWORD 'right'")
	put := func(address string) error {
		d, err := newDatabase(address)
		if err != nil {
			return err
		}
		d.patience = 0
		defer d.Close()
		return d.Query(t.Context(), "SELECT 1", nil, func(func(...any) error) error { return nil })
	}
	wantError(t, put(p.Address("ci", "hush", "postgres")), "read store", "password authentication failed", `the password of "ci" comes from PGPASSWORD`)
	wantError(t, put(p.Address("ci", "", "postgres", "password=hush")), "password authentication failed")
	t.Setenv("PGPASSWORD", "hush")
	wantError(t, put(p.Address("ci", "", "postgres")), "password authentication failed")
	t.Setenv("PGPASSWORD", "right")
	wantError(t, put(p.Address("ci", "", "nosuch")), `database "nosuch" does not exist`, "createdb nosuch")
	closed := servicetest.FreeAddress(t)
	wantError(t, put("postgres://ci:hush@"+closed+"/db"), "read store", closed, "was not reached")
	wantError(t, put("postgres://ci:hush@db.invalid/db"), "db.invalid", "was not reached")
	wantError(t, put("postgres://ci:hush%zz@localhost/db"), "the address is no URL")
	wantError(t, put("postgres://ci:hush@localhost:port/db"), "the address is no URL")
	wantError(t, put("postgres://ci:hush@localhost/db?sslmode=maybe"), "open store", "sslmode")
	wantError(t, put("postgres://ci:hush@localhost/db?samples=maybe"), "want on or off")
}

// A server without TLS is refused where it is not on this machine.
func TestSecureByDefault(t *testing.T) {
	for host, want := range map[string]bool{"db.example": true, "10.0.0.1": true, "db.example:6432": true, "localhost": false, "127.0.0.1:5433": false, "[::1]": false, "": false} {
		d, err := newDatabase("postgres://ci@" + host + "/db")
		if err != nil {
			t.Fatal(err)
		}
		c := d.config
		strict := c.TLSConfig != nil && !c.TLSConfig.InsecureSkipVerify && c.TLSConfig.ServerName != "" && len(c.Fallbacks) == 0
		if strict != want {
			t.Errorf("host %q: the server must prove its name: %v, want %v", host, strict, want)
		}
	}
	d, err := newDatabase("postgres://ci@db.example/db?sslmode=disable")
	if err != nil || d.config.TLSConfig != nil {
		t.Errorf("sslmode=disable: %v, want no TLS", err)
	}
}

// A replica is read, and what would write to it is told.
func TestReplica(t *testing.T) {
	t.Parallel()
	p := servicetest.StartPostgres(t, "wal_level=replica", "max_wal_senders=3")
	primary := open(t, p.Address("postgres", "", "postgres"))
	storetest.Fill(t, primary, storetest.Run("a", 0, storetest.Value("m", 1)))
	replica := open(t, p.Replica().Address("postgres", "", "postgres"))
	storetest.WantIDs(t, replica, "a")
	wantError(t, replica.Put(t.Context(), storetest.Run("b", 1)), "write to store", "the server can only be read, as a replica can", "target_session_attrs=read-write")
	wantError(t, replica.Delete(t.Context(), "a"), "delete from store", "the server can only be read")
	storetest.WantIDs(t, primary, "a")
}

// More writers than the server has connections wait for each other, and none fails.
func TestWriters(t *testing.T) {
	t.Parallel()
	const writers, stores = 1000, 4
	p := servicetest.StartPostgres(t, "max_connections=12") // of which 3 are the owner's
	p.SQL(t, "postgres", "CREATE ROLE ci LOGIN PASSWORD 'hush'; CREATE SCHEMA AUTHORIZATION ci")
	var all []baseline.Store
	for range stores {
		d, err := newDatabase(p.Address("ci", "hush", "postgres"))
		if err != nil {
			t.Fatal(err)
		}
		d.patience = 5 * time.Minute
		all = append(all, newStore(t, d))
	}
	var wait sync.WaitGroup
	for i := range writers {
		wait.Go(func() {
			r := storetest.Run(fmt.Sprintf("r%04d", i), i, storetest.Value("m", 1), storetest.Value(fmt.Sprint("n", i%7), 1))
			if err := all[i%stores].Put(t.Context(), r); err != nil {
				t.Errorf("writer %d: %v", i, err)
			}
		})
	}
	wait.Wait()
	ids, bad := storetest.Listing(t, all[0], baseline.Filter{})
	samples := p.SQL(t, "postgres", "SELECT count(*) FROM ci.plumbline_sample")
	if len(ids) != writers || len(bad) > 0 || samples != fmt.Sprint(2*writers) {
		t.Errorf("%d runs with %s samples and errors %v, want %d runs with two each", len(ids), samples, bad, writers)
	}
}

// A server that has no connection to give is told, when patience ends.
func TestFull(t *testing.T) {
	t.Parallel()
	p := servicetest.StartPostgres(t, "max_connections=5", "superuser_reserved_connections=0", "max_wal_senders=0")
	var held []net.Conn
	for range 5 {
		d, err := newDatabase(p.Address("postgres", "", "postgres"))
		if err != nil {
			t.Fatal(err)
		}
		pool, err := d.connected()
		if err != nil {
			t.Fatal(err)
		}
		c, err := pool.Acquire(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer pool.Close()
		defer c.Release()
		held = append(held, c.Value().Conn())
	}
	d, err := newDatabase(p.Address("postgres", "", "postgres"))
	if err != nil {
		t.Fatal(err)
	}
	d.patience = time.Second
	s := newStore(t, d)
	wantError(t, s.Put(t.Context(), storetest.Run("a", 0)), "53300", "no connection was free for 1s", "max_connections")
	d.patience = 5 * time.Minute
	time.AfterFunc(time.Second, func() { held[0].Close() })
	if err := s.Put(t.Context(), storetest.Run("a", 0)); err != nil {
		t.Errorf("Put to a server that was full for a moment: %v", err)
	}
	storetest.WantIDs(t, s, "a")
}

// A server that is killed while many write, and comes back, has each run whole or
// not at all; what was said to be stored is there, and nobody fails.
func TestKilled(t *testing.T) {
	t.Parallel()
	p := servicetest.StartPostgres(t)
	d, err := newDatabase(p.Address("postgres", "", "postgres"))
	if err != nil {
		t.Fatal(err)
	}
	d.patience = 5 * time.Minute
	s := newStore(t, d)
	const writers, each, metrics = 8, 40, 300
	var wait sync.WaitGroup
	stored := make(chan string, writers*each)
	for w := range writers {
		wait.Go(func() {
			for i := range each {
				r := storetest.Run(fmt.Sprintf("w%d-%02d", w, i), i)
				for m := range metrics {
					r.Metrics = append(r.Metrics, storetest.Value(fmt.Sprint("m", m), float64(m)))
				}
				if err := s.Put(t.Context(), r); err != nil {
					t.Errorf("Put(%s): %v", r.ID, err)
				}
				stored <- r.ID
			}
		})
	}
	for range 3 {
		for range 30 {
			<-stored
		}
		p.Kill()
		p.Start()
	}
	wait.Wait()
	ids, bad := storetest.Listing(t, s, baseline.Filter{})
	if len(ids) != writers*each || len(bad) > 0 {
		t.Errorf("%d runs are there, and %v, want %d", len(ids), bad, writers*each)
	}
	half := p.SQL(t, "postgres", fmt.Sprintf("SELECT count(*) FROM (SELECT run FROM plumbline_sample GROUP BY run HAVING count(*) <> %d) AS half", metrics))
	all := p.SQL(t, "postgres", "SELECT count(*) FROM plumbline_sample")
	if half != "0" || all != fmt.Sprint(writers*each*metrics) {
		t.Errorf("%s runs are there by half, of %s samples", half, all)
	}
}

// Tables of a newer program are left alone, those of an older one are brought up to
// date by who writes, and many who come first at once make them once.
func TestMigrations(t *testing.T) {
	t.Parallel()
	p := servicetest.StartPostgres(t)
	for _, locks := range []bool{true, false} {
		db := newDB(t, p, fmt.Sprintf("locks_%v", locks))
		var wait sync.WaitGroup
		for i := range 8 {
			d, err := newDatabase(p.Address("postgres", "", db))
			if err != nil {
				t.Fatal(err)
			}
			d.state.noLock = !locks
			s := newStore(t, d)
			wait.Go(func() {
				if err := s.Put(t.Context(), storetest.Run(fmt.Sprint("r", i), i, storetest.Value("m", 1))); err != nil {
					t.Errorf("locks %v: first writer %d: %v", locks, i, err)
				}
			})
		}
		wait.Wait()
		if got := p.SQL(t, db, "SELECT string_agg(version::text, ' ' ORDER BY version) FROM plumbline_schema"); got != "1 2" {
			t.Errorf("locks %v: migrations %q were made, want 1 and 2", locks, got)
		}
		p.SQL(t, db, "DROP VIEW plumbline_value; DELETE FROM plumbline_schema WHERE version = 2")
		old := open(t, p.Address("postgres", "", db))
		if ids, _ := storetest.Listing(t, old, baseline.Filter{}); len(ids) != 8 {
			t.Errorf("tables of version 1: %d runs, want 8", len(ids))
		}
		storetest.Fill(t, old, storetest.Run("r8", 8, storetest.Value("m", 1)))
		if got := p.SQL(t, db, "SELECT count(*) FROM plumbline_value WHERE metric = 'm'"); got != "9" {
			t.Errorf("the view shows %s values, want 9", got)
		}
		p.SQL(t, db, "INSERT INTO plumbline_schema VALUES (99, 1)")
		newer := open(t, p.Address("postgres", "", db))
		wantError(t, newer.Put(t.Context(), storetest.Run("x", 0)), "of version 99", "use a newer plumbline")
		for _, err := range newer.List(t.Context(), baseline.Filter{}) {
			wantError(t, err, "of version 99", "use a newer plumbline")
		}
	}
}

// newStore is a store of a database that a test has set.
func newStore(t testing.TB, d *database) baseline.Store {
	s := d.store()
	t.Cleanup(func() { s.Close() })
	return s
}
