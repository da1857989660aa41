package parse

import (
	"bytes"
	"encoding/json"

	"github.com/plumbline-ci/plumbline/collect"
)

// recordHistory reads records as plumbline keeps them, one a line or in an array,
// and near relatives of them (see relative). Keys that are not known are kept.
var recordHistory = History{
	Name:    "jsonl",
	Aliases: []string{"plumbline", "panther", "json"},
	From:    "plumbline's own files, exports in JSON and JSON Lines, and records with timestamp and metrics of other programs",
	OwnIDs:  true,
	Match: func(h *Head) bool {
		o := h.json()
		for _, at := range []string{"", "[]."} {
			if !o.has(at + "metrics") {
				continue
			}
			for _, key := range append([]string{"run_id"}, relatives["timestamp"]...) {
				if o.has(at + key) {
					return true
				}
			}
		}
		return false
	},
	read: readRecords,
}

func readRecords(in *pastReader) error {
	b, err := peek(in.r)
	if err != nil {
		return err
	}
	if b.first != '[' {
		for line, err := range collect.NewReader(b, in.name).Lines() {
			var run collect.Run
			if err == nil {
				run, err = recordOf(line.Text)
				err = line.Fault(in.name, err)
			}
			if err := in.either(run, err); err != nil {
				return err
			}
		}
		return nil
	}
	j := newJSONReader(b)
	return j.done(j.array(func() error {
		var raw json.RawMessage
		if err := j.read(&raw); err != nil {
			return err
		}
		var line bytes.Buffer
		if err := json.Compact(&line, raw); err != nil {
			return err
		}
		run, err := recordOf(line.Bytes())
		if err != nil {
			err = j.inside(raw, err)
		}
		return in.either(run, err)
	}))
}

// either hands out a run, or what is wrong with it.
func (in *pastReader) either(run collect.Run, err error) error {
	if err != nil {
		return in.fault(err)
	}
	return in.put(run)
}

// recordOf reads a record, or one that is nearly one. The error is that of the
// record.
func recordOf(line []byte) (collect.Run, error) {
	run, err := collect.Decode(line)
	if err == nil {
		return run, nil
	}
	if near, ok := relative(line); ok {
		return near, nil
	}
	return collect.Run{}, err
}
