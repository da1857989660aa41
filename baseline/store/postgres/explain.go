package postgres

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// explain says of an error what was to be done, and what a user can do.
func (d *database) explain(ctx context.Context, what string, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return fmt.Errorf("%s store %q: %w", what, d.name, ctx.Err())
	}
	return d.scrub(fmt.Errorf("%s store %q: %w%s", what, d.name, err, d.help(what, err)))
}

// help is what a user can do, to be put behind an error.
func (d *database) help(what string, err error) string {
	role, text := d.config.User, err.Error()
	switch code := sqlState(err); {
	case code == readOnly:
		return "; the server can only be read, as a replica can: name the primary, or all servers with target_session_attrs=read-write"
	case code == notAllowed && what == "delete from":
		return fmt.Sprintf("; the role %q may only add and read: delete as the owner of the tables", role)
	case code == notAllowed:
		return fmt.Sprintf("; the role %q lacks a right: the tables' owner grants it, or stores a first run, which makes the tables", role)
	case code == tooManyConnections:
		return fmt.Sprintf("; no connection was free for %v: raise max_connections, put a pooler before the server, or lower pool_max_conns in the address", d.patience)
	case code == notAuthorized && strings.Contains(text, "no encryption"):
		return "; the server wants TLS: leave sslmode=disable out of the address"
	case code == wrongPassword || code == notAuthorized:
		return fmt.Sprintf("; the password of %q comes from PGPASSWORD, ~/.pgpass or the address", role)
	case code == noDatabase:
		return fmt.Sprintf("; make it with: createdb %s", d.config.Database)
	case code == noSchema:
		return "; the search_path names no schema that there is: make one with CREATE SCHEMA, or set search_path in the address"
	case code != "":
		return ""
	}
	var name x509.HostnameError
	var authority x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	switch {
	case strings.Contains(text, "refused TLS"):
		return "; the server does not encrypt: let it, or say sslmode=disable in the address where nobody can listen"
	case errors.As(err, &authority):
		return "; name the authority's certificate with sslrootcert=FILE in the address"
	case errors.As(err, &name):
		return "; the address must have a name that the server's certificate has"
	case errors.As(err, &invalid):
		return "; the server's certificate does not hold: renew it"
	case errors.As(err, new(*pgconn.ConnectError)):
		return fmt.Sprintf("; the server was not reached within %v: look at host, port and firewall", d.patience)
	}
	return ""
}

// scrub takes the secrets out of an error.
func (d *database) scrub(err error) error {
	text := err.Error()
	for _, s := range d.secrets {
		if s != "" {
			text = strings.ReplaceAll(text, s, "xxxxx")
		}
	}
	return &scrubbed{text, err}
}

// scrubbed is an error whose text has no secret.
type scrubbed struct {
	text string
	err  error
}

func (s *scrubbed) Error() string { return s.text }
func (s *scrubbed) Unwrap() error { return s.err }
