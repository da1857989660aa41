package export

import (
	"fmt"
	"strings"
	"unicode"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/model"

	"github.com/plumbline-ci/plumbline/collect"
)

// legacyName is a name in the characters that every reader of Prometheus' formats
// knows: letters of ASCII, digits and underscores. A colon is for recording
// rules.
func legacyName(s string) string {
	var b strings.Builder
	for i, r := range s {
		switch {
		case r < unicode.MaxASCII && (unicode.IsLetter(r) || r == '_'):
			b.WriteRune(r)
		case '0' <= r && r <= '9':
			if i == 0 {
				b.WriteByte('_')
			}
			b.WriteRune(r)
		default:
			b.WriteByte('_')
		}
	}
	if b.Len() == 0 {
		return "_"
	}
	return b.String()
}

// foreign reports whether underscores would leave nothing of a name to tell it
// from others: letters that ASCII does not have.
func foreign(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool {
		return r > unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)) || r == unicode.ReplacementChar
	})
}

// lossless is Prometheus' own escaping of a name that keeps all of it. It leaves
// colons, which labels cannot have.
func lossless(s string) string {
	s = model.EscapeName(strings.ToValidUTF8(s, "\uFFFD"), model.ValueEncodingEscaping)
	return strings.ReplaceAll(s, ":", "_3a_")
}

// namer gives families the names that they have in Prometheus, each once,
// whatever they are called here.
type namer struct {
	given map[string]named
	taken map[string]string // who has a name of a family or its samples
}

type named struct {
	name string
	unit baseUnit
	typ  dto.MetricType
}

func newNamer() *namer { return &namer{map[string]named{}, map[string]string{}} }

// name returns the name of a family, with what its values are multiplied by and
// its type.
func (n *namer) name(f *collect.Family) named {
	key := fmt.Sprintf("%d %q %q", f.Kind, f.Unit, f.Name)
	if got, ok := n.given[key]; ok {
		return got
	}
	base := legacyName(f.Name)
	if foreign(f.Name) {
		base = lossless(f.Name)
	}
	// Names that differ here may be one there, as a.b and a_b are: the second
	// keeps all its characters, escaped. That may be taken only by a program that
	// means harm; it gets a number.
	owner := fmt.Sprintf("%d %s", f.Kind, f.Name)
	for i := 0; ; i++ {
		got := called(f, base)
		if n.claim(owner, got) {
			n.given[key] = got
			return got
		}
		base = lossless(f.Name)
		if !strings.HasPrefix(base, "U__") {
			base = "U__" + base
		}
		if i > 0 {
			base += fmt.Sprint("_", i+1)
		}
	}
}

// called is what a family with this base is called, by its kind and unit.
func called(f *collect.Family, base string) named {
	unit := unitOf(f.Unit)
	got := named{unit: unit}
	switch f.Kind {
	case collect.KindCounter:
		got.typ = dto.MetricType_COUNTER
		got.name = unit.named(strings.TrimSuffix(base, "_total")) + "_total"
	case collect.KindInfo:
		got.typ = dto.MetricType_GAUGE
		got.name = strings.TrimSuffix(base, "_info") + "_info"
	case collect.KindHistogram:
		got.typ, got.name = dto.MetricType_HISTOGRAM, unit.named(base)
	case collect.KindSummary:
		got.typ, got.name = dto.MetricType_SUMMARY, unit.named(base)
	default:
		// How many values a distribution of the run had. As a _count it would be
		// taken for one of a histogram, which the same program may have elsewhere.
		if f.Kind == collect.KindValue && strings.HasSuffix(f.Name, ".count") && strings.HasSuffix(base, "_count") {
			base = strings.TrimSuffix(base, "_count")
			base = strings.TrimSuffix(base, "_"+endUnit(base)) + "_observations"
		}
		got.typ, got.name = dto.MetricType_GAUGE, unit.named(base)
		if reserved(got.name) {
			got.typ = dto.MetricType_UNTYPED // a gauge must not be called so
		}
	}
	return got
}

// reserved reports whether a name ends as a sample of a counter, histogram or
// summary does.
func reserved(name string) bool {
	for _, s := range []string{"_total", "_count", "_sum", "_bucket", "_created"} {
		if strings.HasSuffix(name, s) {
			return true
		}
	}
	return false
}

// claim takes the names of a family and of its samples, or none where one is
// another's.
func (n *namer) claim(owner string, got named) bool {
	all := []string{got.name}
	switch got.typ {
	case dto.MetricType_COUNTER:
		stem := strings.TrimSuffix(got.name, "_total")
		all = append(all, stem, stem+"_created")
	case dto.MetricType_HISTOGRAM, dto.MetricType_SUMMARY:
		for _, s := range []string{"_bucket", "_sum", "_count", "_created"} {
			all = append(all, got.name+s)
		}
	}
	for _, name := range all {
		if who, ok := n.taken[name]; ok && who != owner {
			return false
		}
	}
	for _, name := range all {
		n.taken[name] = owner
	}
	return true
}
