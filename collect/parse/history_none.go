package parse

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"strings"
)

// errHistory is said of a file that has one metric, or some, over many runs. A
// run must not be made of it: its values are no samples of one state of the code.
var errHistory = errors.New("holds many runs and not one, whose values are no samples of each other: want the results of one run")

// refusedHistory is errHistory of a file that is one, with the way to keep it; nil
// where it is none.
func refusedHistory(name string, head []byte) error {
	if kind, ok := DetectHistory(name, head); ok {
		return fmt.Errorf("%w; plumbline import %s FILE adopts it as history", errHistory, kind.Name)
	}
	if o := (&Head{Bytes: head}).json(); o.is("", '[') && o.is("[]", 0) {
		return fmt.Errorf("%w; plumbline import FORMAT FILE adopts histories that say the time of each run, as this one does not", errHistory)
	}
	return nil
}

// isTable knows a table with a time or commit in each row.
func isTable(head []byte) bool {
	lines := csv.NewReader(bytes.NewReader(head))
	lines.Comma = ','
	lines.Comment = '#'
	h := &Head{Bytes: head}
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
