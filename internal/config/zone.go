package config

import (
	_ "embed" // the rules of time zones
	"encoding/binary"
	"slices"
	"strings"
	"time"
)

// zoneRules has a rule of POSIX's TZ and the zones that have it, one rule a line.
// It is what the data of time zones says of the future, in 10 kB instead of 400,
// for machines without any, as the image of the action. Made by
//
//	go test ./internal/config -run TestZoneRules -update
//
//go:embed zones.txt
var zoneRules string

// zone is the time zone of a name: as the machine's own data have it, and where it
// has none by today's rule.
func zone(name string) (*time.Location, bool) {
	if name == "Local" { // the machine's, which is no zone to agree on
		return nil, false
	}
	if loc, err := time.LoadLocation(name); err == nil {
		return loc, true
	}
	for line := range strings.Lines(zoneRules) {
		rule, names, _ := strings.Cut(strings.TrimSpace(line), " ")
		if slices.Contains(strings.Fields(names), name) {
			loc, err := time.LoadLocationFromTZData(name, ruled(rule))
			return loc, err == nil
		}
	}
	return nil, false
}

// ruled is data of a time zone (RFC 8536, version 2) that had no other rule ever.
func ruled(rule string) []byte {
	header := func(types, chars uint32) []byte {
		b := append([]byte("TZif2"), make([]byte, 15)...)
		for _, n := range []uint32{0, 0, 0, 0, types, chars} {
			b = binary.BigEndian.AppendUint32(b, n)
		}
		return b
	}
	b := append(header(0, 0), header(1, 4)...)
	b = append(b, 0, 0, 0, 0, 0, 0) // the one type: no offset, for the rule has it
	return append(b, "UTC\x00\n"+rule+"\n"...)
}
