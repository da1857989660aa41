package githubtest

import (
	"encoding/json"
	"net/http"
	"slices"
	"time"
)

// decode reads the body into v. Its shape was checked before.
func (c *call) decode(v any) {
	if err := json.Unmarshal(c.body, v); err != nil {
		c.f.violate(c.r, "body: %v", err)
	}
}

func (r *Repo) comment(id int64) *Comment {
	return find(r.Comments, func(x *Comment) bool { return x.ID == id })
}

// conversation tells whether an issue or a pull request has the number.
func (r *Repo) conversation(number int64) bool {
	return r.pull(number) != nil || r.issue(number) != nil
}

// listComments serves the comments of one conversation, ascending by id: there
// is no sort (REST docs, issue comments).
func listComments(c *call) {
	number := c.number("issue_number")
	since, err := time.Parse(time.RFC3339, c.query("since"))
	if c.query("since") != "" && err != nil {
		c.refuse("Validation Failed", obj{"resource": "IssueComment", "field": "since", "code": "invalid"})
		return
	}
	if !c.repo.conversation(number) {
		c.notFound()
		return
	}
	found, answers := []*Comment{}, []obj{}
	for _, one := range c.repo.Comments {
		if int64(one.Number) == number && !one.Updated.Before(since) {
			found = append(found, one)
		}
	}
	for _, one := range page(c, found, 0) {
		answers = append(answers, c.commentJSON(one))
	}
	c.json(http.StatusOK, answers)
}

func (c *call) commentJSON(one *Comment) obj {
	return obj{
		"id": one.ID, "body": one.Body, "user": obj{"login": one.Author, "type": one.Type}, "created_at": one.Created, "updated_at": one.Updated,
		"url": c.api("/issues/comments/%d", one.ID), "html_url": c.html("/issues/%d#issuecomment-%d", one.Number, one.ID),
		"issue_url": c.api("/issues/%d", one.Number),
	}
}

func createComment(c *call) {
	number := c.number("issue_number")
	if !c.repo.conversation(number) {
		c.notFound()
		return
	}
	var in struct{ Body string }
	c.decode(&in)
	one := c.f.addComment(c.repo, int(number), c.token, in.Body)
	c.json(http.StatusCreated, c.commentJSON(one))
}

// AddComment is a comment that somebody made: a person, or another app when
// the login ends in [bot].
func (f *Fake) AddComment(repo *Repo, number int, login, body string) *Comment {
	f.Lock()
	defer f.Unlock()
	return f.addComment(repo, number, &Token{Login: login}, body)
}

func (f *Fake) addComment(repo *Repo, number int, by *Token, body string) *Comment {
	one := &Comment{ID: f.next(), Number: number, Author: by.Login, Type: userType(by.Login), Body: body, Created: f.now(), Updated: f.now()}
	repo.Comments = append(repo.Comments, one)
	return one
}

// mine tells whether the token may change what somebody made: an app with the
// permission may edit and delete the comments of others too, but a client that
// does so has taken a stranger's comment for its own.
func (c *call) mine(author string) {
	if author != c.token.Login {
		c.f.violate(c.r, "changes what %s wrote with the token of %s", author, c.token.Login)
	}
}

func getComment(c *call) {
	if one := c.repo.comment(c.number("comment_id")); one != nil {
		c.json(http.StatusOK, c.commentJSON(one))
		return
	}
	c.notFound()
}

func editComment(c *call) {
	one := c.repo.comment(c.number("comment_id"))
	if one == nil {
		c.notFound()
		return
	}
	c.mine(one.Author)
	var in struct{ Body string }
	c.decode(&in)
	one.Body, one.Updated = in.Body, c.f.now()
	c.json(http.StatusOK, c.commentJSON(one))
}

func deleteComment(c *call) {
	one := c.repo.comment(c.number("comment_id"))
	if one == nil {
		c.notFound()
		return
	}
	c.mine(one.Author)
	c.repo.Comments = slices.DeleteFunc(c.repo.Comments, func(x *Comment) bool { return x == one })
	c.w.WriteHeader(http.StatusNoContent)
}
