package githubtest

import (
	"fmt"
	"strings"
	"testing"
)

// What GitHub does not take is answered as it words it, and written down.
func TestContract(t *testing.T) {
	t.Parallel()
	long := func(n int) string { return strings.Repeat("x", n) }
	note := `{"path":"a.go","start_line":1,"end_line":1,"annotation_level":"notice","message":"m"}`
	check := func(rest string) string { return `{"name":"c","head_sha":"SHA"` + rest + `}` }
	for _, row := range []struct {
		name, method, path, body string
		status                   int
		want                     string
	}{
		{"no such operation", "GET", "/issues/1/lock", "", 404, "Not Found"},
		{"no such method", "PUT", "/issues/1/comments", "{}", 404, "Not Found"},
		{"a parameter that filters nothing", "GET", "/issues/1/comments?sort=created", "", 200, "[]"},
		{"a page that is too large", "GET", "/actions/runs?per_page=200", "", 200, "workflow_runs"},
		{"a head without its owner", "GET", "/pulls?head=topic", "", 200, "["},
		{"a body that is no JSON", "POST", "/issues/1/comments", "{", 400, "Problems parsing JSON"},
		{"a body that is no object", "POST", "/issues/1/comments", "[]", 400, "Body should be a JSON object"},
		{"a missing key", "POST", "/issues/1/comments", "{}", 422, `\"body\" wasn't supplied.`},
		{"an unknown key", "POST", "/issues/1/comments", `{"body":"b","text":"t"}`, 422, `\"text\" is not a permitted key.`},
		{"a wrong type", "POST", "/issues/1/comments", `{"body":1}`, 422, "1 is not a string."},
		{"null", "POST", "/issues/1/comments", `{"body":null}`, 422, "nil is not a string."},
		{"a long comment", "PATCH", "/issues/comments/COMMENT", `{"body":"` + long(65537) + `"}`, 422, "Body is too long (maximum is 65536 characters)"},
		{"a long summary", "POST", "/check-runs", check(`,"output":{"title":"t","summary":"` + long(65536) + `"}`), 422, "Only 65535 characters are allowed; 65536 were supplied."},
		{"a long text", "POST", "/check-runs", check(`,"output":{"title":"t","summary":"s","text":"` + long(65536) + `"}`), 422, "Only 65535"},
		{"a summary without a title", "POST", "/check-runs", check(`,"output":{"summary":"s"}`), 422, `\"title\" wasn't supplied.`},
		{"51 annotations", "POST", "/check-runs", check(`,"output":{"title":"t","summary":"s","annotations":[` + strings.Repeat(note+",", 50) + note + `]}`), 422, "No more than 50 items are allowed; 51 were supplied."},
		{"an annotation of a folder", "POST", "/check-runs", check(`,"output":{"title":"t","summary":"s","annotations":[{"path":"a"}]}`), 422, "wasn't supplied."},
		{"a long message in bytes", "POST", "/check-runs", check(`,"output":{"title":"t","summary":"s","annotations":[` + strings.Replace(note, `"m"`, `"`+strings.Repeat("ä", 32769)+`"`, 1) + `]}`), 422, "Only 65536"},
		{"columns over lines", "POST", "/check-runs", check(`,"output":{"title":"t","summary":"s","annotations":[` + strings.Replace(note, `"end_line":1`, `"end_line":2,"start_column":1`, 1) + `]}`), 422, "annotations"},
		{"a details_url of a script", "POST", "/check-runs", check(`,"details_url":"javascript:alert(1)"`), 422, "the scheme must be http or https."},
		{"an unknown conclusion", "POST", "/check-runs", check(`,"conclusion":"stale"`), 422, `\"stale\" is not a member of`},
		{"completed without a conclusion", "POST", "/check-runs", check(`,"status":"completed"`), 422, "conclusion"},
		{"a nameless check", "POST", "/check-runs", `{"name":" ","head_sha":"SHA"}`, 422, "too short"},
		{"a check that loses its name", "PATCH", "/check-runs/CHECK", `{"name":""}`, 422, "too short"},
		{"a check that moves", "PATCH", "/check-runs/CHECK", `{"head_sha":"SHA"}`, 422, "is not a permitted key."},
		{"a check of no commit", "POST", "/check-runs", `{"name":"c","head_sha":"0000"}`, 422, "No commit found for SHA: 0000"},
		{"a time that is none", "POST", "/check-runs", check(`,"completed_at":"today"`), 422, "is not a valid date-time."},
		{"a long description", "POST", "/statuses/SHA", `{"state":"success","description":"` + long(141) + `"}`, 422, "description is too long (maximum is 140 characters)"},
		{"a conclusion as state", "POST", "/statuses/SHA", `{"state":"neutral"}`, 422, "is not a member of"},
		{"a status of no commit", "POST", "/statuses/0000", `{"state":"success"}`, 422, "No commit found"},
		{"a number as a list", "POST", "/issues", `{"title":"t","labels":7}`, 422, "7 is not a array."},
		{"an odd date", "GET", "/actions/runs?created=yesterday", "", 422, "created"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := start(t)
			w.AddIssue(w.repo, Issue{Title: "i"})
			comment := w.AddComment(w.repo, 1, "github-actions[bot]", "b")
			w.repo.Checks = append(w.repo.Checks, &Check{ID: 5, App: ActionsApp, Name: "c"})
			before := len(w.repo.Comments) + len(w.repo.Checks) + len(w.repo.Statuses) + len(w.repo.Issues)
			fill := strings.NewReplacer("SHA", w.repo.Branches["main"], "COMMENT", fmt.Sprint(comment.ID), "CHECK", "5")
			if row.name == "a parameter that filters nothing" {
				w.repo.Comments, before = nil, before-1
			}
			status, answer, _ := plain(t, row.method, w.server.URL+"/repos/octo/app"+fill.Replace(row.path), fill.Replace(row.body),
				"Authorization", "Bearer "+w.Tokens[0].Secret)
			if status != row.status || !strings.Contains(answer, row.want) {
				t.Errorf("%s %s = %d %.300s, want %d with %s", row.method, row.path, status, answer, row.status, row.want)
			}
			if v := w.Violations(); len(v) != 1 {
				t.Errorf("violations: %.300q, want one", v)
			}
			if after := len(w.repo.Comments) + len(w.repo.Checks) + len(w.repo.Statuses) + len(w.repo.Issues); after != before {
				t.Errorf("%d things are left, want %d as before", after, before)
			}
		})
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name   string
		header []string
		status int
	}{
		{"no token", nil, 401},
		{"a strange token", []string{"Authorization", "Bearer x"}, 401},
		{"another kind", []string{"Authorization", "Basic TOKEN"}, 401},
		{"a version that is none", []string{"Authorization", "Bearer TOKEN", "X-GitHub-Api-Version", "2021-01-01"}, 400},
		{"no client", []string{"Authorization", "Bearer TOKEN", "User-Agent", ""}, 403},
	} {
		w := start(t)
		for i := range row.header {
			row.header[i] = strings.ReplaceAll(row.header[i], "TOKEN", w.Tokens[0].Secret)
		}
		status, answer, _ := plain(t, "GET", w.server.URL+"/repos/octo/app", "", row.header...)
		if status != row.status || len(w.Violations()) != 1 {
			t.Errorf("%s: %d %s, violations %q, want %d and one", row.name, status, answer, w.Violations(), row.status)
		}
	}
}

// What is at a limit is not past it.
func TestWithinTheLimits(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.AddIssue(w.repo, Issue{Title: "i"})
	token, sha := "Bearer "+w.Tokens[0].Secret, w.repo.Branches["main"]
	for path, body := range map[string]string{
		"/issues/1/comments": `{"body":"` + strings.Repeat("ä", 65536) + `"}`,
		"/check-runs":        `{"name":"c","head_sha":"` + sha + `","output":{"title":"t","summary":"` + strings.Repeat("ä", 65535) + `"}}`,
		"/statuses/" + sha:   `{"state":"success","description":"` + strings.Repeat("ä", 140) + `","target_url":"https://example.com/x"}`,
	} {
		if status, answer, _ := plain(t, "POST", w.server.URL+"/repos/octo/app"+path, body, "Authorization", token); status != 201 {
			t.Errorf("POST %s = %d %.200s, want 201", path, status, answer)
		}
	}
	if len(w.repo.Comments) != 1 || len(w.repo.Checks) != 1 || len(w.repo.Statuses) != 1 {
		t.Errorf("%d comments, %d checks, %d statuses, want one each", len(w.repo.Comments), len(w.repo.Checks), len(w.repo.Statuses))
	}
	w.clean(t)
}
