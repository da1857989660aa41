package artifact

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/plumbline-ci/plumbline/collect"
)

// Bounds of what is read of an artifact that a stranger made. They are wide for
// what a job measures, and narrow beside what a job can make up.
const (
	MostForeignZip     = 16 << 20
	mostForeignBytes   = 64 << 20
	mostForeignLooks   = 11 // a run and its re-runs
	mostForeignMetrics = 100_000
	mostForeignName    = 512 // bytes of a name
)

// Foreign reads the run of an artifact that a stranger made, and its re-runs.
// Its figures alone are taken: the caller has to say where the run is from, for
// what the record says of that is its author's word. Verdict, history and
// whatever else the artifact has are not looked at, and a record that is odd in
// any way refuses the whole.
func Foreign(zip []byte) ([]collect.Run, error) {
	files, err := unpackOnly(zip, []string{RunFile}, mostForeignBytes)
	if err != nil {
		return nil, err
	}
	var looks []collect.Run
	for line := range bytes.Lines(files[RunFile]) {
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		if len(looks) == mostForeignLooks {
			return nil, fmt.Errorf("%s: it has more than %d runs", RunFile, mostForeignLooks)
		}
		look, err := foreignRun(line)
		if err != nil {
			return nil, fmt.Errorf("%s: run %d: %w", RunFile, len(looks)+1, err)
		}
		if len(looks) > 0 && look.RerunOf != looks[0].ID {
			return nil, fmt.Errorf("%s: run %d is no re-run of the first", RunFile, len(looks)+1)
		}
		looks = append(looks, look)
	}
	if len(looks) == 0 {
		return nil, errors.New("it has no run")
	}
	return looks, nil
}

func foreignRun(line []byte) (collect.Run, error) {
	metrics, longest, err := collect.DecodeExtent(line)
	switch {
	case err != nil:
		return collect.Run{}, err
	case metrics > mostForeignMetrics:
		return collect.Run{}, fmt.Errorf("it has %d metrics, more than %d", metrics, mostForeignMetrics)
	case longest > mostForeignName:
		return collect.Run{}, fmt.Errorf("a name in it has %d bytes, more than %d", longest, mostForeignName)
	}
	r, err := collect.Decode(line)
	if err != nil {
		return collect.Run{}, err
	}
	if len(r.Name) > mostForeignName || len(r.Job) > mostForeignName {
		return collect.Run{}, fmt.Errorf("the name of its suite or job has more than %d bytes", mostForeignName)
	}
	r.Extra = nil
	return r, nil
}
