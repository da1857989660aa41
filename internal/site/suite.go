package site

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/check/report"
	"github.com/plumbline-ci/plumbline/check/report/picture"
	"github.com/plumbline-ci/plumbline/collect"
)

// Suite is what the pages of one suite are made of.
type Suite struct {
	Newest  collect.Origin    // the newest run, whose repository, name, job and type are the suite's
	History baseline.Baseline // all its runs that count, that one among them
	Trend   check.TrendResult // of the history
	Verdict picture.Badge     // on the newest run
	Badges  map[string]picture.Badge
	// Address is where its repository can be read, such as https://github.com/o/r;
	// empty: nowhere.
	Address string
	// Pictures are patterns of check.Match: the metrics that have drawings and badges
	// as files. Nil: all.
	Pictures []string
}

// pictured reports whether a metric has pictures.
func (s *Suite) pictured(metric string) bool {
	return s.Pictures == nil || slices.ContainsFunc(s.Pictures, func(pattern string) bool { return check.Match(pattern, metric) })
}

// badge is that of a metric. One that the newest run did not judge is not known.
func (s *Suite) badge(m collect.Metric) picture.Badge {
	if b, ok := s.Badges[m.Name]; ok {
		return b
	}
	return picture.Badge{Label: m.Name, Message: picture.Unknown}
}

// title is the suite's name for people.
func (s *Suite) title() string {
	o := s.Newest
	var parts []string
	for _, part := range []string{o.Name, o.Job, o.Type} {
		if part != "" && (o.Name == "" || part != o.Job) {
			parts = append(parts, part)
		}
	}
	if len(parts) == 0 {
		return "runs"
	}
	return report.Shown(strings.Join(parts, " / "))
}

// folder is where its pages are.
func (s *Suite) folder() string {
	o := s.Newest
	if o.Name != "" {
		o.Job = ""
	}
	var parts []string
	for _, part := range []string{o.Repository, o.Name, o.Job, o.Type} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return slug(strings.Join(parts, " "))
}

// slugLength keeps names of files short enough for every system.
const slugLength = 80

// slug is a name as that of a file: small letters, digits and a few signs, with
// a part of its hash where that is not all that it was, so that no two are alike.
func slug(name string) string {
	plain := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '.', r == '_', r == '-':
			return r
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		}
		return '-'
	}, name)
	plain = strings.Trim(plain, ".-")
	if plain == name && len(name) <= slugLength && plain != "" {
		return plain
	}
	return strings.TrimLeft(strings.TrimRight(plain[:min(len(plain), slugLength)], ".-")+"-"+hash(name), "-")
}

func hash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:4])
}
