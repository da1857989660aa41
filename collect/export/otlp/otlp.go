package otlp

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/hashicorp/go-retryablehttp"
	service "go.opentelemetry.io/proto/slim/otlp/collector/metrics/v1"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/plumbline-ci/plumbline/collect/export"
)

// Options say where to.
type Options struct {
	// URL is that of the receiver, with a user and password where it wants them.
	// An empty path is that of the protocol, /v1/metrics.
	URL string
	// Header is sent with each request, such as a token.
	Header http.Header
	// Client sends; nil: http.DefaultClient.
	Client *http.Client
	// Tries is how often a request is sent at most while the server cannot take
	// it; 0: five times. Between them is Wait, doubled each time, or what the
	// server asks for; 0: a second.
	Tries int
	Wait  time.Duration
	// Warn is told what the server says of a request that it took; nil: nobody.
	Warn func(string)
}

// Sender sends to one receiver.
type Sender struct {
	options        Options
	url            string // without user and query
	query          string
	user, password string
}

// New returns a sender. It does not connect.
func New(o Options) (*Sender, error) {
	u, err := export.Address(o.URL)
	if err != nil {
		return nil, err
	}
	if u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, errors.New("want the address of an OTLP receiver, such as http://localhost:4318")
	}
	s := &Sender{options: o, query: u.RawQuery}
	s.options.Client = cmp.Or(o.Client, http.DefaultClient)
	s.options.Tries = cmp.Or(o.Tries, 5)
	s.options.Wait = cmp.Or(o.Wait, time.Second)
	s.user = u.User.Username()
	s.password, _ = u.User.Password()
	if u.Path == "" || u.Path == "/" {
		u.Path, u.RawPath = "/v1/metrics", ""
	}
	s.url = export.Redacted(u)
	return s, nil
}

// Close implements export.Sender.
func (s *Sender) Close() error { return nil }

// Send sends a set in one request.
func (s *Sender) Send(ctx context.Context, set export.Set) error {
	if len(set.Families) == 0 {
		return export.ErrNothing
	}
	message, points := Request(set)
	body, err := packed(message)
	if err != nil {
		return err
	}
	status, answer, err := s.post(ctx, body)
	switch {
	case err != nil:
		return fmt.Errorf("send to %s: %w", s.url, err)
	case status.code/100 != 2:
		return &export.Refused{Server: s.url, Status: status.text, Text: said(status.kind, answer)}
	}
	return s.partial(status.kind, answer, points)
}

func packed(m proto.Message) ([]byte, error) {
	text, err := proto.Marshal(m)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(text); err != nil {
		return nil, err
	}
	err = z.Close() // before the bytes are taken
	return b.Bytes(), err
}

// status is what a server answered in its head.
type status struct {
	code       int
	text, kind string
}

// mostAnswer bounds what is read of an answer.
const mostAnswer = 1 << 20

// post sends a request, as often as it takes.
func (s *Sender) post(ctx context.Context, body []byte) (status, []byte, error) {
	last := "" // what the server said before the time was over
	to := retryablehttp.Client{
		HTTPClient: s.options.Client, RetryMax: s.options.Tries - 1, RetryWaitMin: s.options.Wait, RetryWaitMax: 30 * s.options.Wait,
		Backoff: retryablehttp.DefaultBackoff, ErrorHandler: retryablehttp.PassthroughErrorHandler,
		CheckRetry: func(ctx context.Context, resp *http.Response, err error) (bool, error) {
			if resp != nil {
				last = resp.Status
			}
			return again(resp, err), ctx.Err()
		},
	}
	address := s.url
	if s.query != "" {
		address += "?" + s.query
	}
	req, err := retryablehttp.NewRequestWithContext(ctx, http.MethodPost, address, body)
	if err != nil {
		return status{}, nil, errors.New("the address cannot be used")
	}
	for key, values := range s.options.Header {
		req.Header[http.CanonicalHeaderKey(key)] = values
	}
	req.Header.Set("Content-Type", "application/x-protobuf")
	req.Header.Set("Content-Encoding", "gzip")
	req.Header.Set("User-Agent", "plumbline")
	if s.user != "" {
		req.SetBasicAuth(s.user, s.password)
	}
	resp, err := to.Do(req)
	if err != nil {
		if inner := (*url.Error)(nil); errors.As(err, &inner) {
			err = inner.Err // without the address, which has the query
		}
		if last != "" {
			err = fmt.Errorf("the server answered %s: %w", last, err)
		}
		return status{}, nil, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, mostAnswer))
	kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	return status{resp.StatusCode, resp.Status, kind}, answer, err
}

// again reports whether the protocol lets a client send once more. An error is
// one of the connection.
func again(resp *http.Response, err error) bool {
	if err != nil {
		return !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded)
	}
	switch resp.StatusCode {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// partial reads what a server says of a request that it took: that it left
// points out is an error, and sending them again would not help.
func (s *Sender) partial(kind string, answer []byte, points int) error {
	var r service.ExportMetricsServiceResponse
	if kind != "application/x-protobuf" || proto.Unmarshal(answer, &r) != nil {
		return nil // the status says that it took all
	}
	p := r.GetPartialSuccess()
	switch {
	case p.GetRejectedDataPoints() > 0:
		return &export.Refused{
			Server: s.url, Status: fmt.Sprintf("%d of %d values", p.GetRejectedDataPoints(), points), Text: cut(p.GetErrorMessage()),
		}
	case p.GetErrorMessage() != "" && s.options.Warn != nil:
		s.options.Warn(cut(p.GetErrorMessage()))
	}
	return nil
}

// said is the message in an answer that is an error: in protobuf the second field
// of a google.rpc.Status.
func said(kind string, answer []byte) string {
	if kind != "application/x-protobuf" {
		return cut(string(answer))
	}
	for len(answer) > 0 {
		field, typ, n := protowire.ConsumeTag(answer)
		if n < 0 {
			return ""
		}
		answer = answer[n:]
		if field == 2 && typ == protowire.BytesType {
			text, _ := protowire.ConsumeString(answer)
			return cut(text)
		}
		if n = protowire.ConsumeFieldValue(field, typ, answer); n < 0 {
			return ""
		}
		answer = answer[n:]
	}
	return ""
}

// cut is a text of a server as it may stand in one line.
func cut(s string) string {
	const most = 500 // bytes
	if len(s) > most {
		s = s[:most] + " ..."
	}
	return strings.Join(strings.Fields(valid(s)), " ")
}
