package store

import (
	"encoding/binary"
	"math"
	"time"

	"github.com/plumbline-ci/plumbline/collect"
)

// indexEncoder appends the values of an index. A string that was there before is
// the number of its place among the strings.
type indexEncoder struct {
	buf   []byte
	words map[string]int
}

func (e *indexEncoder) number(n int64) { e.buf = binary.AppendVarint(e.buf, n) }

func (e *indexEncoder) flag(b bool) {
	n := int64(0)
	if b {
		n = 1
	}
	e.number(n)
}

func (e *indexEncoder) time(t time.Time) {
	e.number(t.Unix())
	e.number(int64(t.Nanosecond()))
}

func (e *indexEncoder) text(s string) {
	if n, ok := e.words[s]; ok {
		e.number(int64(n))
		return
	}
	if e.words == nil {
		e.words = map[string]int{}
	}
	e.number(int64(len(e.words)))
	e.words[s] = len(e.words)
	e.number(int64(len(s)))
	e.buf = append(e.buf, s...)
}

// texts and numbers are all fields of an origin but its time, in their order.
func texts(o *collect.Origin) []*string {
	r := &o.Runner
	return []*string{
		&o.ID, &o.Type, &o.Name, &o.Commit, &o.Branch, &o.Event, &o.Repository, &o.Workflow, &o.Job, &o.RerunOf, &o.Operation,
		&r.OS, &r.Arch, &r.CPUModel, &r.Image, &r.ImageVersion, &r.Kernel, &r.Environment, &r.Cloud, &r.Region, &r.Fingerprint,
	}
}

func (e *indexEncoder) origin(o *collect.Origin) {
	for _, s := range texts(o) {
		e.text(*s)
	}
	for _, n := range []int{o.Attempt, o.Runner.Cores, o.Runner.MemoryMB, int(o.Success), int(o.Gate)} {
		e.number(int64(n))
	}
	e.buf = binary.LittleEndian.AppendUint64(e.buf, math.Float64bits(o.Duration))
}

// indexDecoder reads them. Where something is not there, bad is set and what it
// returns is empty.
type indexDecoder struct {
	rest  []byte
	words []string
	bad   bool
}

func (d *indexDecoder) number() int64 {
	n, size := binary.Varint(d.rest)
	if size <= 0 {
		d.bad, d.rest = true, nil
		return 0
	}
	d.rest = d.rest[size:]
	return n
}

func (d *indexDecoder) flag() bool { return d.number() == 1 }

func (d *indexDecoder) sum() uint64 {
	if len(d.rest) < 8 {
		d.bad, d.rest = true, nil
		return 0
	}
	n := binary.LittleEndian.Uint64(d.rest)
	d.rest = d.rest[8:]
	return n
}

func (d *indexDecoder) time() time.Time {
	seconds, nanoseconds := d.number(), d.number()
	return time.Unix(seconds, nanoseconds).UTC()
}

func (d *indexDecoder) text() string {
	n := d.number()
	if n >= 0 && n < int64(len(d.words)) {
		return d.words[n]
	}
	size := d.number()
	if n != int64(len(d.words)) || size < 0 || size > int64(len(d.rest)) {
		d.bad, d.rest = true, nil
		return ""
	}
	s := string(d.rest[:size])
	d.rest = d.rest[size:]
	d.words = append(d.words, s)
	return s
}

func (d *indexDecoder) origin(o *collect.Origin) {
	for _, s := range texts(o) {
		*s = d.text()
	}
	success, gate := int64(0), int64(0)
	for _, n := range []*int{&o.Attempt, &o.Runner.Cores, &o.Runner.MemoryMB} {
		*n = int(d.number())
	}
	success, gate = d.number(), d.number()
	o.Success, o.Gate = collect.Outcome(success), collect.Outcome(gate)
	o.Duration = math.Float64frombits(d.sum())
	d.bad = d.bad || o.ID == "" || success < 0 || success > int64(collect.Failed) || gate < 0 || gate > int64(collect.Failed)
}
