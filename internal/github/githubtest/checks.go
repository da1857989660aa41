package githubtest

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
)

// checkIn is the body of a POST or PATCH; nil leaves a field alone.
type checkIn struct {
	Name, Status, Conclusion *string
	HeadSHA                  *string `json:"head_sha"`
	DetailsURL               *string `json:"details_url"`
	ExternalID               *string `json:"external_id"`
	Started                  *string `json:"started_at"`
	Completed                *string `json:"completed_at"`
	Output                   *struct {
		Title, Summary, Text *string
		Annotations          []Annotation
	}
}

// apply sets what the request has. The output's texts are replaced, and its
// annotations appended (REST docs, update a check run).
func (in checkIn) apply(k *Check) {
	set := map[*string]*string{
		&k.Name: in.Name, &k.Status: in.Status, &k.Conclusion: in.Conclusion, &k.HeadSHA: in.HeadSHA, &k.DetailsURL: in.DetailsURL,
		&k.ExternalID: in.ExternalID, &k.Started: in.Started, &k.Completed: in.Completed,
	}
	if in.Output != nil {
		k.Text = ""
		set[&k.Title], set[&k.Summary], set[&k.Text] = in.Output.Title, in.Output.Summary, in.Output.Text
		k.Annotations = append(k.Annotations, in.Output.Annotations...)
	}
	for to, from := range set {
		if from != nil {
			*to = *from
		}
	}
	if in.Conclusion != nil { // REST docs: it completes the check run
		k.Status = "completed"
	}
}

// sound holds what the schema cannot say: a completed check has a conclusion,
// and columns are for annotations of one line.
func (c *call) sound(in checkIn) bool {
	if in.Status != nil && *in.Status == "completed" && in.Conclusion == nil {
		c.refuse("Invalid request.\n\nMissing conclusion: a completed check run needs one.")
		return false
	}
	if in.Output == nil {
		return true
	}
	for _, a := range in.Output.Annotations {
		columns := a.StartColumn != nil || a.EndColumn != nil
		if a.EndLine < a.StartLine || columns && a.StartLine != a.EndLine {
			c.refuse("Validation Failed", obj{"resource": "CheckRun", "code": "invalid", "field": "annotations"})
			return false
		}
	}
	return true
}

// byApp answers 403 to a token that belongs to no app.
func (c *call) byApp() bool {
	if c.token.App == 0 {
		c.fail(http.StatusForbidden, "You must authenticate via a GitHub App.")
	}
	return c.token.App != 0
}

func createCheck(c *call) {
	var in checkIn
	c.decode(&in)
	if !c.byApp() || !c.sound(in) {
		return
	}
	commit := c.f.commits[*in.HeadSHA]
	if commit == nil {
		c.refuse("No commit found for SHA: " + *in.HeadSHA)
		return
	}
	k := &Check{ID: c.f.next(), App: c.token.App, Status: "queued"}
	in.apply(k)
	c.repo.Checks = append(c.repo.Checks, k)
	c.json(http.StatusCreated, c.checkJSON(k))
}

func editCheck(c *call) {
	k := c.repo.check(c.number("check_run_id"))
	var in checkIn
	c.decode(&in)
	switch {
	case k == nil:
		c.notFound()
	case !c.byApp() || !c.sound(in):
	case k.App != c.token.App:
		c.fail(http.StatusForbidden, fmt.Sprintf("Invalid app_id `%d` - check run can only be modified by the GitHub App that created it.", c.token.App))
	case in.Output != nil && in.Output.Title == nil && k.Title == "":
		c.refuse("Invalid request.\n\n\"title\" wasn't supplied.")
	default:
		in.apply(k)
		c.json(http.StatusOK, c.checkJSON(k))
	}
}

func (r *Repo) check(id int64) *Check {
	return find(r.Checks, func(x *Check) bool { return x.ID == id })
}

func getCheck(c *call) {
	if k := c.repo.check(c.number("check_run_id")); k != nil {
		c.json(http.StatusOK, c.checkJSON(k))
		return
	}
	c.notFound()
}

func listAnnotations(c *call) {
	if k := c.repo.check(c.number("check_run_id")); k != nil {
		c.json(http.StatusOK, page(c, k.Annotations, 0))
		return
	}
	c.notFound()
}

func (c *call) checkJSON(k *Check) obj {
	return obj{
		"id": k.ID, "name": k.Name, "head_sha": k.HeadSHA, "status": k.Status, "conclusion": orNull(k.Conclusion),
		"details_url": k.DetailsURL, "external_id": k.ExternalID, "started_at": orNull(k.Started), "completed_at": orNull(k.Completed),
		"url": c.api("/check-runs/%d", k.ID), "html_url": c.html("/runs/%d", k.ID), "app": obj{"id": k.App},
		"output": obj{"title": orNull(k.Title), "summary": orNull(k.Summary), "text": orNull(k.Text), "annotations_count": len(k.Annotations)},
	}
}

// checksOfCommit serves the check runs of a commit, the newest of each name and
// app unless filter=all.
func checksOfCommit(c *call) {
	commit := c.f.resolve(c.repo, c.args["ref"])
	if commit == nil {
		c.fail(http.StatusUnprocessableEntity, "No commit found for SHA: "+c.args["ref"])
		return
	}
	is := func(name, value string) bool { return c.query(name) == "" || c.query(name) == value }
	found, answers, seen := []*Check{}, []obj{}, map[string]bool{}
	for _, k := range slices.Backward(c.repo.Checks) {
		key := fmt.Sprint(k.App, k.Name)
		if k.HeadSHA == commit.SHA && is("check_name", k.Name) && is("status", k.Status) && is("app_id", strconv.FormatInt(k.App, 10)) &&
			(c.query("filter") == "all" || !seen[key]) {
			found, seen[key] = append(found, k), true
		}
	}
	for _, k := range page(c, found, 0) {
		answers = append(answers, c.checkJSON(k))
	}
	c.json(http.StatusOK, obj{"total_count": len(found), "check_runs": answers})
}
