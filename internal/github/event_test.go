package github_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plumbline-ci/plumbline/collect"
	"github.com/plumbline-ci/plumbline/internal/github"
)

// getenv is an environment made of NAME=value lines.
func getenv(lines ...string) func(string) string {
	env := map[string]string{}
	for _, l := range lines {
		k, v, _ := strings.Cut(l, "=")
		env[k] = v
	}
	return func(k string) string { return env[k] }
}

const (
	mergeSHA = "1111111111111111111111111111111111111111"
	headSHA  = "2222222222222222222222222222222222222222"
)

// The payloads are cut down to the fields that tell one event from another.
var events = []struct {
	name, event, ref, payload string
	env                       string // one more variable
	want                      github.Event
}{
	{
		name: "push", event: "push", ref: "refs/heads/feature/x",
		payload: `{"ref":"refs/heads/feature/x","after":"` + mergeSHA + `","repository":{"id":1,"default_branch":"main"}}`,
		want:    github.Event{Origin: collect.Origin{Commit: mergeSHA, Branch: "feature/x"}, DefaultBranch: "main"},
	}, {
		name: "push of a tag has no branch", event: "push", ref: "refs/tags/v1",
		payload: `{"repository":{"id":1,"default_branch":"main"}}`,
		want:    github.Event{Origin: collect.Origin{Commit: mergeSHA}, DefaultBranch: "main"},
	}, {
		name: "pull request", event: "pull_request", ref: "refs/pull/7/merge", env: "GITHUB_BASE_REF=main",
		payload: `{"pull_request":{"number":7,"head":{"ref":"fix","sha":"` + headSHA + `","repo":{"id":1}},"base":{"ref":"release","repo":{"id":1}}},"repository":{"id":1,"default_branch":"main"}}`,
		want: github.Event{
			Origin: collect.Origin{Commit: headSHA, Branch: "fix"}, Base: "release", DefaultBranch: "main", PullRequest: 7,
		},
	}, {
		name: "pull request of a fork from its main", event: "pull_request", ref: "refs/pull/8/merge",
		payload: `{"pull_request":{"number":8,"head":{"ref":"main","sha":"` + headSHA + `","user":{"login":"eve"},"repo":{"id":2}},"base":{"ref":"main","repo":{"id":1}}},"repository":{"id":1,"default_branch":"main"}}`,
		want: github.Event{
			Origin: collect.Origin{Commit: headSHA, Branch: "eve:main"}, Base: "main", DefaultBranch: "main", PullRequest: 8, Fork: true,
		},
	}, {
		name: "pull request of a fork that is gone", event: "pull_request_target", ref: "refs/heads/main",
		payload: `{"pull_request":{"number":9,"head":{"ref":"main","sha":"` + headSHA + `","user":{"login":"eve"},"repo":null},"base":{"ref":"main","repo":{"id":1}}},"repository":{"id":1,"default_branch":"main"}}`,
		want: github.Event{
			Origin: collect.Origin{Commit: headSHA, Branch: "eve:main"}, Base: "main", DefaultBranch: "main", PullRequest: 9, Fork: true,
		},
	}, {
		name: "merge queue", event: "merge_group", ref: "refs/heads/gh-readonly-queue/main/pr-7-abc",
		payload: `{"merge_group":{"head_sha":"` + headSHA + `","head_ref":"refs/heads/gh-readonly-queue/main/pr-7-abc","base_ref":"refs/heads/main"},"repository":{"id":1,"default_branch":"main"}}`,
		want: github.Event{
			Origin: collect.Origin{Commit: headSHA, Branch: "gh-readonly-queue/main/pr-7-abc"}, Base: "main", DefaultBranch: "main",
		},
	}, {
		name: "schedule", event: "schedule", ref: "refs/heads/main",
		payload: `{"schedule":"0 4 * * *"}`,
		want:    github.Event{Origin: collect.Origin{Commit: mergeSHA, Branch: "main"}},
	}, {
		name: "workflow_run is about its run", event: "workflow_run", ref: "refs/heads/main",
		payload: `{"workflow_run":{"id":99,"head_sha":"` + headSHA + `","head_branch":"fix","head_repository":{"id":1}},"repository":{"id":1,"default_branch":"main"}}`,
		want:    github.Event{Origin: collect.Origin{Commit: headSHA, Branch: "fix"}, DefaultBranch: "main", About: 99},
	}, {
		name: "workflow_run of a fork's main", event: "workflow_run", ref: "refs/heads/main",
		payload: `{"workflow_run":{"head_sha":"` + headSHA + `","head_branch":"main","head_repository":{"id":2,"owner":{"login":"eve"}}},"repository":{"id":1,"default_branch":"main"}}`,
		want:    github.Event{Origin: collect.Origin{Commit: headSHA, Branch: "eve:main"}, DefaultBranch: "main", Fork: true},
	}, {
		name: "workflow_run of a fork that is gone", event: "workflow_run", ref: "refs/heads/main",
		payload: `{"workflow_run":{"head_sha":"` + headSHA + `","head_branch":"main","head_repository":null},"repository":{"id":1}}`,
		want:    github.Event{Origin: collect.Origin{Commit: headSHA, Branch: ":main"}, Fork: true},
	}, {
		name: "dispatch with a payload of other types", event: "repository_dispatch", ref: "refs/heads/main",
		payload: `{"client_payload":{"x":[1,{"y":null}]},"sender":"odd","repository":{"id":1}}`,
		want:    github.Event{Origin: collect.Origin{Commit: mergeSHA, Branch: "main"}},
	}, {
		name: "pull request without its payload", event: "pull_request", ref: "refs/pull/7/merge", env: "GITHUB_HEAD_REF=fix",
		want: github.Event{Origin: collect.Origin{Commit: mergeSHA, Branch: "fix"}},
	},
}

