package collect

import (
	"bytes"
	"fmt"
	"slices"
)

// metricName is a name as a record has it, to be looked up without a copy.
type metricName struct {
	raw   []byte
	plain bool
}

func (n metricName) text() string { return unquote(n.raw, n.plain) }

func (n metricName) in(index map[string]int) (int, bool) {
	if n.plain {
		i, ok := index[string(n.raw)]
		return i, ok
	}
	i, ok := index[n.text()]
	return i, ok
}

// each walks over a part of the last record, an object with one member a
// metric, and calls f with the scanner before each value, and with the metric's
// position, below 0 where it is not known. A part has the metrics in the order of
// the row, so that a name is mostly the one behind that of the member before.
func (d *Decoder) each(part int, f func(s *scanner, i int, name metricName)) error {
	if d.rec.parts[part] == nil {
		return nil
	}
	return d.walk(&scanner{data: d.rec.parts[part]}, part, f)
}

// walk does it from where the part begins.
func (d *Decoder) walk(s *scanner, part int, f func(s *scanner, i int, name metricName)) error {
	next := 0
	for more := s.enter('{'); more; more = s.more('{') {
		s.room()
		i, name := d.member(s, next)
		next = i + 1
		if part != partSamples && s.null() {
			continue
		}
		f(s, i, name)
		if s.err != nil {
			if i >= 0 {
				return fmt.Errorf("%s of metric %q: %w", partKeys[part], d.names[i], s.err)
			}
			return fmt.Errorf("%s of metric %q: %w", partKeys[part], name.text(), s.err)
		}
	}
	return s.err
}

// samples reads the samples of a row on the way, which spares to look for their
// end. It reports whether it could; where not, nothing is read and what is wrong
// is found out later.
func (d *Decoder) samples(s *scanner) bool {
	own := *s
	if d.early = d.walk(&own, partSamples, d.median) == nil; d.early {
		s.pos = own.pos
	} else {
		d.beginSamples()
	}
	return d.early
}

// beginSamples forgets the samples that were read.
func (d *Decoder) beginSamples() {
	d.reading++
	d.scatter = d.scatter[:0]
	clear(d.none)
}

// member reads the name of a member of a part, and finds its metric as name does;
// it adds none. What it returns of the name is empty where it is known.
func (d *Decoder) member(s *scanner, next int) (int, metricName) {
	if next < len(d.names) && s.take(d.raw(next)) {
		return next, metricName{}
	}
	name := metricName{}
	name.raw, name.plain = s.key()
	if i, ok := name.in(d.lookUp()); ok && s.err == nil {
		return i, name
	}
	return -1, name
}

// median gives a metric that has samples and no value the samples' median. It
// refuses samples that are there twice, as either of them could be meant.
func (d *Decoder) median(s *scanner, i int, key metricName) {
	d.xs = s.numbers(d.xs[:0], "samples")
	if s.err != nil {
		return
	}
	known := i >= 0
	name := ""
	if !known {
		name = key.text()
	}
	if d.none[name] || known && i < len(d.sampled) && d.sampled[i] == d.reading {
		s.fail("they are there twice")
		return
	}
	if !known && len(d.xs) == 0 {
		if d.none == nil {
			d.none = make(map[string]bool)
		}
		d.none[name] = true
		return
	}
	if !known {
		i = d.Intern(name)
		d.fill()
	}
	if i >= len(d.sampled) {
		d.sampled = lengthened(d.sampled, i, len(d.names))
	}
	d.sampled[i] = d.reading
	if d.keep {
		d.keepSamples(i)
	}
	if len(d.xs) > 0 && d.row[i] != d.row[i] {
		d.row[i] = Median(d.xs)
	}
	if len(d.xs) > 1 && !d.keep {
		if i >= len(d.scatter) {
			d.scatter = lengthened(d.scatter, i, len(d.names))
		}
		d.scatter[i] = scatter(d.xs)
	}
}

// lengthened is a slice with a place for the i-th metric, zero as all behind the
// present ones, and with room for so many.
func lengthened[T any](xs []T, i, room int) []T {
	n := len(xs)
	xs = slices.Grow(xs, max(room, i+1)-n)[:i+1]
	clear(xs[n:])
	return xs
}

// samplesAtOnce is how many samples memory is made for in one go.
const samplesAtOnce = 1 << 12

// keepSamples keeps the samples of a metric as they stand.
func (d *Decoder) keepSamples(i int) {
	if d.keepIn == nil && i >= len(d.kept) {
		d.kept = lengthened(d.kept, i, len(d.names))
	}
	n := len(d.xs)
	if n == 0 {
		return
	}
	if len(d.free) < n {
		d.free = make([]float64, max(n, samplesAtOnce))
	}
	var xs []float64
	xs, d.free = d.free[:n:n], d.free[n:]
	copy(xs, d.xs)
	if d.keepIn != nil {
		d.keepIn(i).Samples = xs
	} else {
		d.kept[i] = xs
	}
}

// Describe writes what the record of the last row says of metrics beside their
// values and samples: unit, direction and tags, to their positions. It checks the
// parts of all metrics and leaves those alone that wants refuses. It must be called
// before the line changes; metrics is as long as the row.
func (d *Decoder) Describe(metrics []Metric, wants func(i int) bool) error {
	for _, part := range [...]int{partUnits, partBetter, partTags} {
		err := d.each(part, func(s *scanner, i int, _ metricName) {
			m := &Metric{} // what it says of others is checked, and dropped
			if i >= 0 && wants(i) {
				m = &metrics[i]
			}
			d.describe(m, part, s)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (d *Decoder) describe(m *Metric, part int, s *scanner) {
	switch part {
	case partUnits:
		m.Unit = Unit(s.common("unit", &d.words))
	case partBetter:
		m.Better = s.direction("better", &d.words)
	case partTags:
		m.Tags = d.tags(s)
	}
}

// tags reads the tags of a metric. Those of the metric before are the same map
// where they are spelled the same: mostly they are, and a map takes more memory
// than all else of a metric.
func (d *Decoder) tags(s *scanner) Tags {
	// The text of an object ends where its last brace is, as in outline.part.
	if s.space(); len(d.tagged) > 0 && bytes.HasPrefix(s.data[s.pos:], d.tagged) {
		s.pos += len(d.tagged)
		return d.lastTags
	}
	start := s.pos
	d.lastTags = s.tags("tags")
	d.tagged = append(d.tagged[:0], s.data[start:s.pos]...)
	if s.err != nil {
		d.tagged = d.tagged[:0]
	}
	return d.lastTags
}
