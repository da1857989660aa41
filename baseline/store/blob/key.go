package blob

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/collect"
)

// Under the root of a store, a key is
//
//	full/REPOSITORY/NAME/JOB/TYPE/BRANCH/run-TIME-DATE-ID.jsonl.zst
//
// where the folder has the runs that can be compared with each other. What a run
// does not say is an underscore, and a run that does not say its repository, suite
// or branch is under part/ instead of full/: such a run fits several suites, so
// that a listing for one looks at all of part/. TIME counts backwards, so that a
// listing has the newest run first.
const (
	fullRoot, partRoot = "full/", "part/"
	unsaid             = "_"
	levels             = 6 // of a folder, the first one included
	suffix             = ".jsonl.zst"
	runPrefix          = "run-"
	bundlePrefix       = "bundle-" // sorts before the runs
	// maxTime is the last time that a key can tell, in microseconds: in the year 2286.
	maxTime   = 9999999999999999
	timeWidth = 16
	// longest bounds each part of a key: six of them stay below the 1024 bytes that
	// a key has at most.
	longest = 120
)

// escape makes text a part of a key: letters, digits, dash and dot stay, any other
// byte becomes =XX, and what is too long is cut and told apart by a hash.
func escape(s string) string {
	if s == "" {
		return unsaid
	}
	var b strings.Builder
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '.' && i > 0:
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "=%02X", c)
		}
	}
	if b.Len() <= longest {
		return b.String()
	}
	sum := sha256.Sum256([]byte(s))
	return b.String()[:longest-34] + "=-" + hex.EncodeToString(sum[:16])
}

// unescape undoes escape; ok is false where that cannot be done.
func unescape(s string) (text string, ok bool) {
	if s == unsaid {
		return "", true
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '=' {
			b.WriteByte(s[i])
			continue
		}
		if i+3 > len(s) {
			return "", false
		}
		c, err := strconv.ParseUint(s[i+1:i+3], 16, 8)
		if err != nil {
			return "", false
		}
		b.WriteByte(byte(c))
		i += 2
	}
	return b.String(), true
}

// folder is where the runs of a suite and branch are, below the root.
func folder(o collect.Origin) string {
	job := o.Job
	if o.Name != "" {
		job = "" // as for the choice of a baseline, the name takes its place
	}
	root := fullRoot
	if o.Repository == "" || o.Branch == "" || o.Type == "" || o.Name == "" && o.Job == "" {
		root = partRoot
	}
	return root + path.Join(escape(o.Repository), escape(o.Name), escape(job), escape(o.Type), escape(o.Branch)) + "/"
}

// runName is the name of a run's object in its folder.
func runName(o collect.Origin) string {
	at := o.Time.UTC()
	return runPrefix + backwards(at) + "-" + at.Format("20060102T150405") + "-" + escape(o.ID) + suffix
}

// backwards is a time as text that sorts newest first.
func backwards(t time.Time) string {
	return fmt.Sprintf("%0*d", timeWidth, maxTime-min(max(t.UnixMicro(), 0), maxTime))
}

// runKey is an object of a run, as a listing names it.
type runKey struct {
	listed
	folder string // with the root, and a slash at its end
	back   string // the time, which sorts newest first
	id     string // escaped
}

// parseRun reads a key; ok is false where it is not that of a run.
func parseRun(o listed) (k runKey, ok bool) {
	dir, name := path.Split(o.key)
	rest, ok := strings.CutPrefix(strings.TrimSuffix(name, suffix), runPrefix)
	if !ok || !strings.HasSuffix(name, suffix) {
		return k, false
	}
	parts := strings.SplitN(rest, "-", 3)
	if len(parts) != 3 || len(parts[0]) != timeWidth || strings.Trim(parts[0], "0123456789") != "" {
		return k, false
	}
	return runKey{o, dir, parts[0], parts[2]}, true
}

// before reports whether a run comes before another in a listing.
func (k runKey) before(other runKey) bool {
	if k.back != other.back {
		return k.back < other.back
	}
	return k.key < other.key
}

// time is the run's time, as its key tells it.
func (k runKey) time() time.Time {
	n, _ := strconv.ParseInt(k.back, 10, 64)
	return time.UnixMicro(maxTime - n)
}

// slack is how far the time that a key tells may be from the run's own.
const slack = time.Second

// older reports whether the run, and so each one behind it, is older than a time.
func (k runKey) older(than time.Time) bool {
	return !than.IsZero() && k.back != backwards(time.Time{}) && k.time().Before(than.Add(-slack))
}

// mayFit reports whether the run may be one of those that a filter asks for, from
// its key alone.
func (k runKey) mayFit(f baseline.Filter) bool {
	if !f.Until.IsZero() && k.back != backwards(time.UnixMicro(maxTime)) && k.time().After(f.Until.Add(slack)) {
		return false
	}
	if id, ok := unescape(k.id); ok && !strings.HasPrefix(id, f.ID) {
		return false
	}
	parts := strings.Split(strings.TrimSuffix(k.folder, "/"), "/")
	if len(parts) < levels {
		return true
	}
	parts = parts[len(parts)-levels+1:] // behind full or part
	return !apart(parts[4], f.Branch) && fitsRepository(parts[0], f.Repositories) && (f.Suite == nil || fitsSuite(parts, *f.Suite))
}

// apart reports whether a part of a key says other than what is asked for.
func apart(part, want string) bool { return part != unsaid && want != "" && part != escape(want) }

func fitsRepository(part string, patterns []string) bool {
	repository, ok := unescape(part)
	return !ok || baseline.Filter{Repositories: patterns}.Fits(collect.Origin{Repository: repository})
}

func fitsSuite(parts []string, s baseline.Suite) bool {
	return parts[1] == escape(s.Name) && !apart(parts[0], s.Repository) && !apart(parts[3], s.Type) && (s.Name != "" || !apart(parts[2], s.Job))
}

// prefixes are what a listing for a filter looks at, below the root: the shortest
// that have all runs that fit.
func prefixes(f baseline.Filter) []string {
	s := baseline.Suite{}
	if f.Suite != nil {
		s = *f.Suite
	}
	if len(f.Repositories) == 1 && s.Repository == "" {
		s.Repository, _ = baseline.NameOf(f.Repositories[0])
	}
	if s.Repository == "" {
		return []string{""}
	}
	prefix := fullRoot + escape(s.Repository) + "/"
	if f.Suite == nil {
		return []string{prefix, partRoot}
	}
	prefix += escape(s.Name) + "/"
	known := []string{s.Job, s.Type, f.Branch}
	if s.Name != "" {
		prefix, known = prefix+unsaid+"/", known[1:]
	}
	for _, part := range known {
		if part == "" {
			break
		}
		prefix += escape(part) + "/"
	}
	return []string{prefix, partRoot}
}