func TestReadEvent(t *testing.T) {
	t.Parallel()
	for _, row := range events {
		file := filepath.Join(t.TempDir(), "event.json")
		if row.payload != "" {
			writeFile(t, file, row.payload)
		}
		got, err := github.ReadEvent(getenv("GITHUB_ACTIONS=true", "GITHUB_EVENT_PATH="+file, "GITHUB_EVENT_NAME="+row.event,
			"GITHUB_SHA="+mergeSHA, "GITHUB_REF="+row.ref, "GITHUB_REPOSITORY=o/r", "GITHUB_WORKFLOW=ci", "GITHUB_JOB=unit",
			"GITHUB_RUN_ATTEMPT=2", "GITHUB_RUN_ID=17", "GITHUB_RUN_NUMBER=3", "GITHUB_WORKFLOW_REF=o/r/.github/workflows/ci.yml@refs/heads/a/b", row.env))
		if err != nil {
			t.Errorf("%s: ReadEvent = %v", row.name, err)
			continue
		}
		want := row.want
		want.Origin.Event, want.Origin.Repository, want.Origin.Workflow = row.event, "o/r", "ci"
		want.Origin.Job, want.Origin.Attempt = "unit", 2
		want.Run, want.RunNumber, want.Workflow = 17, 3, "ci.yml"
		if strings.Contains(row.payload, `"repository":{"id":1`) {
			want.Repository = 1
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: ReadEvent (-want +got):\n%s", row.name, diff)
		}
	}
}

func TestReadEventOutsideOfActions(t *testing.T) {
	t.Parallel()
	got, err := github.ReadEvent(getenv("GITHUB_SHA="+mergeSHA, "GITHUB_EVENT_PATH=/does/not/matter"))
	if err != nil || got != (github.Event{}) {
		t.Errorf("ReadEvent = %+v, %v, want the zero Event", got, err)
	}
}

func TestReadEventTorn(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "event.json")
	writeFile(t, file, `{"pull_request":{"number":`)
	_, err := github.ReadEvent(getenv("GITHUB_ACTIONS=true", "GITHUB_EVENT_PATH="+file))
	if err == nil || !strings.Contains(err.Error(), "event.json") {
		t.Errorf("ReadEvent = %v, want an error that names the file", err)
	}
}

func TestReadEventDeletingPush(t *testing.T) {
	t.Parallel()
	o, err := github.Origin(getenv("GITHUB_ACTIONS=true", "GITHUB_SHA="+strings.Repeat("0", 40)))
	if err != nil || o.Commit != "" {
		t.Errorf("Origin = %+v, %v, want no commit", o, err)
	}
}

func writeFile(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// A recorded event of a pull request from a fork.
func TestReadEventRecorded(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../../shared/fixtures/gh-event/*fork-pr-event.json")
	if err != nil || len(files) == 0 {
		t.Skip("../shared/fixtures/gh-event is not there")
	}
	got, err := github.ReadEvent(getenv("GITHUB_ACTIONS=true", "GITHUB_EVENT_NAME=pull_request", "GITHUB_EVENT_PATH="+files[0]))
	want := collect.Origin{
		Event: "pull_request", Branch: "fork-owner:feat/codspeed-runner", Commit: "24809d9fca9ad0808a777bcbd807ecd5ec8a9100",
	}
	if err != nil || got.Origin != want || !got.Fork {
		t.Errorf("ReadEvent = %+v, %v, want the fork's %+v", got, err, want)
	}
}
