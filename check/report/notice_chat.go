package report

import (
	"encoding/json"
	"strings"
	"unicode/utf16"
)

// Every message here keeps text from outside where its medium reads no markup, or
// in a code span that it cannot leave, and nothing in it mentions anybody but the
// mention that the configuration gives.

// The limits of a Slack message: https://docs.slack.dev/reference/block-kit/blocks
// has 50 blocks a message, 150 characters in a header and 3000 in a section.
const (
	slackHeader  = 150
	slackSection = 3000
)

// Slack writes a notice as the body of a request to an incoming webhook.
func Slack(n Notice, mention string) []byte {
	w := n.words()
	text := func(s string) map[string]any {
		// verbatim keeps Slack from making links and mentions of what looks like one.
		return map[string]any{"type": "section", "text": map[string]any{"type": "mrkdwn", "text": cut(s, slackSection), "verbatim": true}}
	}
	blocks := []any{map[string]any{"type": "header", "text": map[string]any{"type": "plain_text", "text": cut(w.title, slackHeader), "emoji": false}}}
	lead := joinQuoted(w.about, ", ", slackCode)
	if mention != "" {
		blocks = append(blocks, map[string]any{"type": "section", "text": map[string]any{"type": "mrkdwn", "text": cut(mention, slackSection)}})
	}
	if lead != "" {
		blocks = append(blocks, text(lead))
	}
	for _, it := range w.items {
		blocks = append(blocks, text(slackCode(it.name)+"\n"+slackText(it.change)+"\n"+joinQuoted(it.place, ", ", slackCode)))
	}
	var tail []string
	for _, s := range []string{w.more, joinQuoted(w.by, " ", slackCode)} {
		if s != "" {
			tail = append(tail, s)
		}
	}
	for _, s := range w.advice {
		tail = append(tail, "• "+slackText(s))
	}
	for _, l := range w.links {
		tail = append(tail, "<"+slackLink(l[1])+"|"+l[0]+">")
	}
	if len(tail) > 0 {
		blocks = append(blocks, text(strings.Join(tail, "\n")))
	}
	// The text is what a notification shows.
	return encoded(map[string]any{
		"text": slackText(w.title) + ": " + lead, "blocks": blocks, "unfurl_links": false, "unfurl_media": false,
	})
}

// slackText escapes what https://docs.slack.dev/messaging/formatting-message-text
// names: without the three there is no link, mention or command.
func slackText(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(unticked(s))
}

func slackCode(s string) string { return "`" + slackText(s) + "`" }

func slackLink(url string) string {
	return strings.NewReplacer("|", "%7C", ">", "%3E", "<", "%3C").Replace(url)
}

// unticked keeps a code span whole, and parts an @ from what it would mention in
// a medium that looks into code.
func unticked(s string) string {
	return strings.NewReplacer("`", "'", "@", "@"+zeroWidth).Replace(s)
}

// The limits of a Discord message: https://docs.discord.com/developers/resources/message#embed-object-embed-limits
// has 256 characters of a title, 4096 of a description, 6000 of all embeds
// together, and 2000 of a content.
const (
	discordTitle       = 256
	discordDescription = 4096
	discordContent     = 2000
)

// Discord writes a notice as the body of a request to a webhook.
func Discord(n Notice, mention string) []byte {
	w := n.words()
	head, tail := joinQuoted(w.about, ", ", discordCode)+"\n", ""
	for _, s := range []string{w.more, joinQuoted(w.by, " ", discordCode)} {
		if s != "" {
			tail += "\n" + s
		}
	}
	for _, s := range w.advice {
		tail += "\n- " + discordText(s)
	}
	for _, l := range w.links {
		tail += "\n[" + l[0] + "](<" + strings.ReplaceAll(l[1], ">", "%3E") + ">)"
	}
	left, shown := discordDescription-units(head)-units(tail)-40, 0
	body := ""
	for _, it := range w.items {
		line := "\n" + discordCode(it.name) + " " + discordText(it.change) + "\n" + joinQuoted(it.place, ", ", discordCode)
		if left -= units(line); left < 0 {
			break
		}
		body += line
		shown++
	}
	if hidden := len(w.items) - shown; hidden > 0 {
		body += "\n" + plural(hidden, "metric") + " not shown"
	}
	embed := map[string]any{"title": cut(w.title, discordTitle), "description": cut(head+body+tail, discordDescription), "color": noticeColor(n.Back)}
	if len(w.links) > 0 {
		embed["url"] = w.links[0][1]
	}
	message := map[string]any{"embeds": []any{embed}, "allowed_mentions": allowed(mention)}
	if mention != "" {
		message["content"] = cut(mention, discordContent)
	}
	return encoded(message)
}

