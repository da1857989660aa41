package notice

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	"github.com/plumbline-ci/plumbline/check/report"
)

// Channel is one place that notices go to. Address, Token, User and Password are
// secrets: no error has them.
type Channel struct {
	Medium  string // slack, discord, teams, webhook or mail
	Place   string // for people, and for the memory: the variable that has the address, or the mail addresses
	Address string
	Token   string
	Mention string

	To             []string
	From, Server   string
	User, Password string
	Plain          bool // the mail server speaks no TLS
}

// Key tells a channel from others in a state, which anybody may read.
func (c *Channel) Key() string { return c.Medium + "-" + digest(c.Place) }

// String is the channel for people.
func (c *Channel) String() string { return c.Medium + " (" + c.Place + ")" }

// Check says what of a channel cannot be right, without asking anybody.
func (c *Channel) Check() error {
	if c.Medium == "mail" {
		return nil
	}
	u, err := url.Parse(strings.TrimSpace(c.Address))
	switch {
	case c.Address == "":
		return fmt.Errorf("%s: the variable is not set; want the address of the webhook in it", c)
	case err != nil || u.Host == "" || u.User != nil:
		return fmt.Errorf("%s: the variable holds no address; want the webhook's, such as https://HOST/PATH", c)
	case u.Scheme != "https" && !(u.Scheme == "http" && loopback(u.Hostname())):
		return fmt.Errorf("%s: the address is not one of https, so that anybody on the way could read and use it", c)
	}
	return nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Message is what a channel would be sent: the body of the request, or the mail.
func (c *Channel) Message(n report.Notice) []byte {
	switch c.Medium {
	case "slack":
		return report.Slack(n, c.Mention)
	case "discord":
		return report.Discord(n, c.Mention)
	case "teams":
		return report.Teams(n)
	case "mail":
		subject, text, _ := report.Mail(n)
		return []byte("Subject: " + subject + "\n\n" + text)
	}
	return report.NoticeJSON(n)
}

// Sender sends notices. The zero Sender works.
type Sender struct {
	Agent string // how the program calls itself
	TLS   *tls.Config
	// Tries is how often one is sent at most while the server cannot take it, and
	// Wait the first time between them, unless the server asks for another; 0: four
	// times, and a second. Time bounds the whole of one; 0: 40 s.
	Tries int
	Wait  time.Duration
	Time  time.Duration
}

// tryTime bounds one try.
const tryTime = 10 * time.Second

// Send sends a notice to a channel, and returns once the server took it.
func (s *Sender) Send(ctx context.Context, c Channel, n report.Notice) error {
	if err := c.Check(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(s.Time, 4*tryTime))
	defer cancel()
	var err error
	if c.Medium == "mail" {
		err = s.mail(ctx, c, n)
	} else {
		err = s.post(ctx, c, c.Message(n))
	}
	if err != nil {
		return fmt.Errorf("send to %s: %s", &c, c.hide(err.Error()))
	}
	return nil
}

// hide takes what is secret out of a text, such as a server's answer.
func (c *Channel) hide(text string) string {
	secrets := []string{c.Address, c.Token, c.Password, c.User}
	if u, err := url.Parse(strings.TrimSpace(c.Address)); err == nil {
		secrets = append(secrets, u.RequestURI(), u.Path, u.RawQuery)
	}
	for _, x := range secrets {
		if len(x) > 3 {
			text = strings.ReplaceAll(text, x, "xxxxx")
		}
	}
	return strings.Join(strings.Fields(strings.ToValidUTF8(text, "?")), " ")
}

// mostAnswer is how much is read of an answer, and how much of it told.
const (
	mostAnswer = 4096
	toldAnswer = 200
)

func (s *Sender) post(ctx context.Context, c Channel, body []byte) error {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	if transport.TLSClientConfig = s.TLS; loopbackURL(c.Address) {
		transport.Proxy = nil
	}
	defer transport.CloseIdleConnections()
	said := ""
	to := retryablehttp.Client{
		HTTPClient: &http.Client{Transport: transport, Timeout: tryTime, CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse // a redirect would carry the message to who knows whom
		}},
		RetryMax: cmp.Or(s.Tries, 4) - 1, RetryWaitMin: cmp.Or(s.Wait, time.Second), RetryWaitMax: 30 * cmp.Or(s.Wait, time.Second),
		Backoff: retryablehttp.DefaultBackoff, ErrorHandler: retryablehttp.PassthroughErrorHandler,
		CheckRetry: func(ctx context.Context, resp *http.Response, err error) (bool, error) {
			if resp != nil {
				said = resp.Status
			}
			return again(ctx, resp, err), ctx.Err()
		},
	}
	req, err := retryablehttp.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSpace(c.Address), body)
	if err != nil {
		return errors.New("the address cannot be used")
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", cmp.Or(s.Agent, "plumbline"))
	if c.Token != "" {
		req.Header.Set("Authorization", "Bearer "+c.Token)
	}
	resp, err := to.Do(req)
	if err != nil {
		if said != "" {
			return fmt.Errorf("the server answered %s: %w", said, plain(err))
		}
		return plain(err)
	}
	defer resp.Body.Close()
	answer, _ := io.ReadAll(io.LimitReader(resp.Body, mostAnswer))
	return taken(c.Medium, resp, string(answer))
}

// taken reads what a server said. A connector of Teams answers 200 and says in
// words that it failed.
func taken(medium string, resp *http.Response, answer string) error {
	answer = strings.TrimSpace(answer)
	if resp.StatusCode/100 == 2 && !(medium == "teams" && strings.Contains(answer, "failed with error")) {
		return nil
	}
	if len(answer) > toldAnswer {
		answer = answer[:toldAnswer] + " ..."
	}
	if wait := resp.Header.Get("Retry-After"); wait != "" {
		answer += " (it asks to wait " + wait + " s)"
	}
	return fmt.Errorf("the server answered %s %s", resp.Status, answer)
}

// again reports whether a message is sent once more: after an answer that says so,
// where that is before the time is over, and where no connection came about. A
// message whose answer was lost may have arrived.
func again(ctx context.Context, resp *http.Response, err error) bool {
	if err != nil {
		op := (*net.OpError)(nil)
		return errors.As(err, &op) && op.Op == "dial" && ctx.Err() == nil
	}
	if resp.StatusCode != http.StatusTooManyRequests && resp.StatusCode/100 != 5 {
		return false
	}
	wait, asked := time.ParseDuration(resp.Header.Get("Retry-After") + "s")
	end, limited := ctx.Deadline()
	return asked != nil || !limited || time.Now().Add(wait).Before(end)
}

// plain is an error of the network without the address.
func plain(err error) error {
	for u := (*url.Error)(nil); errors.As(err, &u); {
		err = u.Err
	}
	return err
}

func loopbackURL(address string) bool {
	u, err := url.Parse(strings.TrimSpace(address))
	return err == nil && loopback(u.Hostname())
}
