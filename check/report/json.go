package report

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"time"
	"unicode"

	"github.com/plumbline-ci/plumbline/check"
)

// The verdict as other programs read it. The field names and their meaning are
// fixed, and described by .github/docs/verdict.schema.json. Every field is
// always there; what is not known is null.
type jsonHead struct {
	RunID  string `json:"run_id"`
	Commit string `json:"git_commit"`
}

type jsonBaseline struct {
	Runs       int        `json:"runs"`
	Branch     string     `json:"branch"`
	Newest     *time.Time `json:"newest"`
	Oldest     *time.Time `json:"oldest"`
	SameRunner int        `json:"same_runner"`
}

type jsonMetric struct {
	Name             string     `json:"name"`
	Status           string     `json:"status"`
	Level            string     `json:"level"`
	Head             figure     `json:"head"`
	Baseline         figure     `json:"baseline"`
	Unit             string     `json:"unit"`
	Better           string     `json:"better"`
	DeltaPct         figure     `json:"delta_pct"`
	P                figure     `json:"p_value"`
	Q                figure     `json:"q_value"`
	Interval         *[2]figure `json:"interval"`
	Limit            string     `json:"limit"`
	MinDetectablePct figure     `json:"min_detectable_pct"`
	Runs             int        `json:"runs"`
	Reason           string     `json:"reason"`
	Confirmation     string     `json:"confirmation,omitempty"`
	NormalisedBy     string     `json:"normalised_by,omitempty"`
	// Samples is there only where head or baseline have any.
	Samples *jsonSamples `json:"samples,omitempty"`
}

type jsonSamples struct {
	Head        int    `json:"head"`
	Baseline    int    `json:"baseline"`
	HeadPct     figure `json:"head_sd_pct"`
	BaselinePct figure `json:"baseline_sd_pct"`
	RunsPct     figure `json:"runs_sd_pct"`
	BetweenPct  figure `json:"between_sd_pct"`
	Widened     figure `json:"widened"`
}

// jsonCounts has suspect only where there are any: they appear only where the
// configuration asks for confirmation.
type jsonCounts struct {
	Regressed    int `json:"regressed"`
	Suspect      int `json:"suspect,omitempty"`
	Improved     int `json:"improved"`
	Unchanged    int `json:"unchanged"`
	New          int `json:"new"`
	Missing      int `json:"missing"`
	Inconclusive int `json:"inconclusive"`
	Waived       int `json:"waived"`
}

// figure is a number that may not be known.
type figure float64

// MarshalJSON writes what is not finite as null: JSON has no word for it.
func (f figure) MarshalJSON() ([]byte, error) {
	if !finite(float64(f)) {
		return []byte("null"), nil
	}
	return json.Marshal(float64(f))
}

// JSON writes a page's result as one JSON object with one metric a line. Equal
// results give equal bytes. Names are those of the result, not shortened or
// cleaned; what could harm a terminal or command a runner is written as an escape.
func JSON(w io.Writer, page Page) error {
	r, b := &page.Result, bufio.NewWriterSize(w, 64<<10)
	fmt.Fprintf(b, "{\"verdict\":%s,\n", encode(r.Verdict))
	fmt.Fprintf(b, " \"head\":%s,\n", encode(jsonHead{r.Head.ID, r.Head.Commit}))
	fmt.Fprintf(b, " \"baseline\":%s,\n \"metrics\":[", encode(jsonBaseline{
		r.Baseline.Runs, r.Baseline.Branch, moment(r.Baseline.Newest), moment(r.Baseline.Oldest), r.Baseline.SameRunner,
	}))
	var e metricEncoder
	var room metricRoom
	for i := range r.Metrics {
		sep := ",\n  "
		if i == 0 {
			sep = "\n  "
		}
		b.WriteString(sep)
		m := room.metric(&r.Metrics[i])
		b.Write(e.encode(&m))
	}
	fmt.Fprintf(b, "],\n \"notes\":%s,\n", encode(append([]string{}, r.Notes...)))
	fmt.Fprintf(b, " \"counts\":%s}\n", encode(newCounts(r.Counts)))
	return b.Flush() // holds the first error of all writes
}

