package live

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"os"
	"syscall"
	"time"

	"github.com/plumbline-ci/plumbline/collect"
	"github.com/plumbline-ci/plumbline/collect/export"
)

const (
	patience   = 10 * time.Second // for one answer
	mostAnswer = 64 << 20         // bytes
)

// ErrGone says that a run does not answer any more, and has not said that it ended.
var ErrGone = errors.New("the run is gone")

// Source is what is watched: a run at its socket, or a recorder at an address.
type Source struct {
	address string
	run     bool
	client  *http.Client
}

// AtSocket is the run whose socket this is.
func AtSocket(path string) *Source {
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", path)
	}
	return &Source{address: "http://run", run: true, client: &http.Client{Transport: &http.Transport{DialContext: dial}}}
}

// AtURL is the recorder whose export.Handler is at an address.
func AtURL(address string) (*Source, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("%q: want the number of a run, its socket, or an address such as http://localhost:8080/metrics", address)
	}
	return &Source{address: address, client: &http.Client{}}, nil
}

// Run reports whether the source is a run, which has an end.
func (s *Source) Run() bool { return s.run }

// Close gives up the connections.
func (s *Source) Close() { s.client.CloseIdleConnections() }

// Status asks for what there is now. The error is ErrGone for a run that nobody
// answers for.
func (s *Source) Status(ctx context.Context) (collect.Status, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if s.run {
		return s.ask(ctx, "/status")
	}
	return s.ask(ctx, "")
}

// End waits until the run has ended and returns the last of it. The context's end
// ends the waiting, and there is nothing to wait for with a recorder.
func (s *Source) End(ctx context.Context) (collect.Status, error) {
	if !s.run {
		<-ctx.Done()
		return collect.Status{}, ctx.Err()
	}
	return s.ask(ctx, "/end")
}

func (s *Source) ask(ctx context.Context, path string) (got collect.Status, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.address+path, nil)
	if err != nil {
		return got, err
	}
	req.Header.Set("Accept", export.StatusType)
	resp, err := s.client.Do(req)
	if err != nil {
		return got, s.explain(err)
	}
	defer resp.Body.Close()
	switch kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type")); {
	case resp.StatusCode != http.StatusOK:
		return got, fmt.Errorf("%s answers %s", s.name(), resp.Status)
	case !s.run && kind != export.StatusType:
		return got, fmt.Errorf("%s answers with %s: want the handler of a recorder, which is export.Handler", s.name(), kind)
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, mostAnswer)).Decode(&got); err != nil {
		return got, s.explain(fmt.Errorf("read the answer of %s: %w", s.name(), err))
	}
	return got, nil
}

// explain tells a run that is gone from other errors.
func (s *Source) explain(err error) error {
	if x := (*url.Error)(nil); errors.As(err, &x) {
		x.URL = s.name()
	}
	if s.run && gone(err) {
		return fmt.Errorf("%w: %w", ErrGone, err)
	}
	return err
}

// gone reports whether nobody is there.
func gone(err error) bool {
	return errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, os.ErrNotExist) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

// name is the address without a password.
func (s *Source) name() string {
	if u, err := url.Parse(s.address); err == nil {
		return u.Redacted()
	}
	return s.address
}
