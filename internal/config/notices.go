package config

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
)

// Notices says who is told of a lasting change for the worse on a branch.
type Notices struct {
	Branch string // empty: the default branch
	Issue  *Issue // nil: none
	Quiet  Quiet
	To     []Channel
	// NoTrend keeps the action from searching the history for shifts that no single
	// run shows.
	NoTrend bool
}

// Issue is an issue of the repository that is open while something is worse.
type Issue struct {
	Label   string // by which it is found; empty: plumbline
	Mention string // such as @org/team
}

// Quiet are hours in which nothing is sent.
type Quiet struct {
	From, To time.Duration  // since midnight
	Zone     *time.Location // nil: UTC
	Days     []time.Weekday
}

// Channel is one place that notices go to. What is secret is named by the variable
// of the environment that holds it.
type Channel struct {
	Medium  string // slack, discord, teams, webhook or mail
	Address string // variable with the webhook's address
	Mention string
	Token   string // variable with the token that a webhook wants; empty: none

	To             []string // of mail: the addresses
	From, Server   string
	User, Password string // variables; empty: the server wants none
	Plain          bool   // the server speaks no TLS
}

// The media that have a webhook.
var webhooks = []string{"slack", "discord", "teams", "webhook"}

const (
	wantVariable = "the name of the variable of the environment that holds it, such as SLACK_WEBHOOK"
	wantClock    = `a time of day such as "22:00"`
	wantServer   = "HOST:PORT of the mail server, such as smtp.example.com:587"
	wantZone     = "a time zone such as Europe/Berlin or UTC"
	wantMail     = "a mail address such as perf@example.com"
)

func (d *decoder) notices(n ast.Node, out *Notices) {
	d.section(n, "notices", []field{
		{"branch", func(n ast.Node) { out.Branch, _ = d.text(n, "branch") }},
		{"issue", func(n ast.Node) { out.Issue = d.issue(n) }},
		{"quiet", func(n ast.Node) { d.quiet(n, &out.Quiet) }},
		{"to", func(n ast.Node) { d.channels(n, &out.To) }},
		{"trend", func(n ast.Node) {
			if x, ok := d.resolve(n).(*ast.BoolNode); ok {
				out.NoTrend = !x.Value
			} else {
				d.wrongKind(n, "trend", "true or false")
			}
		}},
	})
}

// issue reads true, false or how the issue is made.
func (d *decoder) issue(n ast.Node) *Issue {
	switch x := d.resolve(n).(type) {
	case *ast.NullNode:
		return nil
	case *ast.BoolNode:
		if !x.Value {
			return nil
		}
		return &Issue{}
	}
	var i Issue
	d.section(n, "issue", []field{
		{"label", func(n ast.Node) { i.Label, _ = value(d, n, "label", "the name of a label", label) }},
		{"mention", func(n ast.Node) { i.Mention, _ = value(d, n, "mention", wantMention["issue"], mention("issue")) }},
	})
	return &i
}

func (d *decoder) quiet(n ast.Node, q *Quiet) {
	before := len(d.problems)
	given := map[string]bool{}
	clock := func(key string, to *time.Duration) field {
		return field{key, func(n ast.Node) { given[key] = true; *to, _ = value(d, n, key, wantClock, clockTime) }}
	}
	d.section(n, "quiet", []field{
		clock("from", &q.From), clock("until", &q.To),
		{"zone", func(n ast.Node) {
			if name, ok := d.text(n, "zone"); ok {
				if q.Zone, ok = zone(name); !ok {
					d.fail(n, "unknown zone %q; want %s", name, wantZone)
				}
			}
		}},
		{"days", func(n ast.Node) {
			d.list(n, "days", func(n ast.Node) {
				if w, ok := d.word(n, "day", days...); ok {
					q.Days = append(q.Days, time.Weekday(slices.Index(days, w)))
				}
			})
		}},
	})
	switch {
	case len(d.problems) > before || d.resolve(n).Type() == ast.NullType:
	case given["from"] != given["until"]:
		d.fail(d.resolve(n), "quiet has one of from and until; want both, or days alone")
	case given["from"] && q.From == q.To:
		d.fail(d.resolve(n), "quiet hours that end when they begin; want from and until that differ")
	case len(q.Days) == 7:
		d.fail(d.resolve(n), "every day is quiet, so that nothing is ever sent; leave one out")
	}
}

var days = []string{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}

// clockTime reads a time of day. Without quotes YAML makes a number of some.
func clockTime(s string) (time.Duration, error) {
	t, err := time.Parse("15:04", s)
	if err != nil {
		return 0, fmt.Errorf("%q is no time of day; want %s, in quotes", s, wantClock)
	}
	return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute, nil
}

func (d *decoder) channels(n ast.Node, to *[]Channel) {
	d.list(n, "to", func(n ast.Node) {
		before := len(d.problems)
		c := d.channel(n)
		if len(d.problems) == before {
			*to = append(*to, c)
		}
	})
}

