package report

import (
	"bufio"
	"fmt"
	"io"
	"time"

	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/collect"
)

// A trend as other programs read it, described by
// .github/docs/trend.schema.json. Every field is always there; what is not
// known is null.
type jsonTrend struct {
	Verdict string     `json:"verdict"`
	Stored  int        `json:"stored_runs"`
	Runs    int        `json:"runs"`
	Newest  int        `json:"newest_runs"`
	From    *time.Time `json:"oldest"`
	To      *time.Time `json:"newest"`
	Metrics int        `json:"metrics"`
	Short   int        `json:"metrics_too_short"`
}

type jsonShift struct {
	Name     string       `json:"name"`
	Status   string       `json:"status"`
	Level    string       `json:"level"`
	Gates    bool         `json:"gates"`
	Kind     string       `json:"kind"`
	Back     bool         `json:"came_back"`
	Before   jsonShiftRun `json:"before"`
	After    jsonShiftRun `json:"after"`
	Lasting  int          `json:"lasting_runs"`
	From     figure       `json:"from"`
	To       figure       `json:"to"`
	Unit     string       `json:"unit"`
	Better   string       `json:"better"`
	DeltaPct figure       `json:"delta_pct"`
	Interval *[]figure    `json:"delta_interval_pct"`
	Reason   string       `json:"reason"`
}

type jsonShiftRun struct {
	Number int        `json:"number"`
	RunID  string     `json:"run_id"`
	Commit string     `json:"git_commit"`
	Time   *time.Time `json:"timestamp"`
}

// TrendJSON writes a trend as one JSON object, with one shift a line. Equal
// results give equal bytes.
func TrendJSON(w io.Writer, r check.TrendResult) error {
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, "{\"trend\":%s,\n \"shifts\":[", encode(jsonTrend{
		string(r.Verdict), r.Stored, r.Runs, r.Newest, originTime(r.Oldest), originTime(r.Last), r.Metrics, r.Short,
	}))
	for i := range r.Shifts {
		listItem(b, i, newShift(&r.Shifts[i]))
	}
	b.WriteString("]}\n")
	return b.Flush() // holds the first error of all writes
}

func newShift(s *check.Shift) jsonShift {
	run := func(o collect.Origin, at int) jsonShiftRun {
		return jsonShiftRun{at, o.ID, o.Commit, originTime(o)}
	}
	j := jsonShift{
		Name: s.Name, Status: string(s.Status), Level: string(s.Level), Gates: s.Gates, Kind: "step", Back: s.Back,
		Before: run(s.Before, s.BeforeAt), After: run(s.After, s.AfterAt), Lasting: s.Lasting,
		From: figure(s.From), To: figure(s.To), Unit: string(s.Unit), Better: s.Better.String(),
		DeltaPct: figure(s.DeltaPct), Reason: s.Reason,
	}
	if s.Creep {
		j.Kind = "creep"
	}
	if finite(s.Low) && finite(s.High) {
		j.Interval = &[]figure{figure(s.Low), figure(s.High)}
	}
	return j
}
