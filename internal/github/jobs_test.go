package github

import "testing"

func TestOwnJob(t *testing.T) {
	t.Parallel()
	running := func(name, runner string) Job { return Job{Name: name, Status: "in_progress", Runner: runner} }
	for _, row := range []struct {
		name string
		jobs []Job
		want int
	}{
		{"by its runner", []Job{running("other", "b"), running("Unit tests", "here")}, 1},
		{"by its name", []Job{running("other", ""), running("unit", "")}, 1},
		{"a leg of a matrix", []Job{running("units", ""), running("unit (linux)", "")}, 1},
		{"called by another workflow", []Job{running("unit / lint", ""), running("all / unit", "")}, 1},
		{"two legs", []Job{running("unit (a)", ""), running("unit (b)", "")}, -1},
		{"two legs, one here", []Job{running("unit (a)", "x"), running("unit (b)", "here")}, 1},
		{"runners of one name", []Job{running("lint", "here"), running("unit", "here")}, 1},
		{"done", []Job{{Name: "unit", Status: "completed", Runner: "here"}}, -1},
		{"none", nil, -1},
	} {
		if got := ownJob(row.jobs, "unit", "here"); got != row.want {
			t.Errorf("%s: ownJob = %d, want %d", row.name, got, row.want)
		}
	}
}
