package report

import "time"

// A notice as other programs read it. Text in it is as it was measured: who shows
// it escapes it.
type jsonNotice struct {
	Event      string            `json:"event"` // regression or recovery
	Title      string            `json:"title"`
	Suite      string            `json:"suite"`
	Branch     string            `json:"branch"`
	Repository string            `json:"repository"`
	Shifts     []jsonNoticeShift `json:"shifts"`
	Commits    int               `json:"commits"`
	Authors    []string          `json:"authors"`
	Compare    string            `json:"compare"`
	Run        string            `json:"run"`
	Issue      string            `json:"issue"`
}

type jsonNoticeShift struct {
	Metric   string     `json:"metric"`
	Unit     string     `json:"unit"`
	From     figure     `json:"from"`
	To       figure     `json:"to"`
	Before   string     `json:"before"`
	After    string     `json:"after"`
	Since    *time.Time `json:"since"`
	Leg      string     `json:"leg"`
	Lasting  int        `json:"lasting_runs"`
	Accepted bool       `json:"accepted"`
}

// NoticeJSON writes a notice as one JSON object. Every field is always there; what
// is not known is null or empty.
func NoticeJSON(n Notice) []byte {
	j := jsonNotice{
		Event: "regression", Title: n.title(), Suite: n.Suite, Branch: n.Branch, Repository: n.Repository, Shifts: []jsonNoticeShift{},
		Commits: n.Commits, Authors: append([]string{}, n.Authors...), Compare: n.Compare, Run: n.Run, Issue: n.Issue,
	}
	if n.Back {
		j.Event = "recovery"
	}
	for i := range n.Shifts {
		s := &n.Shifts[i]
		one := jsonNoticeShift{Metric: s.Metric, Unit: string(s.Unit), From: figure(s.From), To: figure(s.To), Before: s.Before, After: s.After, Leg: s.Leg, Lasting: s.Lasting, Accepted: s.Accepted}
		if !s.Since.IsZero() {
			at := s.Since.UTC()
			one.Since = &at
		}
		j.Shifts = append(j.Shifts, one)
	}
	return encoded(j)
}
