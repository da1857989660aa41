package config

import (
	"slices"
	"strings"
)

// sectionOf tells where a key belongs that was written in another section.
var sectionOf = map[string]string{
	"store": "baseline", "branch": "baseline", "runs": "baseline", "max-age": "baseline", "runner": "baseline", "ruler": "baseline",
	"false-alarm-rate": "gate", "min-runs": "gate", "confirm": "gate", "threshold": "gate", "against": "gate",
	"on-inconclusive": "gate", "on-missing": "gate",
	"match": "rules", "better": "rules", "limit": "rules", "max": "rules", "min": "rules", "level": "rules",
	"metric": "waivers", "ceiling": "waivers", "until": "waivers", "reason": "waivers", "issue": "waivers",
	"baseline": "the file", "gate": "the file", "rules": "the file", "waivers": "the file",
	"accepted": "the file", "since": "accepted",
	"retention": "the file", "last": "retention", "within": "retention", "hourly": "retention", "daily": "retention",
	"weekly": "retention", "monthly": "retention", "yearly": "retention", "event": "retention", "tag": "retention",
	"notices": "the file", "quiet": "notices",
}

// suggestKey says what an unknown key should have been.
func suggestKey(key, what string, fields []field) string {
	if s := sectionOf[key]; s != "" && s != what {
		if s == "the file" {
			return "it belongs at the left margin"
		}
		return "it belongs under " + s
	}
	keys := make([]string, len(fields))
	for i, f := range fields {
		keys[i] = f.key
	}
	if near := nearest(key, keys); near != "" {
		return `did you mean "` + near + `"?`
	}
	return "want " + listKeys(fields)
}

// nearest returns the word that a slip of the keyboard made into s, or nothing.
// A third of the letters may be wrong, and - and _ and capitals do not count.
func nearest(s string, words []string) string {
	plain := func(s string) string { return strings.ReplaceAll(strings.ToLower(s), "_", "-") }
	if len(s) > 64 {
		return ""
	}
	best, found := 1+min(max(1, len(s)/3), 4), ""
	for _, w := range words {
		if d := distance(plain(s), w); d < best {
			best, found = d, w
		}
	}
	return found
}

// distance counts the letters to insert, remove, replace or swap with their
// neighbour to make a into b.
func distance(a, b string) int {
	s, t := []rune(a), []rune(b)
	rows := make([][]int, len(s)+1)
	for i := range rows {
		rows[i] = make([]int, len(t)+1)
		rows[i][0] = i
	}
	for j := range t {
		rows[0][j+1] = j + 1
	}
	for i := range s {
		for j := range t {
			cost := 1
			if s[i] == t[j] {
				cost = 0
			}
			d := min(rows[i][j]+cost, rows[i][j+1]+1, rows[i+1][j]+1)
			if i > 0 && j > 0 && s[i] == t[j-1] && s[i-1] == t[j] {
				d = min(d, rows[i-1][j-1]+1)
			}
			rows[i+1][j+1] = d
		}
	}
	return rows[len(s)][len(t)]
}

func listKeys(fields []field) string {
	keys := make([]string, len(fields))
	for i, f := range fields {
		keys[i] = f.key
	}
	return listWords(keys)
}

// listWords joins words as a sentence does: a, b or c.
func listWords(words []string) string {
	words = slices.Clone(words)
	if n := len(words); n > 1 {
		words = append(words[:n-2], words[n-2]+" or "+words[n-1])
	}
	return strings.Join(words, ", ")
}
