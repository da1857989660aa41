package postgres

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// SQLSTATE codes that this package decides by.
const (
	tooManyConnections = "53300"
	cannotConnectNow   = "57P03"
	readOnly           = "25006"
	notAllowed         = "42501"
	noTable            = "42P01"
	wrongPassword      = "28P01"
	notAuthorized      = "28000"
	noDatabase         = "3D000"
	noSchema           = "3F000"
)

// passing are the codes of what may be otherwise in a moment: the server is full,
// begins, ends or crashed, or two transactions were in each other's way.
var passing = []string{tooManyConnections, cannotConnectNow, "53400", "57P01", "57P02", "40001", "40P01", "55P03"}

// sqlState is the code of a server's error; empty: it is none.
func sqlState(err error) string {
	if e := (*pgconn.PgError)(nil); errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// mayPass reports whether trying again may help. To try again is safe: a run that
// was stored, though its answer was lost, is not stored twice.
func mayPass(err error) bool {
	if f := (*finalError)(nil); errors.As(err, &f) {
		return false
	}
	if code := sqlState(err); code != "" {
		return slices.Contains(passing, code) || strings.HasPrefix(code, "08")
	}
	if dns := (*net.DNSError)(nil); errors.As(err, &dns) && dns.IsNotFound {
		return false
	}
	var network net.Error
	return errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, pgconn.ErrConnClosed) || pgconn.SafeToRetry(err)
}

// finalError is not tried again.
type finalError struct{ error }

func (e *finalError) Unwrap() error { return e.error }

func final(err error) error {
	if err == nil {
		return nil
	}
	return &finalError{err}
}

// again does work until it succeeds, cannot succeed, or patience is at its end. It
// waits longer each time, and not as long as others do that began with it.
func (d *database) again(ctx context.Context, work func() error) error {
	deadline := time.Now().Add(d.patience)
	for wait := 20 * time.Millisecond; ; wait = min(2*wait, time.Second) {
		err := work()
		if err == nil || ctx.Err() != nil || !mayPass(err) || time.Now().After(deadline) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(wait/2 + rand.N(wait)):
		}
	}
}
