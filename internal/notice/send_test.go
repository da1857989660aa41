package notice

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/plumbline-ci/plumbline/check/report"
)

// chat is a server of one medium that holds its documented contract: what breaks
// it is answered as the medium answers, and remembered.
type chat struct {
	*httptest.Server
	sync.Mutex
	medium  string
	faults  []func(w http.ResponseWriter) // one for each request, then none
	got     []string
	refused []string
}

const secretPath = "/services/T0/B0/s3cr3tpath"

func newChat(t *testing.T, medium string, faults ...func(w http.ResponseWriter)) *chat {
	t.Helper()
	c := &chat{medium: medium, faults: faults}
	c.Server = httptest.NewServer(http.HandlerFunc(c.serve))
	t.Cleanup(func() {
		c.Close()
		for _, why := range c.refused {
			t.Errorf("against the contract of %s: %s", medium, why)
		}
	})
	return c
}

func (c *chat) serve(w http.ResponseWriter, r *http.Request) {
	c.Lock()
	defer c.Unlock()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	if len(c.faults) > 0 {
		fault := c.faults[0]
		if c.faults = c.faults[1:]; fault != nil {
			fault(w)
			return
		}
	}
	why := ""
	switch {
	case r.Method != "POST" || r.URL.Path != secretPath || r.Header.Get("Content-Type") != "application/json":
		why = "want a POST of application/json"
	default:
		why = contracts[c.medium](r, body)
	}
	if why != "" {
		c.refused = append(c.refused, why)
		http.Error(w, why, http.StatusBadRequest)
		return
	}
	c.got = append(c.got, string(body))
	switch c.medium {
	case "slack":
		fmt.Fprint(w, "ok")
	case "discord":
		w.WriteHeader(http.StatusNoContent)
	case "teams":
		w.WriteHeader(http.StatusAccepted)
	}
}

func (c *chat) channel() Channel {
	return Channel{Medium: c.medium, Place: "HOOK", Address: c.URL + secretPath, Token: map[string]string{"webhook": "t0ken-of-mine"}[c.medium]}
}

// contracts are what the media document, in words of why a message is refused.
var contracts = map[string]func(r *http.Request, body []byte) string{
	// https://docs.slack.dev/reference/block-kit/blocks
	"slack": func(_ *http.Request, body []byte) string {
		var m struct {
			Text   string
			Blocks []struct {
				Type string
				Text struct{ Type, Text string }
			}
		}
		switch err := json.Unmarshal(body, &m); {
		case err != nil:
			return "invalid_payload"
		case m.Text == "" || len(m.Text) > 40_000:
			return "no_text"
		case len(m.Blocks) > 50:
			return "invalid_blocks: too many"
		}
		for _, b := range m.Blocks {
			most := map[string]int{"header plain_text": 150, "section mrkdwn": 3000}[b.Type+" "+b.Text.Type]
			if n := utf8.RuneCountInString(b.Text.Text); n == 0 || n > most {
				return fmt.Sprintf("invalid_blocks: a %s of %s with %d characters", b.Type, b.Text.Type, n)
			}
		}
		return ""
	},
	// https://docs.discord.com/developers/resources/message#embed-object-embed-limits
	"discord": func(_ *http.Request, body []byte) string {
		var m struct {
			Content         string
			Embeds          []struct{ Title, Description, URL string }
			AllowedMentions *struct{ Parse []string } `json:"allowed_mentions"`
		}
		if err := json.Unmarshal(body, &m); err != nil {
			return "50109: the request body contains invalid JSON"
		}
		all := 0
		for _, e := range m.Embeds {
			if utf8.RuneCountInString(e.Title) > 256 || utf8.RuneCountInString(e.Description) > 4096 {
				return "50035: must be fewer in length"
			}
			all += len(e.Title) + utf8.RuneCountInString(e.Description)
		}
		if len(m.Embeds) == 0 || len(m.Embeds) > 10 || all > 6000 || len(m.Content) > 2000 || m.AllowedMentions == nil || m.AllowedMentions.Parse == nil {
			return "50035: invalid form body"
		}
		return ""
	},
	// https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using
	"teams": func(_ *http.Request, body []byte) string {
		var m struct {
			Type        string
			Attachments []struct {
				ContentType string
				Content     struct {
					Type, Version string
					Body          []struct{ Type string }
					Actions       []struct{ Type, URL string }
				}
			}
		}
		switch err := json.Unmarshal(body, &m); {
		case err != nil || m.Type != "message" || len(m.Attachments) != 1 || m.Attachments[0].ContentType != "application/vnd.microsoft.card.adaptive":
			return "no message with a card"
		case len(body) > 28<<10:
			return "413: the message is larger than 28 KB"
		}
		card := m.Attachments[0].Content
		if card.Type != "AdaptiveCard" || card.Version != "1.4" || len(card.Body) == 0 || len(card.Actions) > 6 {
			return "no card that Teams shows"
		}
		return ""
	},
	"webhook": func(r *http.Request, body []byte) string {
		var m struct{ Event string }
		if err := json.Unmarshal(body, &m); err != nil || m.Event == "" || r.Header.Get("Authorization") != "Bearer t0ken-of-mine" {
			return "no event, or no token"
		}
		return ""
	},
}