// allowed is who a Discord message may mention: the one that the configuration
// names, and nobody else whatever the text says.
func allowed(mention string) map[string]any {
	a := map[string]any{"parse": []string{}}
	id := strings.Trim(mention, "<@&!>")
	switch {
	case mention == "":
	case mention == "@everyone" || mention == "@here":
		a["parse"] = []string{"everyone"}
	case strings.HasPrefix(mention, "<@&"):
		a["roles"] = []string{id}
	default:
		a["users"] = []string{id}
	}
	return a
}

// discordText parts what Discord reads as markup, in our own words and a unit.
func discordText(s string) string {
	return strings.NewReplacer("\\", "\\\\", "*", "\\*", "_", "\\_", "~", "\\~", "`", "\\`", "|", "\\|", "[", "\\[", "<", "\\<", "@", "@"+zeroWidth).Replace(s)
}

func discordCode(s string) string { return "`" + unticked(s) + "`" }

func noticeColor(back bool) int {
	if back {
		return 0x2da44e
	}
	return 0xcf222e
}

// teamsBytes is what a Teams message may have, 28 KB with what Teams itself adds:
// https://learn.microsoft.com/microsoftteams/platform/bots/how-to/format-your-bot-messages
const teamsBytes = 24_000

// Teams writes a notice as the body of a request to a workflow's webhook: an
// Adaptive Card. Text from outside stands in text runs, in which Teams reads no
// Markdown.
func Teams(n Notice) []byte {
	w := n.words()
	for shown := len(w.items); ; shown-- {
		message := encoded(teamsMessage(&n, &w, shown))
		if len(message) <= teamsBytes || shown == 0 {
			return message
		}
	}
}

func teamsMessage(n *Notice, w *noticeWords, shown int) any {
	block := func(runs ...map[string]any) map[string]any {
		return map[string]any{"type": "RichTextBlock", "inlines": runs}
	}
	run := func(text string, more ...string) map[string]any {
		r := map[string]any{"type": "TextRun", "text": text}
		for i := 0; i+1 < len(more); i += 2 {
			r[more[i]] = more[i+1]
		}
		return r
	}
	plain := func(s string) string { return s }
	color := "Attention"
	if n.Back {
		color = "Good"
	}
	body := []any{block(run(w.title, "size", "Large", "weight", "Bolder", "color", color))}
	if len(w.about) > 0 {
		body = append(body, block(run(joinQuoted(w.about, ", ", plain))))
	}
	for _, it := range w.items[:shown] {
		body = append(body, block(run(it.name, "fontType", "Monospace", "weight", "Bolder"), run("  "+it.change)),
			block(run(joinQuoted(it.place, ", ", plain)+" ", "size", "Small")))
	}
	if hidden := len(n.Shifts) - shown; hidden > 0 {
		body = append(body, block(run("and "+plural(hidden, "more metric"))))
	}
	if len(w.by) > 0 {
		body = append(body, block(run(joinQuoted(w.by, " ", plain))))
	}
	for _, s := range w.advice {
		body = append(body, block(run(s, "size", "Small")))
	}
	var actions []any
	for _, l := range w.links {
		actions = append(actions, map[string]any{"type": "Action.OpenUrl", "title": l[0], "url": l[1]})
	}
	card := map[string]any{"$schema": "http://adaptivecards.io/schemas/adaptive-card.json", "type": "AdaptiveCard", "version": "1.4", "body": body}
	if len(actions) > 0 {
		card["actions"] = actions
	}
	return map[string]any{"type": "message", "attachments": []any{map[string]any{
		"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": nil, "content": card,
	}}}
}

// cut shortens a text to so many characters, as the longer of the ways of counting
// them has it. What is cut off may close a code span: that is closed again.
func cut(s string, most int) string {
	if units(s) <= most {
		return s
	}
	n := 0
	for i, r := range s {
		if n += utf16.RuneLen(r); n > most-2 {
			s = s[:i] + "…"
			break
		}
	}
	if strings.Count(s, "`")%2 == 1 {
		s += "`"
	}
	return s
}

func units(s string) int {
	n := 0
	for _, r := range s {
		n += max(1, utf16.RuneLen(r))
	}
	return n
}

func encoded(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic("report: a message of strings and numbers does not marshal: " + err.Error())
	}
	return text
}
