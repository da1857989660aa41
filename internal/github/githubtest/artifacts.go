package githubtest

import (
	"net/http"
	"slices"
)

func (r *Repo) artifact(id int64) *Artifact {
	return find(r.Artifacts, func(a *Artifact) bool { return a.ID == id })
}

// listArtifacts serves the artifacts of the repository or of a run, newest
// first unless direction=asc, by exact name when one is given.
func listArtifacts(c *call) {
	run := c.number("run_id")
	if c.args["run_id"] != "" && c.repo.run(run) == nil {
		c.notFound()
		return
	}
	found, answers := []*Artifact{}, []obj{}
	for _, a := range c.repo.Artifacts {
		if (run == 0 || a.RunID == run) && (c.query("name") == "" || a.Name == c.query("name")) {
			found = append(found, a)
		}
	}
	slices.Reverse(found)
	for _, a := range page(c, ordered(c, found), 0) {
		answers = append(answers, c.artifactJSON(a))
	}
	c.json(http.StatusOK, obj{"total_count": len(found), "artifacts": answers})
}

// artifactJSON renders an artifact; GHES has no digest, and old artifacts have
// none that is known.
func (c *call) artifactJSON(a *Artifact) obj {
	o := obj{
		"id": a.ID, "name": a.Name, "size_in_bytes": a.Size, "expired": a.Expired, "digest": orNull(a.Digest),
		"created_at": a.Created, "updated_at": a.Created, "expires_at": a.Expires,
		"url": c.api("/actions/artifacts/%d", a.ID), "archive_download_url": c.api("/actions/artifacts/%d/zip", a.ID),
		"workflow_run": obj{
			"id": a.RunID, "repository_id": a.RepoID, "head_repository_id": a.HeadRepoID, "head_branch": a.HeadBranch, "head_sha": a.HeadSHA,
		},
	}
	if c.f.GHES {
		delete(o, "digest")
	}
	return o
}

func getArtifact(c *call) {
	if a := c.repo.artifact(c.number("artifact_id")); a != nil {
		c.json(http.StatusOK, c.artifactJSON(a))
		return
	}
	c.notFound()
}

func deleteArtifact(c *call) {
	a := c.repo.artifact(c.number("artifact_id"))
	if a == nil {
		c.notFound()
		return
	}
	c.repo.Artifacts = slices.DeleteFunc(c.repo.Artifacts, func(x *Artifact) bool { return x == a })
	c.w.WriteHeader(http.StatusNoContent)
}

// downloadArtifact redirects to the blob store for a minute (REST docs,
// artifacts: 302 with a Location, 410 when it expired).
func downloadArtifact(c *call) {
	a := c.repo.artifact(c.number("artifact_id"))
	switch {
	case a == nil || c.args["archive_format"] != "zip":
		c.notFound()
	case a.Expired:
		c.fail(http.StatusGone, "Artifact has expired")
	default:
		b := c.f.newBlob(a.Zip, c.f.SignedFor)
		c.w.Header().Set("Location", b.url(c.r, "r"))
		c.w.WriteHeader(http.StatusFound)
	}
}
