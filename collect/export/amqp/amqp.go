package amqp

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	broker "github.com/rabbitmq/amqp091-go"

	"github.com/plumbline-ci/plumbline/collect"
	"github.com/plumbline-ci/plumbline/collect/export"
)

// Options say where to.
type Options struct {
	// URL is that of the broker, amqp:// or amqps://, with the virtual host as its
	// path. Its query may have exchange, key, queue and declare in place of the
	// fields below.
	URL string
	// Exchange and Key say where the broker routes messages.
	Exchange, Key string
	// Queue is short for the default exchange and the key of this name.
	Queue string
	// Declare makes the queue, durable, where there is none.
	Declare bool
}

// Sender sends to one broker. It keeps its connection and makes a new one where
// that broke.
type Sender struct {
	options Options
	url     string // with its secrets
	shown   string // without
	conn    *broker.Connection
	channel *broker.Channel
	back    chan broker.Return
	events  uint64 // that were published, for their ids
}

// New returns a sender. It does not connect.
func New(o Options) (*Sender, error) {
	u, err := export.Address(o.URL)
	if err != nil {
		return nil, err
	}
	if u.Host == "" || u.Scheme != "amqp" && u.Scheme != "amqps" {
		return nil, errors.New("want the address of a broker, such as amqp://localhost?queue=runs")
	}
	s := &Sender{shown: export.Redacted(u)}
	if err := o.query(u); err != nil {
		return nil, err
	}
	switch {
	case o.Queue == "" && o.Exchange == "" && o.Key == "":
		return nil, errors.New("say where messages go: ?queue=NAME, or ?exchange=NAME&key=KEY")
	case o.Queue != "" && (o.Exchange != "" || o.Key != ""):
		return nil, errors.New("want ?queue=NAME alone, or ?exchange=NAME&key=KEY")
	case o.Declare && o.Queue == "":
		return nil, errors.New("declare makes a queue: want ?queue=NAME&declare=true")
	case o.Queue != "":
		o.Key = o.Queue
	}
	s.options, s.url = o, u.String()
	if _, err := broker.ParseURI(s.url); err != nil {
		return nil, errors.New("the broker's address has a port or an option that is not known")
	}
	return s, nil
}

// query takes our own keys out of the address; others are the library's.
func (o *Options) query(u *url.URL) error {
	q := u.Query()
	for key, to := range map[string]*string{"exchange": &o.Exchange, "key": &o.Key, "queue": &o.Queue} {
		if q.Has(key) {
			*to = q.Get(key)
			q.Del(key)
		}
	}
	if q.Has("declare") {
		switch q.Get("declare") {
		case "true":
			o.Declare = true
		case "false":
		default:
			return fmt.Errorf("declare=%q: want true or false", q.Get("declare"))
		}
		q.Del("declare")
	}
	u.RawQuery = q.Encode()
	return nil
}

// Send publishes the set's run and waits until the broker has it.
func (s *Sender) Send(ctx context.Context, set export.Set) error {
	p, err := s.publishing(collect.Message{Run: &set.Run})
	if err != nil {
		return err
	}
	if err := s.open(ctx); err != nil {
		return fmt.Errorf("connect to %s: %w", s.shown, err)
	}
	if err := s.publish(ctx, p); err != nil {
		s.drop() // whatever the channel is in, the next message begins anew
		return fmt.Errorf("publish to %s: %w", s.shown, err)
	}
	return nil
}

func (s *Sender) publish(ctx context.Context, p broker.Publishing) error {
	confirm, err := s.channel.PublishWithDeferredConfirmWithContext(ctx, s.options.Exchange, s.options.Key, true, false, p)
	if err != nil {
		return err
	}
	acked, err := confirm.WaitContext(ctx)
	if err != nil {
		return fmt.Errorf("wait for the broker to confirm it: %w", err)
	}
	select { // a message that is returned is so before it is confirmed
	case back := <-s.back:
		if s.options.Queue != "" {
			return fmt.Errorf("there is no queue %q: %s", s.options.Queue, back.ReplyText)
		}
		return fmt.Errorf("exchange %q routes key %q to no queue: %s", s.options.Exchange, s.options.Key, back.ReplyText)
	default:
	}
	if !acked {
		return errors.New("the broker did not take it")
	}
	return nil
}

// open connects where there is no connection.
func (s *Sender) open(ctx context.Context) error {
	if s.conn != nil && !s.conn.IsClosed() && !s.channel.IsClosed() {
		return nil
	}
	s.drop()
	conn, err := broker.DialConfig(s.url, broker.Config{
		Heartbeat: 10 * time.Second, Locale: "en_US", Properties: broker.Table{"product": "plumbline"},
		Dial: func(network, address string) (net.Conn, error) { return dial(ctx, network, address) },
	})
	if err != nil {
		return clean(err)
	}
	s.conn = conn
	if s.channel, err = conn.Channel(); err == nil {
		err = s.channel.Confirm(false)
	}
	if err == nil && s.options.Declare {
		_, err = s.channel.QueueDeclare(s.options.Queue, true, false, false, false, nil)
	}
	if err != nil {
		s.drop()
		return err
	}
	s.back = s.channel.NotifyReturn(make(chan broker.Return, mostUnconfirmed))
	return nil
}

// dial connects within the context's time, which the handshake is bound to too.
func dial(ctx context.Context, network, address string) (net.Conn, error) {
	d := net.Dialer{Timeout: 30 * time.Second}
	c, err := d.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	deadline, ok := ctx.Deadline()
	if !ok {
		deadline = time.Now().Add(d.Timeout)
	}
	return c, c.SetDeadline(deadline) // the library lifts it when it is connected
}

// clean keeps an error of the library from telling the address.
func clean(err error) error {
	var parse *url.Error
	if errors.As(err, &parse) || strings.Contains(err.Error(), "://") {
		return errors.New("the broker's address cannot be used")
	}
	return err
}

func (s *Sender) drop() {
	if s.conn != nil {
		_ = s.conn.Close() // it may be broken
	}
	s.conn, s.channel = nil, nil
}

// Close ends the connection.
func (s *Sender) Close() error {
	s.drop()
	return nil
}
