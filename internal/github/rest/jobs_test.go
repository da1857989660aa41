package rest_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-ci/plumbline/internal/github/githubtest"
)

// TestJobs reads the jobs of a large matrix, of which one still runs.
func TestJobs(t *testing.T) {
	t.Parallel()
	h := newHub(t)
	at := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	var jobs []*githubtest.Job
	for i := range 130 {
		jobs = append(jobs, &githubtest.Job{
			ID: int64(i + 1), Attempt: 1, Name: fmt.Sprintf("unit (%d)", i), Status: "completed", Conclusion: "success",
			Created: at, Started: at.Add(5 * time.Second), Completed: at.Add(time.Minute), RunnerName: "GitHub Actions 2",
			Steps: []githubtest.Step{{Name: "test", Status: "completed", Conclusion: "success", Started: at.Add(6 * time.Second), Completed: at.Add(50 * time.Second)}},
		})
	}
	jobs[129].Status, jobs[129].Conclusion, jobs[129].Completed = "in_progress", "", time.Time{}
	run := h.AddRun(h.repo, githubtest.Run{Jobs: jobs})
	got, err := h.client.Jobs(t.Context(), run.ID)
	if err != nil || len(got) != len(jobs) {
		t.Fatalf("Jobs = %d jobs, %v, want %d", len(got), err, len(jobs))
	}
	j := got[128]
	if j.Name != "unit (128)" || j.Runner != "GitHub Actions 2" || !j.Started.Equal(at.Add(5*time.Second)) || !j.Completed.Equal(at.Add(time.Minute)) ||
		len(j.Steps) != 1 || j.Steps[0].Name != "test" || !j.Steps[0].Completed.Equal(at.Add(50*time.Second)) || j.Steps[0].Conclusion != "success" {
		t.Errorf("job 129 is %+v", j)
	}
	if last := got[129]; last.Status != "in_progress" || last.Conclusion != "" || !last.Completed.IsZero() {
		t.Errorf("a job that runs is %+v", last)
	}
	h.repo.Private = true
	h.token.Permissions = map[string]string{"contents": "read"}
	if _, err := h.client.Jobs(t.Context(), run.ID); err == nil || !strings.Contains(err.Error(), "actions: read") {
		t.Errorf("without the permission: %v, want an error that names it", err)
	}
}
