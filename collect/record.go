package collect

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// record is one line of a record file on its way in: its origin, and where in
// the line its other parts stand. Only the metrics are read at once; the parts
// that describe them may come first, and most callers do not need them.
type record struct {
	Origin
	s     scanner
	parts [len(partKeys)][]byte // each an object, or nil
	extra []member              // keys that are not known, in their order
	seen  uint32                // bit i: key i of knownKeys was there
	// outline is what earlier records have shown; nil: nothing.
	outline *outline
	// samples reads that part where it stands behind the metrics, and reports
	// whether it could. What it could not is looked at as all parts are.
	samples func(*scanner) bool
	// pass reads a part of a line that is read piece by piece.
	pass func(part int, s *scanner)
}

// member is one key of an object with its value, both as they stand.
type member struct {
	key   string
	value []byte
}

// The parts that describe metrics, in the order that the record has them.
const (
	partUnits = iota
	partBetter
	partSamples
	partTags
	partRunner
)

var partKeys = [...]string{"units", "better", "samples", "tags", "runner"}

// knownKeys are the keys of a record but for the parts.
var knownKeys = [...]string{
	"run_id", "type", "timestamp", "name", "git_commit", "branch", "event",
	"repository", "workflow", "job", "attempt", "rerun_of", "operation", "duration", "success", "gate_passed",
	"metrics",
}

// seenMetrics is the bit of the metrics, which is the last key, in seen.
const seenMetrics = 1 << (len(knownKeys) - 1)

// read reads a whole line. It hands the scanner to metrics when it stands
// before that object.
func (r *record) read(line []byte, metrics func(*scanner)) error {
	return r.scan(scanner{data: line}, metrics)
}

// scan reads all that a scanner has.
func (r *record) scan(from scanner, metrics func(*scanner)) error {
	r.s = from
	s := &r.s
	s.room()
	if s.space() != '{' {
		return fmt.Errorf("no JSON object: it begins with %s", s.excerpt())
	}
	for more := s.enter('{'); more; more = s.more('{') {
		s.room()
		raw, plain := s.key()
		s.space()
		if s.err != nil {
			break
		}
		r.member(raw, plain, metrics)
	}
	if s.space(); s.err == nil && (s.pos < len(s.data) || s.left()) {
		s.fail("more text behind the object: %s", s.excerpt())
	}
	if s.err != nil {
		return s.err
	}
	return r.required()
}

// member reads the value of one key of the record.
func (r *record) member(raw []byte, plain bool, metrics func(*scanner)) {
	s := &r.s
	key := raw
	if !plain {
		key = []byte(unquote(raw, plain))
	}
	for i := range partKeys {
		if string(key) == partKeys[i] {
			r.part(i)
			return
		}
	}
	for i := range knownKeys {
		if string(key) != knownKeys[i] {
			continue
		}
		if r.seen&(1<<i) != 0 {
			s.fail("the key %q is there twice", key)
			return
		}
		r.seen |= 1 << i
		switch {
		case knownKeys[i] != "metrics":
			if !s.null() {
				r.known(knownKeys[i])
			}
		case s.space() != '{':
			s.fail("metrics: want an object, have %s", s.excerpt())
		default:
			metrics(s)
		}
		return
	}
	r.unknown(string(key))
}

// unknown keeps a key that this program does not know.
func (r *record) unknown(key string) {
	for i := range r.extra {
		if r.extra[i].key == key {
			r.s.fail("the key %q is there twice", key)
			return
		}
	}
	start := r.s.pos
	r.s.skip(1)
	value := r.s.data[start:r.s.pos]
	if r.s.in != nil {
		value = bytes.Clone(value)
	}
	r.extra = append(r.extra, member{key, value})
}

// keys are those that are not known.
func (r *record) keys() map[string]json.RawMessage {
	if len(r.extra) == 0 {
		return nil
	}
	keys := make(map[string]json.RawMessage, len(r.extra))
	for _, m := range r.extra {
		keys[m.key] = append(json.RawMessage(nil), m.value...)
	}
	return keys
}

