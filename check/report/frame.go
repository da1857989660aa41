package report

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
)

// What stands between the parts of a comment. Foreign text cannot forge it: in
// all that we write of that, an opening bracket is an entity.
const (
	partMarker = "<!-- plumbline:part "
	markerEnd  = " -->"
	textStart  = "<!-- plumbline:text -->\n"
	textEnd    = "<!-- plumbline:end -->\n"
)

// mostParts bounds what is read of a comment.
const mostParts = 500

// stamped is what the marker of a part says.
type stamped struct {
	Stamp
	State   State  `json:"state"`
	Changed bool   `json:"changed"`
	Says    string `json:"says"`
	Address string `json:"address"` // of the run
}

// mark is the marker of the part. Base64 has no dash, which could end it early.
func (p *Part) mark() string {
	text, err := json.Marshal(stamped{p.Stamp, p.State, p.Changed, p.says, p.run})
	if err != nil {
		return "" // strings and numbers always marshal
	}
	return partMarker + base64.StdEncoding.EncodeToString(text) + markerEnd
}

// ReadComment reads the parts of a comment that Comment wrote. What was edited
// since so that it would break the comment around it is left out.
func ReadComment(body string) []Part {
	var parts []Part
	body = strings.ReplaceAll(body, "\r\n", "\n")
	pieces := strings.Split(body, "\n"+partMarker)
	for _, piece := range pieces[1:] {
		code, rest, ok := strings.Cut(piece, markerEnd+"\n")
		_, rest, begun := strings.Cut(rest, textStart)
		text, _, ended := strings.Cut(rest, textEnd)
		data, err := base64.StdEncoding.DecodeString(code)
		var s stamped
		if !ok || !begun || !ended || err != nil || json.Unmarshal(data, &s) != nil || !slices.Contains(states, s.State) {
			continue
		}
		if strings.Contains(s.Says, "\n") || !sound(s.Says) || strings.Contains(s.Says, "details>") {
			s.Says = string(s.State)
		}
		if text = "\n" + strings.Trim(text, "\n") + "\n"; !sound(text) || text == "\n\n" {
			text = ""
		}
		parts = append(parts, Part{Stamp: s.Stamp, State: s.State, Changed: s.Changed, says: s.Says, run: s.Address, text: text})
		if len(parts) == mostParts {
			break
		}
	}
	return parts
}

// ownTags are those that we write ourselves.
var ownTags = []string{"<details>", "</details>", "<summary>", "</summary>", "<code>", "</code>", "<sub>", "</sub>"}

// sound reports whether Markdown can stand in the frame of a part: it has no tags
// but ours, and closes the folds and blocks of code that it opens.
func sound(text string) bool {
	open, fenced := 0, false
	for line := range strings.SplitSeq(text, "\n") {
		if strings.HasPrefix(strings.TrimLeft(line, " "), "```") {
			fenced = !fenced
		}
		for rest := line; ; {
			at := strings.IndexByte(rest, '<')
			if at < 0 {
				break
			}
			rest = rest[at:]
			i := slices.IndexFunc(ownTags, func(t string) bool { return strings.HasPrefix(rest, t) })
			if i < 0 {
				return false
			}
			switch ownTags[i] {
			case "<details>":
				open++
			case "</details>":
				open--
			}
			if open < 0 {
				return false
			}
			rest = rest[1:]
		}
	}
	return open == 0 && !fenced
}
