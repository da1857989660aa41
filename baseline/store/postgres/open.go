package postgres

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/plumbline-ci/plumbline/baseline/store/tables"
)

// options are what an address says to this program and not to the server.
type options struct {
	plain     bool // no partitions
	noSamples bool // runs without the rows of their metrics
}

// Open makes the store of an address, postgres://USER@HOST:PORT/DATABASE. It
// connects to nothing.
func Open(address string) (*tables.Store, error) {
	d, err := newDatabase(address)
	if err != nil {
		return nil, err
	}
	return d.store(), nil
}

func (d *database) store() *tables.Store { return tables.New(d, d.dialect(), d.name) }

func newDatabase(address string) (*database, error) {
	// What cannot be read may hold a password anywhere: nothing of it is shown.
	u, err := url.Parse(address)
	if err != nil {
		return nil, errors.New(`open store "postgres:…": the address is no URL; want postgres://USER@HOST:PORT/DATABASE, with %40 for @, %2F for / and so on in a password, or the password in PGPASSWORD or ~/.pgpass`)
	}
	q := u.Query()
	name := (&url.URL{Scheme: "postgres", Host: u.Host, Path: u.Path}).String()
	d := &database{name: name, patience: 20 * time.Second}
	for key, set := range map[string]*bool{"partitions": &d.options.plain, "samples": &d.options.noSamples} {
		switch v := q.Get(key); v {
		case "", "on":
		case "off":
			*set = true
		default:
			return nil, fmt.Errorf("open store %q: %s=%q: want on or off", name, key, v)
		}
		q.Del(key)
	}
	if !q.Has("sslmode") && !q.Has("service") && os.Getenv("PGSSLMODE") == "" && os.Getenv("PGSERVICE") == "" {
		q.Set("sslmode", secure(cmp.Or(u.Hostname(), q.Get("host"), os.Getenv("PGHOST"))))
	}
	u.RawQuery = q.Encode()
	d.secrets = secrets(u)
	if d.config, err = pgconn.ParseConfig(u.String()); err != nil {
		return nil, d.scrub(fmt.Errorf("open store %q: %w", name, reason(err)))
	}
	d.secrets = append(d.secrets, d.config.Password)
	if d.limits, err = newLimits(d.config.RuntimeParams); err != nil {
		return nil, d.scrub(fmt.Errorf("open store %q: %w", name, err))
	}
	if _, ok := d.config.RuntimeParams["application_name"]; !ok {
		d.config.RuntimeParams["application_name"] = "plumbline"
	}
	if d.config.ConnectTimeout == 0 {
		d.config.ConnectTimeout = 10 * time.Second
	}
	return d, nil
}

// secure is the sslmode for hosts that nothing was said about.
func secure(hosts string) string {
	for host := range strings.SplitSeq(hosts, ",") {
		if h, _, err := net.SplitHostPort(host); err == nil {
			host = h
		}
		ip := net.ParseIP(strings.Trim(host, "[]"))
		if host != "" && host != "localhost" && !strings.HasPrefix(host, "/") && !strings.HasPrefix(host, "@") && (ip == nil || !ip.IsLoopback()) {
			return "verify-full"
		}
	}
	return "prefer"
}

// secrets are the texts of an address that nobody may see.
func secrets(u *url.URL) []string {
	password, _ := u.User.Password()
	q := u.Query()
	return []string{password, url.QueryEscape(password), url.PathEscape(password), q.Get("password"), q.Get("sslpassword")}
}

// reason is what is wrong with an address, without the address.
func reason(err error) error {
	if inner := errors.Unwrap(err); inner != nil {
		return inner
	}
	return err
}
