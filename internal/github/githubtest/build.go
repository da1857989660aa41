package githubtest

import (
	"archive/zip"
	"bytes"
	"cmp"
	"crypto/sha1"
	"crypto/sha256"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
)

// AddRepo makes a public repository with one commit on main.
func (f *Fake) AddRepo(owner, name string) *Repo {
	f.Lock()
	defer f.Unlock()
	repo := &Repo{ID: f.next(), Owner: owner, Name: name, DefaultBranch: "main", Branches: map[string]string{}}
	f.Repos = append(f.Repos, repo)
	f.push(repo, "main", map[string]string{"README.md": "# " + name + "\n"})
	return repo
}

// Fork makes a repository of another owner with the same branches.
func (f *Fake) Fork(repo *Repo, owner string) *Repo {
	f.Lock()
	defer f.Unlock()
	fork := &Repo{
		ID: f.next(), Owner: owner, Name: repo.Name, DefaultBranch: repo.DefaultBranch, Parent: repo, Branches: maps.Clone(repo.Branches),
	}
	f.Repos = append(f.Repos, fork)
	return fork
}

// AddPush commits changed files on a branch, which starts at the default
// branch when it is new; an empty content deletes a file. It moves the head of
// the open pull requests from that branch.
func (f *Fake) AddPush(repo *Repo, branch string, files map[string]string) *Commit {
	f.Lock()
	defer f.Unlock()
	return f.push(repo, branch, files)
}

func (f *Fake) push(repo *Repo, branch string, files map[string]string) *Commit {
	var parents []string
	tree := map[string]string{}
	if tip := f.commits[cmp.Or(repo.Branches[branch], repo.Branches[repo.DefaultBranch])]; tip != nil {
		parents = append(parents, tip.SHA)
		maps.Copy(tree, tip.Files)
	}
	for name, text := range files {
		if tree[name] = text; text == "" {
			delete(tree, name)
		}
	}
	c := f.commit("Change "+strings.Join(slices.Sorted(maps.Keys(files)), ", "), parents, tree)
	repo.Branches[branch] = c.SHA
	for _, base := range f.Repos {
		for _, p := range base.Pulls {
			if p.State == "open" && p.HeadRepo == repo && p.HeadBranch == branch {
				f.move(p, c)
			}
		}
	}
	return c
}

func (f *Fake) commit(message string, parents []string, tree map[string]string) *Commit {
	n := f.next()
	c := &Commit{SHA: shaOf(fmt.Sprint(n, message, parents)), Message: message, Parents: parents, Files: tree, Time: f.now(), order: n}
	f.commits[c.SHA] = c
	return c
}

func shaOf(text string) string { return fmt.Sprintf("%x", sha1.Sum([]byte(text))) }

// Commit is the commit of a sha, nil when there is none.
func (f *Fake) Commit(sha string) *Commit {
	f.Lock()
	defer f.Unlock()
	return f.commits[sha]
}

// OpenPull opens a pull request from a branch of the repository to its default
// branch; the branch is made when it is new.
func (f *Fake) OpenPull(repo *Repo, branch string, files map[string]string) *Pull {
	return f.openPull(repo, repo, branch, files)
}

// ForkPull opens a pull request from a branch of a fork, with a commit that
// only the fork has.
func (f *Fake) ForkPull(fork *Repo, branch string, files map[string]string) *Pull {
	return f.openPull(fork.Parent, fork, branch, files)
}

func (f *Fake) openPull(repo, from *Repo, branch string, files map[string]string) *Pull {
	f.Lock()
	defer f.Unlock()
	head := f.push(from, branch, files)
	repo.number++
	p := &Pull{
		ID: f.next(), Number: repo.number, Title: "Change " + branch, State: "open", HeadRepo: from, HeadBranch: branch, HeadSHA: head.SHA,
		BaseBranch: repo.DefaultBranch, BaseSHA: repo.Branches[repo.DefaultBranch], Created: f.now(),
	}
	f.move(p, head)
	repo.Pulls = append(repo.Pulls, p)
	return p
}

// move sets the head of a pull request, and with it the commit that a
// pull_request run checks out.
func (f *Fake) move(p *Pull, head *Commit) {
	p.HeadSHA = head.SHA
	p.MergeCommitSHA = f.commit("Merge "+head.SHA+" into "+p.BaseSHA, []string{p.BaseSHA, head.SHA}, head.Files).SHA
}

