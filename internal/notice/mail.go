package notice

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/textproto"
	"strings"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"github.com/plumbline-ci/plumbline/check/report"
)

// implicitTLS is the port on which TLS begins with the connection: RFC 8314, 7.3.
const implicitTLS = "465"

// mail sends a notice as a mail, again while the server says that it cannot take
// it for now.
func (s *Sender) mail(ctx context.Context, c Channel, n report.Notice) error {
	text, err := letter(c, n, time.Now())
	if err != nil {
		return err
	}
	for try := 1; ; try++ {
		err := s.submit(ctx, c, text)
		var refused *smtp.SMTPError
		if err == nil || try >= cmp.Or(s.Tries, 4) || !errors.As(err, &refused) || !refused.Temporary() {
			return err
		}
		t := time.NewTimer(cmp.Or(s.Wait, time.Second) << try)
		select {
		case <-t.C:
		case <-ctx.Done():
			t.Stop()
			return err
		}
	}
}

// submit hands a mail to the server. A password goes over TLS alone, and a server
// that offers none gets no mail, unless the configuration says so.
func (s *Sender) submit(ctx context.Context, c Channel, text []byte) error {
	conn, err := (&net.Dialer{Timeout: tryTime}).DialContext(ctx, "tcp", c.Server)
	if err != nil {
		return err
	}
	defer context.AfterFunc(ctx, func() { conn.Close() })() // the library knows no context
	client, err := s.greet(conn, c)
	if err != nil {
		conn.Close()
		return err
	}
	defer client.Close()
	if c.Password != "" {
		var how sasl.Client = sasl.NewPlainClient("", c.User, c.Password)
		if !client.SupportsAuth(sasl.Plain) {
			how = sasl.NewLoginClient(c.User, c.Password)
		}
		if err := client.Auth(how); err != nil {
			return err
		}
	}
	if err := client.SendMail(c.From, c.To, bytes.NewReader(text)); err != nil {
		return err
	}
	_ = client.Quit() // the mail is taken
	return nil
}

// greet begins the talk with a server, which then knows us by the name that SMTP
// has for those who have none.
func (s *Sender) greet(conn net.Conn, c Channel) (*smtp.Client, error) {
	if c.Plain {
		return smtp.NewClient(conn), nil
	}
	host, port, err := net.SplitHostPort(c.Server)
	if err != nil {
		return nil, err
	}
	conf := &tls.Config{MinVersion: tls.VersionTLS12}
	if s.TLS != nil {
		conf = s.TLS.Clone()
	}
	if conf.ServerName = host; port == implicitTLS {
		return smtp.NewClient(tls.Client(conn, conf)), nil
	}
	return smtp.NewClientStartTLS(conn, conf)
}

// letter is a mail in two forms, of which a reader shows the one that it can. No
// text from outside is in its header but in the subject, encoded.
func letter(c Channel, n report.Notice, now time.Time) ([]byte, error) {
	subject, text, markup := report.Mail(n)
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	_, domain, _ := strings.Cut(c.From, "@")
	for _, h := range [][2]string{
		{"From", "<" + c.From + ">"}, {"To", "<" + strings.Join(c.To, ">, <") + ">"}, {"Subject", mime.QEncoding.Encode("utf-8", subject)},
		{"Date", now.Format(time.RFC1123Z)}, {"Message-Id", "<" + rand.Text() + "@" + domain + ">"},
		{"Auto-Submitted", "auto-generated"}, // RFC 3834: no out-of-office answers
		{"Mime-Version", "1.0"}, {"Content-Type", "multipart/alternative; boundary=" + m.Boundary()},
	} {
		fmt.Fprintf(&b, "%s: %s\r\n", h[0], h[1])
	}
	b.WriteString("\r\n")
	for _, part := range [][2]string{{"text/plain", text}, {"text/html", markup}} {
		w, err := m.CreatePart(textproto.MIMEHeader{"Content-Type": {part[0] + "; charset=UTF-8"}, "Content-Transfer-Encoding": {"quoted-printable"}})
		if err != nil {
			return nil, err
		}
		q := quotedprintable.NewWriter(w)
		if _, err := io.WriteString(q, part[1]); err != nil {
			return nil, err
		}
		if err := q.Close(); err != nil {
			return nil, err
		}
	}
	err := m.Close() // before the bytes are taken
	return b.Bytes(), err
}
