package report

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"regexp"
	"strings"
	"testing"
	"time"
)

func notices() map[string]Notice {
	sha := func(i int) string { return fmt.Sprintf("%08x", 0xabcdef01+i) + strings.Repeat("0", 32) }
	at := time.Date(2026, 3, 2, 14, 5, 0, 0, time.UTC)
	worse := Notice{
		Suite: "ci/unit", Branch: "main", Repository: "acme/shop", Commits: 3, Authors: []string{"ann", "bob"},
		Compare: "https://github.com/acme/shop/compare/a...b", Run: "https://github.com/acme/shop/actions/runs/1",
		Shifts: []NoticeShift{
			{Metric: "bench/example.com/a.Parse.ns_per_op", Unit: "ns", From: 1002, To: 1340, Before: sha(0), After: sha(3), Since: at},
			{Metric: "artifact.dist_mb", Unit: "MB", From: math.NaN(), To: 61, After: sha(3), Since: at, Lasting: 4, Creep: true, Leg: "linux, 1.25"},
		},
	}
	back := worse
	back.Back, back.Authors, back.Commits = true, nil, 0
	back.Shifts = []NoticeShift{{Metric: "build.seconds", Unit: "s", From: 11, To: 10.02, After: sha(9), Since: at}}
	accepted := back
	accepted.Shifts = []NoticeShift{{Metric: "build.seconds", Unit: "s", From: 10, To: 11, After: sha(9), Since: at, Accepted: true}}
	evil := "<!here> @channel @everyone <@U1> `x` ``` *b* _i_ ~s~ |t| [l](https://evil.example) <script>alert(1)</script> #1 GH-1 <!-- plumbline:notice -->\r\nSubject: x \u202egnp.exe\u200b &amp; \x1b[31m"
	hostile := Notice{Suite: evil, Branch: evil, Repository: evil, Commits: 40, Run: "javascript:alert(1)", Compare: "https://x.example/<!here>|y)"}
	for range 30 {
		hostile.Authors = append(hostile.Authors, evil)
		hostile.Shifts = append(hostile.Shifts, NoticeShift{Metric: strings.Repeat(evil, 9), Unit: "@here`<!x>", From: 1, To: 2, Before: evil, After: evil, Since: at, Leg: evil})
	}
	return map[string]Notice{"worse": worse, "back": back, "accepted": accepted, "hostile": hostile}
}

// media are all forms of a notice, with the mention that a configuration gives.
func media(n Notice) map[string]string {
	subject, text, markup := Mail(n)
	return map[string]string{
		"slack": string(Slack(n, "<!subteam^S1>")), "discord": string(Discord(n, "<@&42>")), "teams": string(Teams(n)), "json": string(NoticeJSON(n)),
		"mail": subject + "\n\n" + text, "html": markup, "issue": IssueTitle(n) + "\n\n" + IssueText(n, "@acme/perf"),
	}
}

func TestNoticeGoldens(t *testing.T) {
	t.Parallel()
	for name, n := range notices() {
		if name == "hostile" {
			continue
		}
		for medium, text := range media(n) {
			golden(t, "notice."+name+"."+medium, func(w io.Writer) error { _, err := io.WriteString(w, text+"\n"); return err })
		}
	}
}

// texts are all strings of a JSON value.
func texts(v any) []string {
	var all []string
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		for _, x := range v {
			all = append(all, texts(x)...)
		}
	case map[string]any:
		for _, x := range v {
			all = append(all, texts(x)...)
		}
	}
	return all
}

// TestNoticeMentionsNobody: names that are mentions, links, markup, headers or
// commands are nothing but names, in every medium.
func TestNoticeMentionsNobody(t *testing.T) {
	t.Parallel()
	all := media(notices()["hostile"])
	for medium, ours := range map[string]string{"slack": "<!subteam^S1>", "discord": "<@&42>", "teams": "", "issue": "@acme/perf", "html": "", "mail": ""} {
		text := strings.Replace(all[medium], ours, "", 1)
		var v any
		if json.Unmarshal([]byte(all[medium]), &v) == nil {
			text = strings.Replace(strings.Join(texts(v), "\n"), ours, "", 1)
		}
		bad := map[string]string{
			"slack":   "<!|<@|@(channel|everyone|here)|<https?:[^>]*<|`[^`\n]*<",
			"discord": "@(channel|everyone|here)|\\]\\((?!x)",
			"issue":   "<script|@(channel|everyone|here)|<!-- plumbline:notice",
			"html":    "<script|<!here|<a href=\"java",
		}[medium]
		if bad != "" {
			bad = strings.ReplaceAll(bad, "(?!x)", "https://evil[^`\n]*$")
			if m := regexp.MustCompile(bad).FindString(text); m != "" {
				t.Errorf("%s has %q in\n%.3000s", medium, m, text)
			}
		}
		if strings.ContainsAny(text, "\u202e\x1b\r") || strings.Contains(text, "javascript:") {
			t.Errorf("%s has a character that turns or commands, or an address that runs:\n%q", medium, text)
		}
		if strings.Contains(text, "\nSubject:") {
			t.Errorf("%s has a header:\n%s", medium, text)
		}
	}
	subject, _, _ := Mail(notices()["hostile"])
	if strings.ContainsAny(subject, "\r\n") {
		t.Errorf("the subject has lines: %q", subject)
	}
}

// TestNoticeLimits: what a medium refuses for its size is never written, however
// much there is to say.
func TestNoticeLimits(t *testing.T) {
	t.Parallel()
	n := notices()["hostile"]
	var slack struct {
		Blocks []struct {
			Type string
			Text struct{ Text string }
		}
	}
	if err := json.Unmarshal(Slack(n, strings.Repeat("x", 9000)), &slack); err != nil || len(slack.Blocks) > 50 || len(slack.Blocks) < 5 {
		t.Errorf("slack: %d blocks, %v", len(slack.Blocks), err)
	}
	for _, b := range slack.Blocks {
		if most := map[string]int{"header": 150, "section": 3000}[b.Type]; units(b.Text.Text) > most {
			t.Errorf("slack: a %s of %d characters", b.Type, units(b.Text.Text))
		}
	}
	var discord struct {
		Content string
		Embeds  []struct{ Title, Description string }
	}
	if err := json.Unmarshal(Discord(n, ""), &discord); err != nil || len(discord.Embeds) != 1 || units(discord.Embeds[0].Title) > 256 || units(discord.Embeds[0].Description) > 4096 {
		t.Errorf("discord: %+v, %v", discord, err)
	}
	if !strings.Contains(discord.Embeds[0].Description, "not shown") || !strings.Contains(discord.Embeds[0].Description, "plumbline explain") {
		t.Errorf("discord leaves out its end:\n%s", discord.Embeds[0].Description)
	}
	if size := len(Teams(n)); size > teamsBytes {
		t.Errorf("teams: %d bytes", size)
	}
	if title, text := IssueTitle(n), IssueText(n, ""); units(title) > 256 || len(text) > 40_000 {
		t.Errorf("issue: a title of %d and a text of %d characters", units(title), len(text))
	}
}
