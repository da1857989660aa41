package collect

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Encode writes a run as one line of a record file, its end included: with one
// call of Write, unless it is longer than a megabyte, and then in pieces of about
// that, for which no more memory is needed. It refuses a run that a record cannot
// hold: without ID or time, with a number that is not finite, or with two metrics
// of one name; then nothing is written. Times are written in UTC and cut to
// microseconds.
func Encode(w io.Writer, r Run) error {
	plainNames, err := r.check()
	if err != nil {
		return fmt.Errorf("encode run %q: %w", r.ID, err)
	}
	const room = 64 << 10 // for what comes after the piece is full
	e := encoder{to: w, plainNames: plainNames, buf: make([]byte, 0, min(recordSize(r.Metrics), pieceBytes+room))}
	e.record(&r)
	e.flush()
	return e.err
}

// pieceBytes is how much Encode holds of a long line.
const pieceBytes = 1 << 20

// AppendRecord appends to buf the line that Encode writes.
func AppendRecord(buf []byte, r Run) ([]byte, error) {
	plainNames, err := r.check()
	if err != nil {
		return buf, fmt.Errorf("encode run %q: %w", r.ID, err)
	}
	e := encoder{plainNames: plainNames, buf: slices.Grow(buf, recordSize(r.Metrics))}
	e.record(&r)
	return e.buf, nil
}

// record appends the whole line.
func (e *encoder) record(r *Run) {
	e.buf = append(e.buf, '{')
	e.empty = true
	e.string("run_id", r.ID)
	e.text("type", r.Type)
	e.string("timestamp", r.Time.UTC().Format("2006-01-02T15:04:05.000000Z07:00"))
	e.text("name", r.Name)
	e.text("git_commit", r.Commit)
	e.text("branch", r.Branch)
	e.text("event", r.Event)
	e.text("repository", r.Repository)
	e.text("workflow", r.Workflow)
	e.text("job", r.Job)
	e.whole("attempt", r.Attempt)
	e.text("rerun_of", r.RerunOf)
	e.runner(r)
	e.metrics(r.Metrics)
	e.text("operation", r.Operation)
	if r.Duration != 0 {
		e.number("duration", r.Duration)
	}
	e.outcome("success", r.Success)
	e.outcome("gate_passed", r.Gate)
	for _, key := range slices.Sorted(maps.Keys(r.Extra)) {
		if key != "runner" {
			e.raw(key, r.Extra[key])
		}
	}
	e.buf = append(e.buf, "}\n"...)
}

// recordSize is about how many bytes a record with these metrics takes: memory
// for it is made once, and not grown to it. A number takes some ten.
func recordSize(metrics []Metric) int {
	const number, rest = 10, 1 << 10
	size := rest
	for i := range metrics {
		m := &metrics[i]
		name := len(m.Name) + len(`"":,`)
		size += name + number
		if m.Unit != "" {
			size += name + len(m.Unit) + 2
		}
		if m.Better != Unknown {
			size += name + len(`"higher"`)
		}
		if len(m.Samples) > 0 {
			size += name + number*len(m.Samples) + 2
		}
		if len(m.Tags) > 0 {
			size += name + 2
			for key, value := range m.Tags {
				size += len(key) + len(value) + len(`"":"",`)
			}
		}
	}
	return size
}

// check says why a record cannot hold the run, if so, and else whether the names
// of all metrics are plain: each is written up to five times.
func (r *Run) check() (plainNames bool, err error) {
	switch year := r.Time.UTC().Year(); {
	case r.ID == "":
		return false, errors.New("it has no ID")
	case r.Time.IsZero():
		return false, errors.New("it has no time")
	case year < 1 || year > 9999:
		return false, fmt.Errorf("the year %d is out of range", year)
	case !finite(r.Duration):
		return false, fmt.Errorf("duration: want a finite number, have %v", r.Duration)
	}
	plainNames = true
	names := unique{metrics: r.Metrics}
	for i := range r.Metrics {
		m := &r.Metrics[i]
		name := m.Name
		if !plain(name) {
			plainNames = false
			name = validName(name)
		}
		if !names.add(i, name) {
			return false, fmt.Errorf("metric %q is there twice", name)
		}
		if !finite(m.Value) {
			return false, fmt.Errorf("metric %q: want a finite number, have %v", m.Name, m.Value)
		}
		if i := slices.IndexFunc(m.Samples, func(x float64) bool { return !finite(x) }); i >= 0 {
			return false, fmt.Errorf("metric %q: want finite samples, have %v", m.Name, m.Samples[i])
		}
	}
	for key, value := range r.Extra {
		if isRecordKey(key) && key != "runner" {
			return false, fmt.Errorf("extra key %q: a record has its own meaning for it", key)
		}
		if !json.Valid(value) || bytes.ContainsAny(value, "\n") {
			return false, fmt.Errorf("extra key %q: its value is not JSON on one line", key)
		}
	}
	return plainNames, nil
}

