package listen

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/plumbline-ci/plumbline/collect"
)

// statsd reads a datagram: lines of NAME:VALUE|TYPE with, behind further bars,
// the sampling rate @0.1 and the tags #k:v,k2:v2.
func (g *gatherer) statsd(datagram []byte) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for len(datagram) > 0 {
		line, rest, _ := bytes.Cut(datagram, newline)
		datagram = rest
		if line = bytes.TrimSuffix(line, []byte{'\r'}); len(line) > 0 {
			g.line(line)
		}
	}
}

var newline = []byte{'\n'}

// line reads one line of StatsD.
func (g *gatherer) line(line []byte) {
	g.lines++
	if bytes.HasPrefix(line, []byte("_e{")) || bytes.HasPrefix(line, []byte("_sc|")) {
		g.ignored++
		return
	}
	name, rest, ok := bytes.Cut(line, []byte{':'})
	values, rest, typed := bytes.Cut(rest, []byte{'|'})
	if !ok || !typed || len(name) == 0 {
		g.junk(line, "want NAME:VALUE|TYPE")
		return
	}
	kind, rest, _ := bytes.Cut(rest, []byte{'|'})
	rate, tags, why := extras(rest)
	k := kindOf(kind)
	if k == 0 {
		why = "want the type c, g, ms, h, d or s"
	}
	if why != "" {
		g.junk(line, why)
		return
	}
	if why = g.values(values, k, rate, func() *series { return g.spelled(name, k, tags) }); why != "" {
		g.junk(line, why)
	}
}

// values adds the values of a line to its series, which is looked for when one is
// good.
func (g *gatherer) values(values []byte, kind byte, rate float64, find func() *series) (why string) {
	if kind == 's' { // a colon is a part of it
		if len(values) == 0 {
			return "want a value before the type"
		}
		if s := find(); s != nil {
			g.addTo(s, values)
		}
		return ""
	}
	var s *series
	for more := true; more; {
		var value []byte
		value, values, more = bytes.Cut(values, []byte{':'})
		v, sign, why := number(kind, value)
		if why != "" {
			return why
		}
		if s == nil {
			if s = find(); s == nil {
				return ""
			}
		}
		s.add(v, rate, sign)
	}
	return ""
}

func kindOf(kind []byte) byte {
	switch string(kind) {
	case "c":
		return 'c'
	case "g":
		return 'g'
	case "ms":
		return 'm'
	case "h", "d":
		return 'h'
	case "s":
		return 's'
	}
	return 0
}

// extras reads what stands behind the type.
func extras(rest []byte) (rate float64, tags []byte, why string) {
	rate = 1
	for len(rest) > 0 {
		var part []byte
		part, rest, _ = bytes.Cut(rest, []byte{'|'})
		if len(part) == 0 {
			continue
		}
		switch part[0] {
		case '@':
			r, err := strconv.ParseFloat(string(part[1:]), 64)
			if err != nil || !(r > 0 && r <= 1) {
				return 0, nil, "want a sampling rate over 0 and at most 1"
			}
			rate = r
		case '#':
			tags = part[1:]
		}
	}
	return rate, tags, ""
}

// spelled finds the series of a line as it is spelled, which is most of the work
// of the first line of a series and no work for the others.
func (g *gatherer) spelled(name []byte, kind byte, tags []byte) *series {
	var few [512]byte
	key := append(append(append(few[:0], kind), name...), 0)
	key = append(key, tags...)
	if s := g.series[string(key)]; s != nil {
		return s
	}
	base, kv := splitName(string(name))
	for part := range strings.SplitSeq(string(tags), ",") {
		k, v, ok := strings.Cut(part, ":")
		if !ok {
			v = "true"
		}
		if k = clean(k); k != "" && len(kv) < mostTags {
			kv[k] = clean(v)
		}
	}
	return g.open(string(key), base, kind, kv)
}

// splitName takes the tags out of a name that has them as InfluxDB (name,k=v) or
// Graphite (name;k=v) write them.
func splitName(name string) (base string, tags collect.Tags) {
	tags = collect.Tags{}
	at := strings.IndexAny(name, ",;")
	if at < 0 || !strings.Contains(name[at:], "=") {
		return clean(name), tags
	}
	for part := range strings.SplitSeq(name[at+1:], name[at:at+1]) {
		k, v, _ := strings.Cut(part, "=")
		if k = clean(k); k != "" && len(tags) < mostTags {
			tags[k] = clean(v)
		}
	}
	return clean(name[:at]), tags
}
