package tables

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strings"
	"time"

	"github.com/plumbline-ci/plumbline/collect"
)

// Row is a run as it is stored.
type Row struct {
	Key
	Suite, Job, Type, Branch, Commit string
	Origin                           string // the record without its metrics
	Record                           []byte // the record without the end of its line, packed
	Samples                          []Sample
}

// Key finds a run.
type Key struct {
	Repository string
	Time       time.Time
	ID         string
}

// Run is a short form of the id, for the rows of samples.
func (k Key) Run() int64 { return digest(k.ID) }

// Sample is a metric of a run.
type Sample struct {
	Series             int64 // a short form of the name
	Name, Unit, Better string
	Value              float64
}

// NewRow makes the rows of a run.
func NewRow(r collect.Run) (*Row, error) {
	line, err := collect.AppendRecord(nil, r)
	if err != nil {
		return nil, err
	}
	origin, err := collect.AppendRecord(nil, collect.Run{Origin: r.Origin})
	if err != nil {
		return nil, err
	}
	if strings.Contains(r.ID, "\x00") {
		return nil, fmt.Errorf("run_id %q has a zero byte: no database stores that in a text", r.ID)
	}
	row := &Row{
		Key:   keyOf(r.Origin),
		Suite: clean(r.Name), Job: clean(r.Job), Type: clean(r.Type), Branch: clean(r.Branch), Commit: clean(r.Commit),
		Origin: strings.TrimSuffix(string(origin), "\n"),
		Record: pack(line[:len(line)-1]),
	}
	row.Samples = make([]Sample, len(r.Metrics))
	for i, m := range r.Metrics {
		name := clean(m.Name)
		row.Samples[i] = Sample{digest(name), name, clean(string(m.Unit)), m.Direction().String(), m.Value}
	}
	return row, nil
}

// Same holds that a run which is stored under the row's id is this one. Both records
// are packed.
func (r *Row) Same(stored []byte) error {
	if bytes.Equal(stored, r.Record) {
		return nil
	}
	there, err := unpack(nil, stored) // another program may have packed it in another way
	if err == nil {
		var line []byte
		if line, err = unpack(nil, r.Record); err == nil && bytes.Equal(there, line) {
			return nil
		}
	}
	return fmt.Errorf("another run %q is there, with other content; a stored run does not change: delete it first, or give the new one another run_id", r.ID)
}

func keyOf(o collect.Origin) Key {
	return Key{clean(o.Repository), o.Time.UTC().Truncate(time.Microsecond), clean(o.ID)}
}

// clean leaves out what a text in a database cannot hold. The record has it all
// the same.
func clean(s string) string {
	return strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "\uFFFD")
}

// digest is a number for a text. A sequence would be shorter, but it is one place
// that all machines of a database ask, and a program would have to ask for each
// name that it does not know.
func digest(s string) int64 {
	sum := sha256.Sum256([]byte(s))
	return int64(binary.BigEndian.Uint64(sum[:]))
}