// Merge merges a pull request into its base branch.
func (f *Fake) Merge(repo *Repo, p *Pull) *Commit {
	f.Lock()
	defer f.Unlock()
	head := f.commits[p.HeadSHA]
	c := f.commit(fmt.Sprintf("Merge pull request #%d", p.Number), []string{repo.Branches[p.BaseBranch], head.SHA}, head.Files)
	repo.Branches[p.BaseBranch], p.MergeCommitSHA = c.SHA, c.SHA
	p.State, p.Merged = "closed", true
	return c
}

// AddRun adds a run. What is empty is filled in: a successful push run of the
// workflow ci.yml at the tip of the default branch, or of its Pull's head.
func (f *Fake) AddRun(repo *Repo, run Run) *Run {
	f.Lock()
	defer f.Unlock()
	r := &run
	r.repo, r.ID = repo, cmp.Or(r.ID, f.next())
	if p := r.Pull; p != nil {
		r.Event = cmp.Or(r.Event, "pull_request")
		r.HeadBranch, r.HeadSHA = cmp.Or(r.HeadBranch, p.HeadBranch), cmp.Or(r.HeadSHA, p.HeadSHA)
		r.HeadRepo = cmp.Or(r.HeadRepo, p.HeadRepo)
		r.HeadDeleted = r.HeadDeleted || p.HeadRepo == nil
	}
	r.Event, r.Actor = cmp.Or(r.Event, "push"), cmp.Or(r.Actor, "octocat")
	r.HeadRepo, r.HeadBranch = cmp.Or(r.HeadRepo, repo), cmp.Or(r.HeadBranch, repo.DefaultBranch)
	r.HeadSHA = cmp.Or(r.HeadSHA, r.HeadRepo.Branches[r.HeadBranch])
	w := f.workflow(repo, cmp.Or(r.Path, ".github/workflows/ci.yml"))
	r.Path, r.WorkflowID, r.Name = w.Path, cmp.Or(r.WorkflowID, w.ID), cmp.Or(r.Name, w.Name)
	if r.Status == "" {
		r.Status, r.Conclusion = "completed", cmp.Or(r.Conclusion, "success")
	}
	r.Attempt, r.Number = cmp.Or(r.Attempt, 1), cmp.Or(r.Number, len(repo.Runs)+1)
	if r.Created.IsZero() {
		r.Created = f.now()
	}
	r.Updated, r.backend = r.Created, fmt.Sprintf("ce7f54c7-61c7-4aae-887f-%012d", r.ID)
	repo.Runs = append(repo.Runs, r)
	return r
}

func (f *Fake) workflow(repo *Repo, file string) *Workflow {
	for _, w := range repo.Workflows {
		if w.Path == file {
			return w
		}
	}
	w := &Workflow{ID: f.next(), Path: file, Name: strings.TrimSuffix(path.Base(file), path.Ext(file))}
	repo.Workflows = append(repo.Workflows, w)
	return w
}

// AddArtifact adds an artifact of a run, a zip of the files.
func (f *Fake) AddArtifact(run *Run, name string, files map[string]string) *Artifact {
	f.Lock()
	defer f.Unlock()
	return f.addArtifact(run, name, Zip(files))
}

func (f *Fake) addArtifact(run *Run, name string, data []byte) *Artifact {
	a := &Artifact{
		ID: f.next(), Name: name, Zip: data, Size: int64(len(data)), Digest: fmt.Sprintf("sha256:%x", sha256.Sum256(data)),
		Created: f.now(), Expires: f.now().AddDate(0, 0, 90), Attempt: run.Attempt,
		RunID: run.ID, RepoID: run.repo.ID, HeadBranch: run.HeadBranch, HeadSHA: run.HeadSHA,
	}
	if !run.HeadDeleted {
		a.HeadRepoID = run.HeadRepo.ID
	}
	run.repo.Artifacts = append(run.repo.Artifacts, a)
	return a
}

// Zip packs files, sorted by name.
func Zip(files map[string]string) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		member, err := w.Create(name)
		if err == nil {
			_, err = member.Write([]byte(files[name]))
		}
		if err != nil {
			panic(err) // a name or content that no zip holds: a mistake in the test
		}
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// Unzip is the inverse of Zip, nil for what is no zip.
func Unzip(data []byte) map[string]string {
	r, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil
	}
	files := map[string]string{}
	for _, member := range r.File {
		var b bytes.Buffer
		if in, err := member.Open(); err == nil {
			_, _ = b.ReadFrom(in) // what is corrupt stays short
			_ = in.Close()
		}
		files[member.Name] = b.String()
	}
	return files
}
