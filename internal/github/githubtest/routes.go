package githubtest

import (
	"net/url"
	"strings"
)

// route is an operation in the spelling of GitHub's OpenAPI description.
type route struct {
	method, path string
	needs        string // a permission and its level, as authorize reads them
	query        string // the parameters that it has
	body         shape
	handle       func(*call)
}

const (
	paging    = "per_page page "
	runFilter = paging + "actor branch event status created exclude_pull_requests check_suite_id head_sha"
	inRepo    = "/repos/{owner}/{repo}"
	comments  = "issues|pull_requests:"
)

// routes are the operations of this GitHub. The sources of what they do are
// GitHub's REST docs, version 2022-11-28, page by page.
func routes() []route {
	return append(actionRoutes(), []route{
		{"GET", "/rate_limit", "", "", nil, rateLimit},
		{"GET", inRepo, "", "", nil, getRepo},
		{"GET", inRepo + "/compare/{basehead}", "contents:read", paging, nil, compare},
		{"GET", inRepo + "/commits", "contents:read", paging + "sha", nil, listCommits},
		{"GET", inRepo + "/commits/{ref}", "contents:read", paging, nil, getCommit},
		{"GET", inRepo + "/commits/{commit_sha}/pulls", "pull_requests:read", paging, nil, pullsOfCommit},
		{"GET", inRepo + "/commits/{ref}/check-runs", "checks:read", paging + "check_name status filter app_id", nil, checksOfCommit},
		{"GET", inRepo + "/commits/{ref}/statuses", "statuses:read", paging, nil, listStatuses},
		{"GET", inRepo + "/contents/{path}", "contents:read", "ref", nil, getContents},
		{"GET", inRepo + "/pulls", "pull_requests:read", paging + "head state base sort direction", nil, listPulls},
		{"GET", inRepo + "/pulls/{pull_number}", "pull_requests:read", "", nil, getPull},
		{"GET", inRepo + "/pulls/{pull_number}/files", "pull_requests:read", paging, nil, pullFiles},
		{"GET", inRepo + "/issues", "issues:read", paging + "state labels creator sort direction since", nil, listIssues},
		{"POST", inRepo + "/issues", "issues:write", "", newIssue, createIssue},
		{"PATCH", inRepo + "/issues/{issue_number}", "issues:write", "", editedIssue, editIssue},
		{"GET", inRepo + "/issues/comments/{comment_id}", comments + "read", "", nil, getComment},
		{"PATCH", inRepo + "/issues/comments/{comment_id}", comments + "write", "", commentBody, editComment},
		{"DELETE", inRepo + "/issues/comments/{comment_id}", comments + "write", "", nil, deleteComment},
		{"GET", inRepo + "/issues/{issue_number}/comments", comments + "read", paging + "since", nil, listComments},
		{"POST", inRepo + "/issues/{issue_number}/comments", comments + "write", "", commentBody, createComment},
		{"POST", inRepo + "/check-runs", "checks:write", "", newCheck, createCheck},
		{"GET", inRepo + "/check-runs/{check_run_id}", "checks:read", "", nil, getCheck},
		{"PATCH", inRepo + "/check-runs/{check_run_id}", "checks:write", "", editedCheck, editCheck},
		{"GET", inRepo + "/check-runs/{check_run_id}/annotations", "checks:read", paging, nil, listAnnotations},
		{"POST", inRepo + "/statuses/{sha}", "statuses:write", "", newStatus, createStatus},
	}...)
}

func actionRoutes() []route {
	const runs, artifacts = inRepo + "/actions/runs", inRepo + "/actions/artifacts"
	return []route{
		{"GET", runs, "actions:read", runFilter, nil, listRuns},
		{"GET", runs + "/{run_id}", "actions:read", "exclude_pull_requests", nil, getRun},
		{"GET", runs + "/{run_id}/jobs", "actions:read", paging + "filter", nil, listJobs},
		{"GET", runs + "/{run_id}/attempts/{attempt_number}", "actions:read", "exclude_pull_requests", nil, getRun},
		{"GET", runs + "/{run_id}/attempts/{attempt_number}/jobs", "actions:read", paging, nil, listJobs},
		{"GET", runs + "/{run_id}/artifacts", "actions:read", paging + "name direction", nil, listArtifacts},
		{"GET", inRepo + "/actions/workflows/{workflow_id}/runs", "actions:read", runFilter, nil, listRuns},
		{"GET", artifacts, "actions:read", paging + "name", nil, listArtifacts},
		{"GET", artifacts + "/{artifact_id}", "actions:read", "", nil, getArtifact},
		{"DELETE", artifacts + "/{artifact_id}", "actions:write", "", nil, deleteArtifact},
		{"GET", artifacts + "/{artifact_id}/{archive_format}", "actions:read", "", nil, downloadArtifact},
	}
}

// Operations are the REST operations of this GitHub, like "GET /rate_limit".
func Operations() []string {
	var names []string
	for _, r := range routes() {
		names = append(names, r.method+" "+r.path)
	}
	return names
}

// match holds an escaped path against the route: a placeholder is one segment,
// in which %2F is a slash of a branch's name, and {path} is all that follows.
func (r route) match(method, path string) (args map[string]string, ok bool) {
	if method != r.method {
		return nil, false
	}
	want, got := strings.Split(r.path, "/"), strings.Split(path, "/")
	args = map[string]string{}
	for i, w := range want {
		if i >= len(got) {
			return nil, false
		}
		name, placeholder := strings.CutPrefix(w, "{")
		if name = strings.TrimSuffix(name, "}"); name == "path" {
			got = append(got[:i:i], strings.Join(got[i:], "/"))
		}
		value, err := url.PathUnescape(got[i])
		if err != nil || value == "" && i > 0 || !placeholder && value != w {
			return nil, false
		}
		args[name] = value
	}
	return args, len(got) == len(want)
}
