package notice

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net"
	"net/http/httptest"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"
)

// post is a mail server: STARTTLS, then AUTH PLAIN, then mail, as RFC 5321, 3207
// and 4954 have it.
type post struct {
	sync.Mutex
	address string
	roots   *tls.Config // for clients
	own     *tls.Config
	noTLS   bool
	replies []string // to MAIL, one each; then 250
	got     []string
	logins  []string
}

func newPost(t *testing.T, change func(*post)) *post {
	t.Helper()
	certified := httptest.NewTLSServer(nil)
	defer certified.Close()
	p := &post{own: &tls.Config{Certificates: certified.TLS.Certificates}, roots: &tls.Config{RootCAs: x509.NewCertPool()}}
	p.roots.RootCAs.AddCert(certified.Certificate())
	if change != nil {
		change(p)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p.address = l.Addr().String()
	var open sync.WaitGroup
	var conns []net.Conn // that clients may leave open
	open.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			p.Lock()
			conns = append(conns, conn)
			p.Unlock()
			open.Go(func() { defer conn.Close(); p.serve(conn) })
		}
	})
	t.Cleanup(func() {
		l.Close()
		p.Lock()
		for _, c := range conns {
			c.Close()
		}
		p.Unlock()
		open.Wait()
	})
	return p
}

func (p *post) serve(conn net.Conn) {
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
	in := bufio.NewReader(conn)
	say := func(line string) { fmt.Fprint(conn, line+"\r\n") }
	say("220 post ESMTP")
	secure, known := false, false
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimRight(line, "\r\n")
		switch verb := strings.ToUpper(strings.Fields(line + " x")[0]); {
		case verb == "EHLO" && !secure && !p.noTLS:
			say("250-post\r\n250 STARTTLS")
		case verb == "EHLO" && secure:
			say("250-post\r\n250 AUTH PLAIN LOGIN")
		case verb == "EHLO" || verb == "HELO" || verb == "NOOP" || verb == "RSET" || verb == "RCPT":
			say("250 post")
		case verb == "STARTTLS":
			say("220 go on")
			upgraded := tls.Server(conn, p.own)
			conn, in, secure = upgraded, bufio.NewReader(upgraded), true
		case verb == "AUTH":
			who, _ := base64.StdEncoding.DecodeString(line[strings.LastIndex(line, " ")+1:])
			p.Lock()
			p.logins = append(p.logins, fmt.Sprint(secure, " ", strings.ReplaceAll(string(who), "\x00", "/")))
			p.Unlock()
			if known = string(who) == "\x00me\x00pa55word"; known {
				say("235 welcome")
			} else {
				say("535 5.7.8 no such user or pa55word")
			}
		case verb == "MAIL":
			p.Lock()
			reply := "250 ok"
			if len(p.replies) > 0 {
				reply, p.replies = p.replies[0], p.replies[1:]
			}
			p.Unlock()
			say(reply)
		case verb == "DATA":
			say("354 go on")
			var b strings.Builder
			for {
				l, err := in.ReadString('\n')
				if err != nil || l == ".\r\n" {
					break
				}
				b.WriteString(l)
			}
			p.Lock()
			p.got = append(p.got, b.String())
			p.Unlock()
			say("250 taken")
		case verb == "QUIT":
			say("221 bye")
			return
		default:
			say("500 what?")
		}
	}
}

func (p *post) channel() Channel {
	return Channel{Medium: "mail", Place: "perf@example.com", To: []string{"perf@example.com"}, From: "ci@example.com", Server: p.address, User: "me", Password: "pa55word"}
}

// TestMail: a mail over STARTTLS with a password, after the server was busy, whose
// parts people can read and whose headers no name can add to.
func TestMail(t *testing.T) {
	t.Parallel()
	p := newPost(t, func(p *post) { p.replies = []string{"451 4.3.0 try again later"} })
	s := Sender{TLS: p.roots, Wait: time.Millisecond}
	n := someNotice(2)
	n.Suite = "unit\r\nBcc: everybody@example.com\r\n\r\nétage"
	if err := s.Send(t.Context(), p.channel(), n); err != nil {
		t.Fatal(err)
	}
	if len(p.got) != 1 || len(p.logins) == 0 || p.logins[0] != "true /me/pa55word" {
		t.Fatalf("%d mails, logins %q", len(p.got), p.logins)
	}
	m, err := mail.ReadMessage(strings.NewReader(p.got[0]))
	if err != nil {
		t.Fatal(err)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil || !strings.HasPrefix(subject, "[plumbline] regression: 2 metrics got worse in unit Bcc: ") || m.Header.Get("Bcc") != "" || m.Header.Get("Auto-Submitted") != "auto-generated" {
		t.Errorf("headers %v, %v", m.Header, err)
	}
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	var kinds []string
	for r := multipart.NewReader(m.Body, params["boundary"]); ; {
		part, err := r.NextPart()
		if err != nil {
			break
		}
		text, err := io.ReadAll(part)
		if err != nil || !strings.Contains(string(text), "metrics got worse") {
			t.Errorf("a part without the news: %v\n%s", err, text)
		}
		kinds = append(kinds, part.Header.Get("Content-Type"))
	}
	if got := strings.Join(kinds, ", "); got != "text/plain; charset=UTF-8, text/html; charset=UTF-8" {
		t.Errorf("parts %s", got)
	}
}

// TestMailRefused: what keeps a mail from going is told, without the password, and
// no password goes to a server that shows no certificate.
func TestMailRefused(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		change func(*post)
		with   func(*Channel, *Sender)
		want   string
		logins int
	}{
		"refused":        {func(p *post) { p.replies = []string{"550 5.7.1 not from you"} }, nil, "not from you", 1},
		"wrong password": {nil, func(c *Channel, _ *Sender) { c.User = "you" }, "535", 1},
		"no TLS":         {func(p *post) { p.noTLS = true }, nil, "STARTTLS", 0},
		"strange server": {nil, func(_ *Channel, s *Sender) { s.TLS = &tls.Config{RootCAs: x509.NewCertPool()} }, "certificate", 0},
		"nobody there":   {nil, func(c *Channel, _ *Sender) { c.Server = "127.0.0.1:1" }, "connection refused", 0},
	} {
		p := newPost(t, row.change)
		c, s := p.channel(), Sender{TLS: p.roots, Wait: time.Millisecond, Tries: 2}
		if row.with != nil {
			row.with(&c, &s)
		}
		err := s.Send(t.Context(), c, someNotice(1))
		if err == nil || !strings.Contains(err.Error(), row.want) || strings.Contains(err.Error(), "pa55word") {
			t.Errorf("%s: %v, want %q", name, err, row.want)
		}
		p.Lock()
		if len(p.got) != 0 || len(p.logins) != row.logins {
			t.Errorf("%s: %d mails, logins %q, want %d", name, len(p.got), p.logins, row.logins)
		}
		p.Unlock()
	}
	p := newPost(t, func(p *post) { p.noTLS = true })
	c := p.channel()
	c.Plain, c.User, c.Password = true, "", ""
	if err := (&Sender{}).Send(t.Context(), c, someNotice(1)); err != nil || len(p.got) != 1 {
		t.Errorf("without TLS, as asked: %v, %d mails", err, len(p.got))
	}
}
