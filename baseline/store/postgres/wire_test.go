package postgres

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-ci/plumbline/baseline/store/storetest"
	"github.com/plumbline-ci/plumbline/baseline/store/tables"
	"github.com/plumbline-ci/plumbline/internal/servicetest"
)

// What a row has is in the tables to the last bit, and comes back so, on a server
// that writes times, bytes and numbers in another way.
func TestExact(t *testing.T) {
	t.Parallel()
	p := servicetest.StartPostgres(t, "DateStyle=German", "TimeZone=Asia/Kathmandu", "bytea_output=escape", "extra_float_digits=-15", "IntervalStyle=sql_standard")
	d, err := newDatabase(p.Address("postgres", "", "postgres"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	names := []string{`"`, `\`, `\N`, `\.`, `{a,"b"}`, "NULL", "", " ", "tab\tline\nreturn\r", "'; --", "näme \U0001F4D0", "$1 %s"}
	values := []float64{0.1, 1.0 / 3, math.Copysign(0, -1), math.MaxFloat64, math.SmallestNonzeroFloat64, -1e-300, 1 << 53, 123456789.123456789, 0, 1, -1, math.Pi}
	times := []time.Time{
		time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(1969, 12, 31, 23, 59, 59, 999_999_000, time.UTC),
		time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 3, 29, 1, 30, 0, 1000, time.UTC), time.Date(9999, 12, 31, 23, 59, 59, 999_999_000, time.UTC),
	}
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	for i, at := range times {
		r := &tables.Row{Key: tables.Key{Repository: `o/r"\`, Time: at, ID: fmt.Sprint("run", i)}, Branch: "b'", Origin: "{}", Record: all}
		for s, name := range names {
			r.Samples = append(r.Samples, tables.Sample{Series: math.MinInt64 + int64(s), Name: name, Unit: name, Better: name, Value: values[s]})
		}
		if err := d.Insert(t.Context(), []*tables.Row{r}); err != nil {
			t.Fatal(err)
		}
		var gotTime any
		var id, repository string
		var record []byte
		found := 0
		err := d.Query(t.Context(), "SELECT time, run_id, repository, record FROM plumbline_run WHERE time = $1 AND run_id >= $2 LIMIT $3", []any{at, "", 5},
			func(scan func(...any) error) error {
				found++
				err := scan(&gotTime, &id, &repository, &record)
				record = append([]byte{}, record...)
				return err
			})
		if err != nil || found != 1 || gotTime != any(at) || id != r.ID || repository != r.Repository || string(record) != string(all) {
			t.Errorf("run of %v: got %d of %v, %q, %q, %d bytes, %v", at, found, gotTime, id, repository, len(record), err)
		}
		micros := p.SQL(t, "postgres", fmt.Sprintf("SELECT (extract(epoch FROM time) * 1000000)::bigint FROM plumbline_run WHERE run_id = '%s'", id))
		if micros != fmt.Sprint(at.UnixMicro()) {
			t.Errorf("the server has %v at microsecond %s, want %d", at, micros, at.UnixMicro())
		}
	}
	var want []string
	for s, name := range names {
		bits := binary.BigEndian.AppendUint64(nil, math.Float64bits(values[s]))
		want = append(want, hex.EncodeToString([]byte(name))+"="+hex.EncodeToString(bits))
	}
	for i := range times {
		got := p.SQL(t, "postgres", fmt.Sprintf(`SELECT string_agg(encode(convert_to(n.name, 'UTF8'), 'hex') || '=' || encode(float8send(s.value), 'hex'), ' ' ORDER BY s.series)
FROM plumbline_sample s JOIN plumbline_series n USING (repository, series) JOIN plumbline_run r USING (repository, time, run) WHERE run_id = 'run%d' AND n.name = n.unit AND n.name = n.better`, i))
		if got != strings.Join(want, " ") {
			t.Errorf("samples of run %d:\n got %s\nwant %s", i, got, strings.Join(want, " "))
		}
	}
}

// Connections that the server closed while nobody used them are replaced, and
// nobody is told.
func TestClosedMeanwhile(t *testing.T) {
	t.Parallel()
	p := servicetest.StartPostgres(t)
	s := open(t, p.Address("postgres", "", "postgres"))
	const end = "SELECT count(pg_terminate_backend(pid, 60000)) FROM pg_stat_activity WHERE application_name = 'plumbline'"
	storetest.Fill(t, s, storetest.Run("a", 0, storetest.Value("m", 1)))
	for _, id := range []string{"b", "c"} {
		if n := p.SQL(t, "postgres", end); n == "0" {
			t.Errorf("no connection was kept to be used again")
		}
		storetest.Fill(t, s, storetest.Run(id, int(id[0]), storetest.Value("m", 1)))
		p.SQL(t, "postgres", end)
		if err := s.Delete(t.Context(), "none"); err != nil {
			t.Errorf("Delete: %v", err)
		}
	}
	p.SQL(t, "postgres", end)
	storetest.WantIDs(t, s, "c", "b", "a")
}

// A connection that nobody uses is closed after its time, and the next is made then.
func TestIdle(t *testing.T) {
	t.Parallel()
	p := servicetest.StartPostgres(t)
	s := open(t, p.Address("postgres", "", "postgres", "pool_max_conn_idle_time=10ms"))
	storetest.Fill(t, s, storetest.Run("a", 0))
	for deadline := time.Now().Add(time.Minute); ; {
		n := p.SQL(t, "postgres", "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'plumbline'")
		if n == "0" {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s connections are open after a minute, want 0", n)
		}
	}
	storetest.WantIDs(t, s, "a")
}

// What an address says about connections is understood, and what makes no sense is
// told before anything is connected to.
func TestLimits(t *testing.T) {
	t.Parallel()
	d, err := newDatabase("postgres://ci@localhost/db?pool_max_conns=3&pool_max_conn_lifetime=2h&pool_ping_timeout=5s&pool_min_conns=1&pool_health_check_period=1m&default_query_exec_mode=simple_protocol&statement_cache_capacity=0&work_mem=1MB")
	if err != nil {
		t.Fatal(err)
	}
	if want := (limits{conns: 3, lifetime: 2 * time.Hour, idle: defaultIdle, ping: 5 * time.Second}); d.limits != want {
		t.Errorf("limits %+v, want %+v", d.limits, want)
	}
	if got := fmt.Sprint(d.config.RuntimeParams); got != "map[application_name:plumbline work_mem:1MB]" {
		t.Errorf("the server is told %s, want its own setting and the program's name", got)
	}
	for query, want := range map[string]string{
		"pool_max_conns=0":                "pool_max_conns=\"0\": want a whole number from 1",
		"pool_max_conns=some":             "want a whole number from 1",
		"pool_max_conn_idle_time=30":      "want a duration such as 30s",
		"default_query_exec_mode=somehow": "want one of [cache_statement",
	} {
		_, err := newDatabase("postgres://ci:hush@localhost/db?" + query)
		wantError(t, err, `open store "postgres://localhost/db"`, want)
	}
}
