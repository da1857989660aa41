package parse

import (
	"bytes"
	"encoding/csv"
	"errors"
	"strings"
)

// errHistory is said of a file that has one metric, or some, over many runs. A
// run must not be made of it: its values are no samples of one state of the code.
var errHistory = errors.New("holds many runs and not one, whose values are no samples of each other: want the results of one run")

// isHistory knows what is commonly kept as a history: an array of numbers, and a
// table with a time or commit in each row.
func isHistory(head []byte) bool {
	h := &Head{Bytes: head}
	if o := h.json(); o.is("", '[') && o.is("[]", 0) {
		return true
	}
	lines := csv.NewReader(bytes.NewReader(head))
	lines.Comma = ','
	lines.Comment = '#'
	for line := range h.lines() {
		if len(line) > 0 && line[0] != '#' {
			if i := bytes.IndexAny(line, ",;\t"); i >= 0 {
				lines.Comma = rune(line[i])
			}
			break
		}
	}
	header, err := lines.Read()
	if err != nil || len(header) < 2 || !historyColumn().MatchString(strings.TrimSpace(header[0])) {
		return false
	}
	_, err = lines.Read()
	return err == nil
}

var historyColumn = lazily(`(?i)^(time|timestamp|date|commit|sha|revision|build)$`)
