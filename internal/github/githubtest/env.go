package githubtest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Place is where a step of a job runs, laid out as the runner does (actions/
// runner, container action handler).
type Place struct {
	// URL is the address of the server as the step reaches it.
	URL string
	// Dir is the runner's work folder on the host; Env fills it.
	Dir string
	// Container gives the paths of a container action, below /github.
	Container bool
	// Job is the key of the job in the workflow file, "test" when empty.
	Job string
	// Inputs of the action by name, besides github-token.
	Inputs map[string]string
	// Token is the job's GITHUB_TOKEN; nil makes one with AddRunToken.
	Token *Token
}

// Env writes the files of a step of the run and gives its variables. The
// workspace is left empty, and an earlier one as it is.
func (f *Fake) Env(run *Run, p Place) (map[string]string, error) {
	f.Lock()
	defer f.Unlock()
	if p.Token == nil {
		p.Token = f.addRunToken(run)
	}
	env, event := f.describe(run, p), f.event(run, p.URL)
	text, err := json.MarshalIndent(event, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("event of run %d: %w", run.ID, err)
	}
	for _, m := range p.mounts(run) {
		if err := os.MkdirAll(m.host, 0o755); err != nil {
			return nil, err
		}
	}
	file := filepath.Join(p.Dir, "_temp", "_github_workflow", "event.json")
	if err := os.WriteFile(file, text, 0o644); err != nil {
		return nil, err
	}
	env["GITHUB_EVENT_PATH"] = p.path(run, file)
	id := f.next()
	for name, stem := range map[string]string{
		"GITHUB_OUTPUT": "set_output", "GITHUB_ENV": "set_env", "GITHUB_PATH": "add_path", "GITHUB_STATE": "save_state", "GITHUB_STEP_SUMMARY": "step_summary",
	} {
		file := filepath.Join(p.Dir, "_temp", "_runner_file_commands", fmt.Sprintf("%s_%d", stem, id))
		if err := os.WriteFile(file, nil, 0o644); err != nil {
			return nil, err
		}
		env[name] = p.path(run, file)
	}
	return env, nil
}

// mount is a folder of the host and where a container action sees it.
type mount struct{ host, inside string }

// mounts are in the order in which the runner translates paths.
func (p Place) mounts(run *Run) []mount {
	temp := filepath.Join(p.Dir, "_temp")
	return []mount{
		{filepath.Join(p.Dir, run.repo.Name, run.repo.Name), "/github/workspace"},
		{filepath.Join(temp, "_runner_file_commands"), "/github/file_commands"},
		{filepath.Join(temp, "_github_workflow"), "/github/workflow"},
		{filepath.Join(temp, "_github_home"), "/github/home"},
		{temp, "/github/runner_temp"},
	}
}

// Mounts are the volumes of a container action, each as docker's -v takes it,
// but for the socket of the host's Docker.
func (p Place) Mounts(run *Run) []string {
	var volumes []string
	for _, m := range p.mounts(run) {
		volumes = append(volumes, m.host+":"+m.inside)
	}
	return volumes
}

// Workspace is the host's folder for the checkout.
func (p Place) Workspace(run *Run) string { return p.mounts(run)[0].host }

// HostPath is where the host has a path of the step's variables.
func (p Place) HostPath(run *Run, name string) string {
	for _, m := range p.mounts(run) {
		if rest, ok := strings.CutPrefix(name, m.inside); ok && (rest == "" || rest[0] == '/') {
			return m.host + rest
		}
	}
	return name
}

// path translates a path of the host for the step: the first mount that it is
// or lies in counts.
func (p Place) path(run *Run, name string) string {
	for _, m := range p.mounts(run) {
		if rest, ok := strings.CutPrefix(name, m.host); p.Container && ok && (rest == "" || rest[0] == '/') {
			return m.inside + rest
		}
	}
	return name
}

func (f *Fake) describe(run *Run, p Place) map[string]string {
	repo, api := run.repo, p.URL
	if f.GHES {
		api += "/api/v3"
	}
	ref := f.ref(run)
	env := map[string]string{
		"CI": "true", "GITHUB_ACTIONS": "true", "GITHUB_ACTION": "plumbline", "GITHUB_JOB": cmp.Or(p.Job, "test"), "GITHUB_RETENTION_DAYS": "90",
		"GITHUB_ACTOR": run.Actor, "GITHUB_ACTOR_ID": "583231", "GITHUB_REPOSITORY_OWNER_ID": "9919", "GITHUB_TRIGGERING_ACTOR": run.Actor, "GITHUB_SERVER_URL": p.URL, "GITHUB_API_URL": api,
		"GITHUB_GRAPHQL_URL": api + "/graphql", "GITHUB_EVENT_NAME": run.Event,
		"GITHUB_REPOSITORY": repo.FullName(), "GITHUB_REPOSITORY_ID": strconv.FormatInt(repo.ID, 10), "GITHUB_REPOSITORY_OWNER": repo.Owner,
		"GITHUB_RUN_ID": strconv.FormatInt(run.ID, 10), "GITHUB_RUN_NUMBER": strconv.Itoa(run.Number), "GITHUB_RUN_ATTEMPT": strconv.Itoa(run.Attempt),
		"GITHUB_SHA": ref.sha, "GITHUB_REF": ref.name, "GITHUB_REF_NAME": shortRef(ref.name), "GITHUB_REF_TYPE": "branch", "GITHUB_REF_PROTECTED": "false",
		"GITHUB_HEAD_REF": ref.head, "GITHUB_BASE_REF": ref.base, "GITHUB_WORKFLOW": run.Name, "GITHUB_WORKFLOW_SHA": ref.sha,
		"GITHUB_WORKFLOW_REF": repo.FullName() + "/" + run.Path + "@" + ref.name, "GITHUB_WORKSPACE": p.path(run, p.Workspace(run)),
		"HOME":      p.path(run, filepath.Join(p.Dir, "_temp", "_github_home")),
		"RUNNER_OS": "Linux", "RUNNER_ARCH": "X64", "RUNNER_NAME": "GitHub Actions 1", "RUNNER_ENVIRONMENT": "github-hosted",
		"RUNNER_TEMP": p.path(run, filepath.Join(p.Dir, "_temp")), "RUNNER_WORKSPACE": filepath.Join(p.Dir, repo.Name), "RUNNER_TOOL_CACHE": "/opt/hostedtoolcache",
		"ACTIONS_RUNTIME_TOKEN": run.RuntimeToken(), "ACTIONS_RUNTIME_URL": p.URL + "/_runtime/", "INPUT_GITHUB-TOKEN": p.Token.Secret,
	}
	env["INPUT_CHECK-NAME"] = "plumbline / NAME" // a default of action.yml, which the runner fills in
	if !f.GHES {
		env["ACTIONS_RESULTS_URL"] = p.URL + "/"
	}
	for name, value := range p.Inputs {
		env["INPUT_"+strings.ToUpper(strings.ReplaceAll(name, " ", "_"))] = value
	}
	return env
}

// Environ is a step's variables as a process takes them, sorted.
func Environ(env map[string]string) []string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(env)) {
		list = append(list, name+"="+env[name])
	}
	return list
}