// metricRoom is memory that a metric points to.
type metricRoom struct {
	samples  jsonSamples
	interval [2]figure
}

func newMetric(c *check.Comparison) jsonMetric { return new(metricRoom).metric(c) }

// metric is good until the next one is made in the same room.
func (room *metricRoom) metric(c *check.Comparison) jsonMetric {
	m := jsonMetric{
		Name: c.Name, Status: string(c.Status), Level: string(c.Level), Head: figure(c.Head), Baseline: figure(c.Baseline),
		Unit: string(c.Unit), Better: c.Better.String(), DeltaPct: figure(c.DeltaPct), P: figure(c.P), Q: figure(c.Q),
		Limit: c.Limit, MinDetectablePct: figure(c.MinDetectablePct), Runs: c.Runs, Reason: c.Reason,
		Confirmation: string(c.Confirmation), NormalisedBy: c.NormalisedBy,
	}
	if s := c.Samples; s != nil {
		room.samples = jsonSamples{
			s.Head, s.Baseline, figure(s.HeadPct), figure(s.BaselinePct), figure(s.RunsPct), figure(s.BetweenPct), figure(s.Widened),
		}
		m.Samples = &room.samples
	}
	if finite(c.Low) || finite(c.High) {
		room.interval = [2]figure{figure(c.Low), figure(c.High)}
		m.Interval = &room.interval
	}
	return m
}

func newCounts(by map[check.Status]int) jsonCounts {
	return jsonCounts{
		Regressed: by[check.Regressed], Suspect: by[check.Suspect], Improved: by[check.Improved],
		Unchanged: by[check.Unchanged], New: by[check.New], Missing: by[check.Missing],
		Inconclusive: by[check.Inconclusive], Waived: by[check.Waived],
	}
}

// moment is a time that may not be known.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// encode writes a value of the types above. They hold nothing that JSON cannot
// say but for a year past 9999, which is then null.
func encode(v any) []byte { return new(lineEncoder).encode(v) }

// lineEncoder encodes one value after another in the same memory.
type lineEncoder struct {
	buf bytes.Buffer
	enc *json.Encoder
}

// encode writes a value, which is good until the next one is written.
func (e *lineEncoder) encode(v any) []byte {
	return harmless(e.raw(v))
}

// raw is a value as encoding/json has it.
func (e *lineEncoder) raw(v any) []byte {
	if e.enc == nil {
		e.enc = json.NewEncoder(&e.buf)
	}
	e.buf.Reset()
	if err := e.enc.Encode(v); err != nil {
		return []byte("null")
	}
	return bytes.TrimSuffix(e.buf.Bytes(), []byte("\n"))
}

// harmless escapes the characters that JSON allows as they stand and a terminal
// or a CI log may obey: controls, those that turn or hide text, and the bracket of
// "##[command]". In JSON they occur in strings only, where an escape is the same.
func harmless(b []byte) []byte {
	if bytes.Contains(b, []byte("##[")) {
		b = bytes.ReplaceAll(b, []byte("##["), []byte(`##\u005b`))
	}
	if noneHidden(b) || bytes.IndexFunc(b, hidden) < 0 {
		return b
	}
	out := make([]byte, 0, len(b)+16)
	for _, r := range string(b) {
		switch {
		case !hidden(r):
			out = append(out, string(r)...)
		case r > 0xffff:
			r -= 0x10000
			out = fmt.Appendf(out, `\u%04x\u%04x`, 0xd800+r>>10, 0xdc00+r&0x3ff)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
	}
	return out
}

// noneHidden reports whether b has no byte from 0x7f on, of which all that is hidden
// is made. It looks at eight at a time: the highest bit of each tells.
func noneHidden(b []byte) bool {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	var odd uint64
	for ; len(b) >= 8; b = b[8:] {
		x := binary.LittleEndian.Uint64(b)
		odd |= x | (x + ones)
	}
	for _, c := range b {
		odd |= uint64(c) | uint64(c+1)
	}
	return odd&highs == 0
}

func hidden(r rune) bool { return r >= 0x7f && unicode.In(r, unicode.Cc, unicode.Cf) }
