package artifact

import (
	"testing"
	"time"

	"github.com/plumbline-ci/plumbline/collect"
	"github.com/plumbline-ci/plumbline/internal/github/rest"
)

func TestHistoryPut(t *testing.T) {
	t.Parallel()
	h := NewHistory()
	run := collect.Run{Origin: collect.Origin{ID: "a", Time: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)}, Metrics: []collect.Metric{{Name: "x", Value: 1}}}
	if _, ok := h.Find(7); ok {
		t.Error("an empty history has a run of workflow run 7")
	}
	if err := h.Put(run, 7); err != nil {
		t.Fatal(err)
	}
	run.Metrics = append(run.Metrics, collect.Metric{Name: "y", Value: 2})
	if err := h.Put(run, 7); err != nil {
		t.Fatal(err)
	}
	got, ok := h.Find(7)
	if !ok || h.Runs() != 1 || !h.Has(7) || len(got.Metrics) != 2 || got.Metrics[1].Value != 2 {
		t.Errorf("Find = %+v, %v of %d runs, want one with both metrics", got, ok, h.Runs())
	}
	again := run
	again.ID, again.Time = "b", run.Time.Add(time.Hour)
	if err := h.Put(again, 7); err != nil {
		t.Fatal(err)
	}
	if got, _ := h.Find(7); got.ID != "b" || h.Runs() != 2 {
		t.Errorf("Find = %s of %d runs, want b, the newest, of 2", got.ID, h.Runs())
	}
}

// TestAccepts: what a workflow run may not be, with or without an artifact.
func TestAccepts(t *testing.T) {
	t.Parallel()
	trust := Trust{Repository: 1, Branch: "main", Self: 100}
	good := rest.WorkflowRun{ID: 50, Repository: 1, HeadRepository: 1, Event: "push", Branch: "main", Status: "completed", Conclusion: "success"}
	if !trust.Accepts(good) {
		t.Error("a good run is not accepted")
	}
	for name, spoil := range map[string]func(*rest.WorkflowRun){
		"of a fork":              func(r *rest.WorkflowRun) { r.HeadRepository = 2 },
		"of a fork that is gone": func(r *rest.WorkflowRun) { r.HeadRepository = 0 },
		"of a pull request":      func(r *rest.WorkflowRun) { r.Event = "pull_request" },
		"of another branch":      func(r *rest.WorkflowRun) { r.Branch = "topic" },
		"failed":                 func(r *rest.WorkflowRun) { r.Conclusion = "failure" },
		"itself":                 func(r *rest.WorkflowRun) { r.ID = 100 },
		"later":                  func(r *rest.WorkflowRun) { r.ID = 101 },
	} {
		run := good
		if spoil(&run); trust.Accepts(run) {
			t.Errorf("a run %s is accepted", name)
		}
	}
}