// gitRef is what a run says of the commit that it has checked out.
type gitRef struct{ name, sha, head, base string }

// ref follows the table of events in GitHub's docs: a pull_request runs on its
// merge commit, pull_request_target on the base, and workflow_run and schedule
// on the default branch.
func (f *Fake) ref(run *Run) gitRef {
	tip := func(branch string) gitRef {
		return gitRef{name: "refs/heads/" + branch, sha: run.repo.Branches[branch]}
	}
	switch p := run.Pull; run.Event {
	case "pull_request":
		return gitRef{fmt.Sprintf("refs/pull/%d/merge", p.Number), p.MergeCommitSHA, p.HeadBranch, p.BaseBranch}
	case "pull_request_target":
		at := tip(p.BaseBranch)
		at.head, at.base = p.HeadBranch, p.BaseBranch
		return at
	case "workflow_run", "schedule":
		return tip(run.repo.DefaultBranch)
	}
	return gitRef{name: "refs/heads/" + run.HeadBranch, sha: run.HeadSHA}
}

func shortRef(ref string) string {
	return strings.TrimPrefix(strings.TrimPrefix(ref, "refs/heads/"), "refs/pull/")
}

// event is the payload of the webhook that started the run (GitHub docs,
// webhook events), as far as anybody reads it.
func (f *Fake) event(run *Run, at string) obj {
	c := &call{f: f, r: httptest.NewRequest("GET", at+"/", nil), repo: run.repo}
	ref := f.ref(run)
	event := obj{"repository": c.repoJSON(run.repo), "sender": obj{"login": run.Actor, "type": userType(run.Actor)}}
	switch run.Event {
	case "push":
		event["ref"], event["after"], event["before"] = ref.name, ref.sha, f.before(ref.sha)
		event["head_commit"] = obj{"id": ref.sha}
	case "pull_request", "pull_request_target":
		pull := c.pullJSON(run.Pull)
		pull["head"].(obj)["sha"] = run.HeadSHA // later pushes moved the pull request on
		event["action"], event["number"], event["pull_request"] = "synchronize", run.Pull.Number, pull
	case "workflow_run":
		event["action"], event["workflow_run"] = "completed", c.runJSON(run.Of)
		event["workflow"] = obj{"id": run.Of.WorkflowID, "name": run.Of.Name, "path": run.Of.Path}
	case "merge_group":
		event["action"] = "checks_requested"
		event["merge_group"] = obj{
			"head_sha": ref.sha, "head_ref": ref.name, "base_sha": f.before(ref.sha), "base_ref": "refs/heads/" + run.repo.DefaultBranch,
			"head_commit": obj{"id": ref.sha},
		}
	case "schedule":
		event["schedule"], event["workflow"] = "30 3 * * *", run.Path
	case "workflow_dispatch":
		event["ref"], event["workflow"], event["inputs"] = ref.name, run.Path, nil
	}
	return event
}

// before is the first parent of a commit, or zeros.
func (f *Fake) before(sha string) string {
	if c := f.commits[sha]; c != nil && len(c.Parents) > 0 {
		return c.Parents[0]
	}
	return strings.Repeat("0", 40)
}
