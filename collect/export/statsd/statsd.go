package statsd

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	client "github.com/smira/go-statsd"

	"github.com/plumbline-ci/plumbline/collect"
	"github.com/plumbline-ci/plumbline/collect/export"
)

// Sender sends to one server.
type Sender struct {
	network, address string
	shown            string
	prefix           string
	style            *client.TagFormat
	sent             map[string]float64 // counters, by name and tags
}

// stat is one value on its way.
type stat struct {
	name    string
	tags    []client.Tag
	value   float64
	counter bool
}

// Send sends all values of a set. Counters that could not be sent are sent with
// the next set.
func (s *Sender) Send(ctx context.Context, set export.Set) error {
	if len(set.Families) == 0 {
		return export.ErrNothing
	}
	stats, counted := s.stats(set)
	if err := s.transmit(ctx, stats); err != nil {
		return fmt.Errorf("send to %s: %w", s.shown, err)
	}
	maps.Copy(s.sent, counted)
	return nil
}

// Close implements export.Sender.
func (s *Sender) Close() error { return nil }

// stats are the values of a set, and where its counters are now.
func (s *Sender) stats(set export.Set) (all []stat, counted map[string]float64) {
	families := slices.Clone(set.Families)
	if set.Stored() {
		for _, f := range set.About() {
			if f.Kind != collect.KindInfo {
				families = append(families, f)
			}
		}
	}
	var where collect.Tags
	if s.style != byName {
		where = set.Where()
	}
	for i := range families {
		for k := range families[i].Series {
			all = append(all, s.series(&families[i], &families[i].Series[k], where)...)
		}
	}
	// A counter is sent as what it grew by.
	counted = map[string]float64{}
	sent := all[:0]
	for _, one := range all {
		if one.counter {
			key := fmt.Sprint(one.name, one.tags)
			counted[key] = one.value
			if last := s.sent[key]; last <= one.value {
				one.value -= last
			}
		}
		if !one.counter || one.value != 0 {
			sent = append(sent, one)
		}
	}
	return sent, counted
}

// series are the values of one series.
func (s *Sender) series(f *collect.Family, one *collect.Series, where collect.Tags) []stat {
	base := stat{name: s.prefix + plain(f.Name, s.style), tags: s.tags(one.Tags, where)}
	var all []stat
	add := func(suffix string, v float64, counter bool) {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return
		}
		next := base
		next.name, next.value, next.counter = base.name+suffix, v, counter
		all = append(all, next)
	}
	switch {
	case one.Distribution != nil:
		d := one.Distribution
		add(".count", float64(d.Count), true)
		if d.Count > 0 {
			add(".mean", d.Mean(), false)
			for _, q := range quantiles {
				add(q.name, d.Quantile(q.of), false)
			}
			add(".max", d.Max, false)
		}
	case one.Summary != nil:
		add(".count", float64(one.Summary.Count), true)
		if one.Summary.Count > 0 {
			for i, q := range export.Quantiles(one.Summary) {
				add(quantiles[i].name, q.Value, false)
			}
		}
	default:
		add("", one.Value, f.Kind == collect.KindCounter)
	}
	return all
}

// quantiles are those of a run, as export.Quantiles has them.
var quantiles = []struct {
	name string
	of   float64
}{{".p50", 0.5}, {".p90", 0.9}, {".p95", 0.95}, {".p99", 0.99}}

// tags are those of a series and of where it is from, by key.
func (s *Sender) tags(own, where collect.Tags) []client.Tag {
	all := collect.Tags{}
	maps.Copy(all, where)
	maps.Copy(all, own)
	var tags []client.Tag
	for _, key := range slices.Sorted(maps.Keys(all)) {
		name, value := plain(key, s.style), plain(all[key], s.style)
		if s.style == byName { // a dot would begin another part of the name
			name, value = strings.ReplaceAll(name, ".", "_"), strings.ReplaceAll(value, ".", "_")
		}
		tags = append(tags, client.StringTag(name, value))
	}
	return tags
}

// plain keeps a text from being read as a part of the protocol.
func plain(s string, style *client.TagFormat) string {
	if s == "" {
		return "_"
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r < ' ' || r == 0x7f, strings.ContainsRune(":|@#,;=", r):
			return '_'
		case style != client.TagFormatDatadog && strings.ContainsRune(" /\\()[]{}\"'*?<>&$!", r):
			return '_' // names are paths and patterns in Graphite
		}
		return r
	}, strings.ToValidUTF8(s, "_"))
}