func someNotice(metrics int) report.Notice {
	n := report.Notice{Suite: "unit", Branch: "main", Run: "https://github.example/o/r/actions/runs/1", Commits: 2, Authors: []string{"ann"}}
	for i := range metrics {
		n.Shifts = append(n.Shifts, report.NoticeShift{Metric: fmt.Sprintf("m%d %s", i, strings.Repeat("<@everyone> `& ", 20)), Unit: "s", From: 1, To: 2, After: strings.Repeat("a", 40)})
	}
	return n
}

func status(code int, header ...string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		http.Error(w, "no: "+secretPath+" t0ken-of-mine", code)
	}
}

// TestSend: every medium takes small and large notices, after it was busy for a
// while.
func TestSend(t *testing.T) {
	t.Parallel()
	for medium := range contracts {
		c := newChat(t, medium, status(429, "Retry-After", "0"), status(503), nil, status(500), nil)
		s := Sender{Wait: time.Millisecond}
		for _, n := range []report.Notice{someNotice(1), someNotice(40)} {
			if err := s.Send(t.Context(), c.channel(), n); err != nil {
				t.Errorf("%s: %v", medium, err)
			}
		}
		if len(c.got) != 2 {
			t.Errorf("%s took %d notices, want 2", medium, len(c.got))
		}
	}
}

// TestSendFails: what is refused is told with the server's words and without what
// is secret, and is not sent again where that is no use.
func TestSendFails(t *testing.T) {
	t.Parallel()
	dead := httptest.NewServer(nil)
	dead.Close()
	elsewhere := func(w http.ResponseWriter) {
		w.Header().Set("Location", "https://evil.example/")
		w.WriteHeader(http.StatusTemporaryRedirect)
	}
	for name, row := range map[string]struct {
		medium, address string
		fault           func(http.ResponseWriter)
		want            string
		requests        int // that the server is to see
	}{
		"gone":        {"slack", "", status(404), "the server answered 404 Not Found no: xxxxx", 1},
		"busy":        {"webhook", "", status(500), "the server answered 500 Internal Server Error", 3},
		"for an hour": {"discord", "", status(429, "Retry-After", "3600"), "it asks to wait 3600 s", 1},
		"a redirect":  {"slack", "", elsewhere, "the server answered 307", 1},
		"says failed": {"teams", "", func(w http.ResponseWriter) {
			fmt.Fprint(w, "Webhook message delivery failed with error: HTTP error 413")
		}, "failed with error", 1},
		"no server":  {"slack", dead.URL + secretPath, nil, "connection refused", 0},
		"in clear":   {"slack", "http://hooks.example.com" + secretPath, nil, "not one of https", 0},
		"no address": {"slack", "s3cr3tpath", nil, "holds no address", 0},
		"not set":    {"slack", " ", nil, "HOOK", 0},
	} {
		seen := 0
		fault := func(w http.ResponseWriter) { seen++; row.fault(w) }
		c := newChat(t, row.medium, fault, fault, fault, fault, fault)
		ch := c.channel()
		if row.address != "" {
			ch.Address = strings.TrimSpace(row.address)
		}
		s := Sender{Tries: 3, Wait: time.Millisecond, Time: 20 * time.Second}
		err := s.Send(t.Context(), ch, someNotice(1))
		if err == nil || !strings.Contains(err.Error(), row.want) || !strings.Contains(err.Error(), row.medium+" (HOOK)") {
			t.Errorf("%s: %v, want %q", name, err, row.want)
			continue
		}
		if strings.Contains(err.Error(), "s3cr3tpath") || (ch.Token != "" && strings.Contains(err.Error(), ch.Token)) {
			t.Errorf("%s: a secret is told: %v", name, err)
		}
		c.Lock()
		if seen != row.requests {
			t.Errorf("%s: %d requests, want %d", name, seen, row.requests)
		}
		c.Unlock()
	}
}
