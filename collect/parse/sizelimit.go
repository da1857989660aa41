package parse

import (
	"io"

	"github.com/plumbline-ci/plumbline/collect"
)

// sizeLimit reads what size-limit --json prints: the size of each entry by its
// name, which is compressed as its configuration says, and where it was measured
// the time to load and to run it. Its limit is left out: a rule with max is one.
var sizeLimit = Format{
	Name:  "size-limit",
	From:  "size-limit --json",
	Makes: []string{"artifact.NAME_mb", "artifact.NAME_loading_seconds", "artifact.NAME_running_seconds"},
	Match: func(h *Head) bool {
		o := h.json()
		return o.has("[].name", "[].size") && (o.has("[].passed") || o.has("[].sizeLimit") || o.has("[].running") || o.has("[].loading"))
	},
	Parse: parseSizeLimit,
}

func parseSizeLimit(r io.Reader, s *Sheet) error {
	found := false
	j := newJSONReader(r)
	err := j.array(func() error {
		var e struct {
			Name             string
			Size             *float64 // bytes
			Loading, Running *float64 // seconds
			Missed           bool     // no file matched
		}
		if err := j.read(&e); err != nil {
			return err
		}
		if e.Missed {
			return j.errorf("%q has no file: its path in the configuration of size-limit matches none", e.Name)
		}
		if e.Name == "" || e.Size == nil && e.Loading == nil && e.Running == nil {
			return j.errorf(`element has not "name" and "size": want what size-limit --json prints`)
		}
		base := "artifact." + CleanName(e.Name)
		if e.Size != nil {
			s.Add(collect.Metric{Name: base + "_mb", Unit: "MB", Better: collect.Lower, Value: *e.Size / 1e6})
		}
		if e.Loading != nil {
			s.Add(seconds(base+"_loading_seconds", *e.Loading))
		}
		if e.Running != nil {
			s.Add(seconds(base+"_running_seconds", *e.Running))
		}
		found = true
		return nil
	})
	if err == nil && !found {
		return noResult(`[{"name": "...", "size": 1234}]`)
	}
	return j.done(err)
}