func (d *decoder) channel(n ast.Node) (c Channel) {
	var media []string
	var mentioned ast.Node
	variable := func(key string, to *string) field {
		return field{key, func(n ast.Node) { *to, _ = value(d, n, key, wantVariable, variableName) }}
	}
	var fields []field
	for _, m := range webhooks {
		fields = append(fields, field{m, func(n ast.Node) {
			media = append(media, m)
			c.Address, _ = value(d, n, m, wantVariable, variableName)
		}})
	}
	before := len(d.problems)
	d.section(n, "a notice's channel", append(fields,
		field{"mail", func(n ast.Node) { media = append(media, "mail"); c.To = d.mails(n) }},
		field{"mention", func(n ast.Node) { mentioned = n }},
		variable("token", &c.Token),
		field{"from", func(n ast.Node) { c.From, _ = value(d, n, "from", wantMail, mailAddress) }},
		field{"server", func(n ast.Node) { c.Server, _ = value(d, n, "server", wantServer, server) }},
		variable("user", &c.User), variable("password", &c.Password),
		field{"tls", func(n ast.Node) {
			w, _ := d.word(n, "tls", "required", "none")
			c.Plain = w == "none"
		}},
	))
	if len(d.problems) > before {
		return c
	}
	if len(media) != 1 {
		d.fail(d.resolve(n), "a channel with %d media; want one of slack, discord, teams, webhook and mail", len(media))
		return c
	}
	c.Medium = media[0]
	if mentioned != nil {
		c.Mention, _ = value(d, mentioned, "mention", wantMention[c.Medium], mention(c.Medium))
	}
	d.fits(n, &c)
	return c
}

// fits holds the keys of a channel against its medium.
func (d *decoder) fits(n ast.Node, c *Channel) {
	post := c.From != "" || c.Server != "" || c.User != "" || c.Password != "" || c.Plain
	switch {
	case c.Medium != "mail" && post:
		d.fail(d.resolve(n), "from, server, user, password and tls are for mail; remove them from %s", c.Medium)
	case c.Medium != "webhook" && c.Token != "":
		d.fail(d.resolve(n), "token is for webhook; remove it from %s", c.Medium)
	case c.Medium == "mail" && (c.From == "" || c.Server == "" || len(c.To) == 0):
		d.fail(d.resolve(n), "mail lacks from, server or an address; want all three")
	case (c.User == "") != (c.Password == ""):
		d.fail(d.resolve(n), "mail has one of user and password; want both, or neither")
	case c.Plain && c.Password != "":
		d.fail(d.resolve(n), "tls: none sends the password in the clear; want tls: required, or no password")
	}
}

// mails reads one address, or a list of them.
func (d *decoder) mails(n ast.Node) []string {
	var all []string
	add := func(n ast.Node) {
		if a, ok := value(d, n, "mail", wantMail, mailAddress); ok {
			all = append(all, a)
		}
	}
	if _, ok := d.resolve(n).(*ast.SequenceNode); !ok {
		add(n)
		return all
	}
	d.list(n, "mail", add)
	return all
}

// variableName reads the name of a variable. What looks like the secret itself is
// not quoted in the error.
func variableName(s string) (string, error) {
	if !regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,99}$`).MatchString(s) {
		return "", fmt.Errorf("this is no name of a variable; want %s: the secret itself has no place in a file", wantVariable)
	}
	return s, nil
}

// mailAddress reads an address without a name: what some server may take for more
// than one address is refused.
func mailAddress(s string) (string, error) {
	if !regexp.MustCompile(`^[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$`).MatchString(s) {
		return "", fmt.Errorf("%q is no address; want %s", s, wantMail)
	}
	return s, nil
}

func server(s string) (string, error) {
	m := regexp.MustCompile(`^(?:[A-Za-z0-9.-]+|\[[0-9a-fA-F:.]+\])(:[0-9]{1,5})?$`).FindStringSubmatch(s)
	if m == nil {
		return "", fmt.Errorf("%q is no server; want %s", s, wantServer)
	}
	if port, err := strconv.Atoi(strings.TrimPrefix(m[1], ":")); err != nil || port < 1 || port > 65535 {
		return "", fmt.Errorf("%q has no port; want %s", s, wantServer)
	}
	return s, nil
}

func label(s string) (string, error) {
	if len(s) == 0 || len(s) > 50 || strings.ContainsAny(s, ",\r\n") {
		return "", fmt.Errorf("%q is no label; want up to 50 characters without a comma", s)
	}
	return s, nil
}

var wantMention = map[string]string{
	"slack":   "<!here>, <!channel>, <@USER> or <!subteam^GROUP>",
	"discord": "@here, @everyone, <@USER> or <@&ROLE>",
	"issue":   "@USER or @ORG/TEAM, several with a space between",
}

// mention reads whom a medium is to mention, in the medium's own spelling.
func mention(medium string) func(string) (string, error) {
	pattern := map[string]string{
		"slack":   `^(<!(here|channel|everyone)>|<@[A-Z0-9]{2,20}>|<!subteam\^[A-Z0-9]{2,20}>)$`,
		"discord": `^(@here|@everyone|<@&?[0-9]{2,25}>)$`,
		"issue":   `^@[A-Za-z0-9-]+(/[A-Za-z0-9_.-]+)?( @[A-Za-z0-9-]+(/[A-Za-z0-9_.-]+)?)*$`,
	}[medium]
	return func(s string) (string, error) {
		switch {
		case pattern == "":
			return "", fmt.Errorf("%s mentions nobody; remove it", medium)
		case len(s) > 200 || !regexp.MustCompile(pattern).MatchString(s):
			return "", fmt.Errorf("%q is no mention of %s; want %s", s, medium, wantMention[medium])
		}
		return s, nil
	}
}
