package parse

import (
	"strconv"
	"strings"
	"time"
)

// pastTimes are the ways in which histories write a time. Without a zone it is UTC.
var pastTimes = []string{
	time.RFC3339Nano,
	"2006-01-02T15:04:05.999999999Z0700", "2006-01-02T15:04:05.999999999", "2006-01-02T15:04",
	"2006-01-02 15:04:05.999999999Z07:00", "2006-01-02 15:04:05.999999999 Z07:00", "2006-01-02 15:04:05.999999999 -0700",
	"2006-01-02 15:04:05.999999999", "2006-01-02 15:04", "2006-01-02",
	"2006.01.02 15:04:05 -0700", "2006.01.02 15:04:05", "2006.01.02",
	"20060102T150405", time.RFC1123Z, time.RFC1123, time.UnixDate, "Mon Jan 2 15:04:05 2006 -0700",
}

// pastTime reads a time, or seconds or milliseconds since 1970.
func pastTime(text string) (time.Time, bool) {
	text = strings.TrimSpace(text)
	for _, layout := range pastTimes {
		if at, err := time.Parse(layout, text); err == nil {
			at = at.UTC()
			return at, at.Year() >= 1 && at.Year() <= 9999
		}
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return time.Time{}, false
	}
	const manySeconds = 1e11 // the year 5138, or in milliseconds 1973
	if v > manySeconds {
		v /= 1e3
	}
	return sinceEpoch(v)
}
