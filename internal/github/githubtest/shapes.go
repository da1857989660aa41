package githubtest

import (
	"fmt"
	"time"
)

// The limits of GitHub, by where they are written down.
const (
	maxComment     = 65536 // observed: "Body is too long (maximum is 65536 characters)"
	maxSummary     = 65535 // REST docs, check runs: output.summary and output.text
	maxAnnotations = 50    // REST docs, check runs: per request
	maxTitle       = 255   // REST docs, check runs: an annotation's title
	maxRemark      = 65536 // REST docs, check runs: 64 KB of message and raw_details
	maxDescription = 140   // observed: "description is too long (maximum is 140 characters)"
	maxContext     = 255
	maxIssueTitle  = 256
)

var (
	str    = field{kind: "string"}
	needed = field{kind: "string", must: true}
	link   = field{kind: "url"}
	moment = field{kind: "time"}
	whole  = field{kind: "integer"}
	wholeM = field{kind: "integer", must: true}
	words  = field{kind: "strings"}
)

// Issue comments take a body alone.
var commentBody = shape{"body": {kind: "string", must: true, most: maxComment, long: func(int) (string, obj) {
	return "Validation Failed", obj{
		"resource": "IssueComment", "code": "unprocessable", "field": "data",
		"message": fmt.Sprintf("Body is too long (maximum is %d characters)", maxComment),
	}
}}}

// tooLong is how the models of statuses and issues word a limit.
func tooLong(resource, name string, most int) func(int) (string, obj) {
	return func(int) (string, obj) {
		return "Validation Failed", obj{
			"resource": resource, "code": "custom", "field": name,
			"message": fmt.Sprintf("%s is too long (maximum is %d characters)", name, most),
		}
	}
}

var newStatus = shape{
	"state":       {kind: "string", must: true, words: "error failure pending success"},
	"target_url":  link,
	"description": {kind: "string", most: maxDescription, long: tooLong("Status", "description", maxDescription)},
	"context":     {kind: "string", most: maxContext, long: tooLong("Status", "context", maxContext)},
}

var newIssue = shape{
	"title": {kind: "string", must: true, most: maxIssueTitle, long: tooLong("Issue", "title", maxIssueTitle)},
	"body":  {kind: "string", most: maxComment, long: tooLong("Issue", "body", maxComment)}, "labels": words, "assignees": words, "milestone": whole,
}

var editedIssue = shape{
	"title": {kind: "string", most: maxIssueTitle, long: tooLong("Issue", "title", maxIssueTitle)},
	"body":  {kind: "string", most: maxComment, long: tooLong("Issue", "body", maxComment)}, "labels": words, "assignees": words, "milestone": whole,
	"state":        {kind: "string", words: "open closed"},
	"state_reason": {kind: "string", words: "completed not_planned reopened"},
}

var annotation = shape{
	"path": needed, "start_line": wholeM, "end_line": wholeM, "start_column": whole, "end_column": whole,
	"annotation_level": {kind: "string", must: true, words: "notice warning failure"},
	"message":          {kind: "string", must: true, most: maxRemark, bytes: true},
	"title":            {kind: "string", most: maxTitle},
	"raw_details":      {kind: "string", most: maxRemark, bytes: true},
}

// checkOutput is the output of a check run; the title may stay as it was in a
// PATCH.
func checkOutput(title bool) field {
	return field{kind: "object", of: shape{
		"title":       {kind: "string", must: title, most: maxTitle},
		"summary":     {kind: "string", must: true, most: maxSummary},
		"text":        {kind: "string", most: maxSummary},
		"annotations": {kind: "objects", most: maxAnnotations, of: annotation},
		"images":      {kind: "objects", of: shape{"alt": needed, "image_url": {kind: "url", must: true}, "caption": str}},
	}}
}

func checkShape(name, sha, output field) shape {
	return shape{
		"name": name, "head_sha": sha, "details_url": link, "external_id": str,
		"status":     {kind: "string", words: "queued in_progress completed"},
		"conclusion": {kind: "string", words: "action_required cancelled failure neutral success skipped timed_out"},
		"started_at": moment, "completed_at": moment, "output": output,
		"actions": {kind: "objects", most: 3, of: shape{
			"label":       {kind: "string", must: true, most: 20},
			"description": {kind: "string", must: true, most: 40},
			"identifier":  {kind: "string", must: true, most: 20},
		}},
	}
}

// editedCheck has no head_sha: the commit of a check run is for good. A name
// that is there must be one: go-github sends an empty name when none is set,
// and the check would lose its own.
var (
	newCheck    = checkShape(needed, needed, checkOutput(true))
	editedCheck = editedCheckShape()
)

func editedCheckShape() shape {
	s := checkShape(field{kind: "string", solid: true}, str, checkOutput(false))
	delete(s, "head_sha")
	return s
}

func isTime(text string) bool {
	_, err := time.Parse(time.RFC3339, text)
	return err == nil
}