// part notes where a part stands. A null is as good as none.
func (r *record) part(i int) {
	s := &r.s
	if s.null() {
		return
	}
	if r.parts[i] != nil {
		s.fail("the key %q is there twice", partKeys[i])
		return
	}
	if s.space() != '{' {
		s.fail("%s: want an object, have %s", partKeys[i], s.excerpt())
		return
	}
	if s.in != nil {
		r.longPart(i)
		return
	}
	start := s.pos
	early := i == partSamples && r.samples != nil && r.seen&seenMetrics != 0
	if !early || !r.samples(s) {
		r.outline.part(i, s)
	}
	r.parts[i] = s.data[start:s.pos]
}

// known reads one key of the origin.
func (r *record) known(key string) {
	s := &r.s
	switch key {
	case "run_id":
		r.ID = s.text(key)
	case "type":
		r.Type = r.often(key)
	case "timestamp":
		r.Time = s.time(key)
	case "name":
		r.Name = r.often(key)
	case "git_commit":
		r.Commit = s.text(key)
	case "branch":
		r.Branch = r.often(key)
	case "event":
		r.Event = r.often(key)
	case "repository":
		r.Repository = r.often(key)
	case "workflow":
		r.Workflow = r.often(key)
	case "job":
		r.Job = r.often(key)
	case "attempt":
		r.Attempt = s.whole(key)
	case "rerun_of":
		r.RerunOf = s.text(key)
	case "operation":
		r.Operation = s.text(key)
	case "duration":
		r.Duration = s.finite(key)
	case "success":
		r.Success = s.outcome(key)
	case "gate_passed":
		r.Gate = s.outcome(key)
	}
}

// often is text that many records have: of those that are read one after another, it
// is made once.
func (r *record) often(key string) string {
	if r.outline == nil {
		return r.s.text(key)
	}
	return r.s.common(key, &r.outline.words)
}

// required checks that the keys are there that a record must have.
func (r *record) required() error {
	switch {
	case r.ID == "":
		return errors.New("run_id is missing")
	case r.Time.IsZero():
		return errors.New("timestamp is missing")
	case r.seen&seenMetrics == 0:
		return errors.New("metrics is missing")
	}
	return r.machine()
}

// machine reads the runner. Where it says more than Runner holds, its text is
// kept with the unknown keys.
func (r *record) machine() error {
	part := r.parts[partRunner]
	if part == nil {
		return nil
	}
	s := &scanner{data: part}
	says := false // more than Runner holds
	for more := s.enter('{'); more; more = s.more('{') {
		key := unquote(s.key())
		if s.null() {
			continue
		}
		switch key {
		case "os":
			r.Runner.OS = s.text("runner.os")
		case "arch":
			r.Runner.Arch = s.text("runner.arch")
		case "cpu_model":
			r.Runner.CPUModel = s.text("runner.cpu_model")
		case "cores":
			r.Runner.Cores = s.whole("runner.cores")
		case "image":
			r.Runner.Image = s.text("runner.image")
		case "image_version":
			r.Runner.ImageVersion = s.text("runner.image_version")
		case "memory_mb":
			r.Runner.MemoryMB = s.whole("runner.memory_mb")
		case "kernel":
			r.Runner.Kernel = s.text("runner.kernel")
		case "environment":
			r.Runner.Environment = s.text("runner.environment")
		case "cloud":
			r.Runner.Cloud = s.text("runner.cloud")
		case "region":
			r.Runner.Region = s.text("runner.region")
		case "fingerprint":
			r.Runner.Fingerprint = s.text("runner.fingerprint")
		default:
			s.skip(2)
			says = true
		}
	}
	if says {
		r.extra = append(r.extra, member{"runner", part})
	}
	return s.err
}

// isRecordKey reports whether a record gives key a meaning of its own.
func isRecordKey(key string) bool {
	return slices.Contains(knownKeys[:], key) || slices.Contains(partKeys[:], key)
}