// unique tells whether a name is there twice. While names come in their order, as
// those of most runs do, the last one tells.
type unique struct {
	metrics []Metric
	inOrder int             // so many of them, which are not copied: there may be a million
	last    string          // of these
	mended  bool            // not all of them are valid as they stand
	others  map[string]bool // nil: all are in order
}

// add reports whether the name of metric i, the next one, is new.
func (u *unique) add(i int, name string) bool {
	if u.others == nil && (i == 0 || u.last < name) {
		u.inOrder, u.last, u.mended = i+1, name, u.mended || name != u.metrics[i].Name
		return true
	}
	_, twice := slices.BinarySearchFunc(u.metrics[:u.inOrder], name, func(m Metric, name string) int {
		if u.mended {
			m.Name = validName(m.Name)
		}
		return strings.Compare(m.Name, name)
	})
	if twice || u.others[name] {
		return false
	}
	if u.others == nil {
		u.others = map[string]bool{}
	}
	u.others[name] = true
	return true
}

// validName is a name as a record has it.
func validName(name string) string { return strings.ToValidUTF8(name, "\uFFFD") }

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// encoder appends the members of one JSON object.
type encoder struct {
	buf   []byte
	empty bool      // no member so far
	to    io.Writer // of what is in buf; nil: buf keeps all
	err   error     // of to
	// plainNames says that no name of a metric needs to be escaped.
	plainNames bool
}

// flush writes what is in buf.
func (e *encoder) flush() {
	if e.err == nil {
		_, e.err = e.to.Write(e.buf)
	}
	e.buf = e.buf[:0]
}

func (e *encoder) key(key string) {
	e.next()
	e.buf = append(appendString(e.buf, key), ':')
}

// name is key for the name of a metric.
func (e *encoder) name(m *Metric) {
	if !e.plainNames {
		e.key(m.Name)
		return
	}
	e.next()
	e.buf = append(append(append(e.buf, '"'), m.Name...), `":`...)
}

// next begins a member.
func (e *encoder) next() {
	if len(e.buf) >= pieceBytes && e.to != nil {
		e.flush()
	}
	if !e.empty {
		e.buf = append(e.buf, ',')
	}
	e.empty = false
}

func (e *encoder) string(key, value string) {
	e.key(key)
	e.buf = appendString(e.buf, value)
}

// text leaves out what is empty; so does whole.
func (e *encoder) text(key, value string) {
	if value != "" {
		e.string(key, value)
	}
}

func (e *encoder) whole(key string, value int) {
	if value != 0 {
		e.key(key)
		e.buf = strconv.AppendInt(e.buf, int64(value), 10)
	}
}

func (e *encoder) outcome(key string, o Outcome) {
	if o != Unsaid {
		e.raw(key, strconv.AppendBool(nil, o == Succeeded))
	}
}

func (e *encoder) number(key string, value float64) {
	e.key(key)
	e.buf = appendNumber(e.buf, value)
}

func (e *encoder) raw(key string, value []byte) {
	e.key(key)
	e.buf = append(e.buf, value...)
}

func (e *encoder) open(key string) {
	e.key(key)
	e.buf = append(e.buf, '{')
	e.empty = true
}

func (e *encoder) close() {
	e.buf = append(e.buf, '}')
	e.empty = false
}

// runner writes the runner as it was read where that said more.
func (e *encoder) runner(r *Run) {
	if raw, ok := r.Extra["runner"]; ok {
		e.raw("runner", raw)
		return
	}
	if r.Runner == (Runner{}) {
		return
	}
	e.open("runner")
	e.text("os", r.Runner.OS)
	e.text("arch", r.Runner.Arch)
	e.text("cpu_model", r.Runner.CPUModel)
	e.whole("cores", r.Runner.Cores)
	e.text("image", r.Runner.Image)
	e.text("image_version", r.Runner.ImageVersion)
	e.whole("memory_mb", r.Runner.MemoryMB)
	e.text("kernel", r.Runner.Kernel)
	e.text("environment", r.Runner.Environment)
	e.text("cloud", r.Runner.Cloud)
	e.text("region", r.Runner.Region)
	e.text("fingerprint", r.Runner.Fingerprint)
	e.close()
}

// metrics writes the values, always, and those parts that say anything.
func (e *encoder) metrics(metrics []Metric) {
	e.open("metrics")
	for i := range metrics {
		e.name(&metrics[i])
		e.buf = appendNumber(e.buf, metrics[i].Value)
	}
	e.close()
	e.part("units", metrics, func(m *Metric) bool { return m.Unit != "" },
		func(m *Metric) { e.value(m, string(m.Unit)) })
	e.part("better", metrics, func(m *Metric) bool { return m.Better != Unknown },
		func(m *Metric) { e.value(m, m.Better.String()) })
	e.part("samples", metrics, func(m *Metric) bool { return len(m.Samples) > 0 }, e.samples)
	e.part("tags", metrics, func(m *Metric) bool { return len(m.Tags) > 0 }, e.tags)
}

func (e *encoder) part(key string, metrics []Metric, says func(*Metric) bool, write func(*Metric)) {
	opened := false
	for i := range metrics {
		if !says(&metrics[i]) {
			continue
		}
		if !opened {
			e.open(key)
			opened = true
		}
		write(&metrics[i])
	}
	if opened {
		e.close()
	}
}

// value writes one text of a metric.
func (e *encoder) value(m *Metric, text string) {
	e.name(m)
	e.buf = appendString(e.buf, text)
}

func (e *encoder) samples(m *Metric) {
	e.name(m)
	sep := byte('[')
	for _, x := range m.Samples {
		e.buf = appendNumber(append(e.buf, sep), x)
		sep = ','
	}
	e.buf = append(e.buf, ']')
}

func (e *encoder) tags(m *Metric) {
	e.open(m.Name)
	for _, key := range slices.Sorted(maps.Keys(m.Tags)) {
		e.string(key, m.Tags[key])
	}
	e.close()
}

// appendNumber appends the shortest form that reads back as exactly x, with an
// exponent where that saves a row of noughts.
func appendNumber(buf []byte, x float64) []byte {
	if size := math.Abs(x); size != 0 && (size < 1e-6 || size >= 1e21) {
		return strconv.AppendFloat(buf, x, 'e', -1, 64)
	}
	return strconv.AppendFloat(buf, x, 'f', -1, 64)
}

// appendString appends a JSON string. Bytes that are not UTF-8 become U+FFFD;
// unlike encoding/json it leaves <, > and & alone, which fill test names.
func appendString(buf []byte, text string) []byte {
	buf = append(buf, '"')
	if plain(text) { // as nearly all text is
		return append(append(buf, text...), '"')
	}
	done := 0 // of text, in buf
	for i, r := range text {
		if r >= ' ' && r < 0x7f && r != '"' && r != '\\' {
			continue
		}
		size := utf8.RuneLen(r)
		switch {
		case r == utf8.RuneError:
			_, size = utf8.DecodeRuneInString(text[i:])
			buf = append(append(buf, text[done:i]...), "\uFFFD"...)
		case r == '"' || r == '\\':
			buf = append(append(buf, text[done:i]...), '\\', byte(r))
		case r <= 0x7f || r == '\u2028' || r == '\u2029':
			buf = fmt.Appendf(append(buf, text[done:i]...), `\u%04x`, r)
		default:
			continue
		}
		done = i + size
	}
	return append(append(buf, text[done:]...), '"')
}

// plain reports whether text is ASCII without anything that JSON escapes. It looks
// at eight bytes at a time: the highest bit of each tells.
func plain(text string) bool {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	var odd uint64
	for ; len(text) >= 8; text = text[8:] {
		x := word(text)
		quote, slash := x^'"'*ones, x^'\\'*ones
		odd |= x | (x - ' '*ones) | (x + ones) | (quote - ones) | (slash - ones)
	}
	if odd&highs != 0 {
		return false
	}
	for i := range len(text) {
		if c := text[i]; c < ' ' || c >= 0x7f || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}
