package tables

import (
	"fmt"
	"strings"

	"github.com/plumbline-ci/plumbline/baseline"
)

// query is a listing as SQL: columns of the runs that fit a filter, newest first,
// from a place on.
type query struct {
	dialect Dialect
	columns string
	filter  baseline.Filter
	after   *Key // the last run that is not wanted; nil: from the newest on
	from    *Key // the first run that is; nil: as after says
	limit   int

	args []any
}

// order is newest first. Runs of one time are in some order that stays.
const order = " ORDER BY time DESC, run_id DESC, repository DESC LIMIT "

// text is the query, and args has its arguments then. Each repository is asked for
// by itself, so that its newest rows are read from the end of an index: rows of
// two in the order of time would have to be sorted, all of them.
func (q *query) text() string {
	repositories, exact := q.repositories()
	if !exact {
		return q.arm(q.like(repositories)) + order + q.value(q.limit)
	}
	arms := make([]string, len(repositories))
	for i, r := range repositories {
		arms[i] = "SELECT * FROM (" + q.arm([]string{"repository = " + q.value(r)}) + order + q.value(q.limit) + ") AS r" + fmt.Sprint(i)
	}
	if len(arms) == 1 {
		return arms[0]
	}
	return "SELECT * FROM (" + strings.Join(arms, " UNION ALL ") + ") AS r" + order + q.value(q.limit)
}

// mostExact is how many repositories are asked for one by one.
const mostExact = 16

// repositories are those that are asked for: names where that is exact, and else
// patterns. A run that does not say its repository fits the suites of each.
func (q *query) repositories() (names []string, exact bool) {
	f := q.filter
	if len(f.Repositories) == 0 {
		if f.Suite == nil || f.Suite.Repository == "" {
			return nil, false
		}
		return []string{clean(f.Suite.Repository), ""}, true
	}
	for _, p := range f.Repositories {
		name, ok := baseline.NameOf(p)
		if !ok || len(names) == mostExact {
			return f.Repositories, false
		}
		names = append(names, clean(name))
	}
	return names, true
}

// like are the conditions for patterns of repositories. They let some through that
// do not fit, as a star does there that stands for a slash.
func (q *query) like(patterns []string) []string {
	if len(patterns) == 0 {
		return nil
	}
	var any []string
	for _, p := range patterns {
		head, _, _ := strings.Cut(p, "[") // where a class is, anything may follow
		if head != p {
			head += "*"
		}
		any = append(any, "repository LIKE "+q.value(strings.NewReplacer("*", "%", "?", "_", `\`, "%").Replace(clean(head))))
	}
	return []string{"(" + strings.Join(any, " OR ") + ")"}
}

// arm selects the rows that fit the conditions and all of the filter but its
// repositories.
func (q *query) arm(where []string) string {
	f := q.filter
	where = q.narrow(where)
	if f.ID != "" {
		id := clean(f.ID)
		where = append(where, "run_id >= "+q.value(id), "run_id < "+q.value(id+"\U0010FFFF"))
	}
	if !f.Since.IsZero() {
		where = append(where, "time >= "+q.value(q.dialect.Stamp(f.Since)))
	}
	if !f.Until.IsZero() {
		where = append(where, "time <= "+q.value(q.dialect.Stamp(f.Until)))
	}
	where = q.place(where)
	text := "SELECT " + q.columns + " FROM plumbline_run"
	if len(where) > 0 {
		text += " WHERE " + strings.Join(where, " AND ")
	}
	return text
}

// narrow adds the conditions for suite and branch.
func (q *query) narrow(where []string) []string {
	if s := q.filter.Suite; s != nil {
		where = append(where, "suite = "+q.value(clean(s.Name)))
		where = q.orUnsaid(where, "type", s.Type)
		if s.Name == "" {
			where = q.orUnsaid(where, "job", s.Job)
		}
	}
	return q.orUnsaid(where, "branch", q.filter.Branch)
}

func (q *query) orUnsaid(where []string, column, value string) []string {
	if value == "" {
		return where
	}
	return append(where, column+" IN ("+q.value(clean(value))+", '')")
}

// place are the conditions for the rows behind a run or from it on. The first says
// what the second does, in a way that chooses partitions.
func (q *query) place(where []string) []string {
	k, sign := q.after, "<"
	if q.from != nil {
		k, sign = q.from, "<="
	}
	if k == nil {
		return where
	}
	at := q.value(q.dialect.Stamp(k.Time))
	return append(where, "time <= "+at, fmt.Sprintf("(time, run_id, repository) %s (%s, %s, %s)", sign, at, q.value(k.ID), q.value(k.Repository)))
}

// value adds an argument.
func (q *query) value(v any) string {
	q.args = append(q.args, v)
	return fmt.Sprintf("$%d", len(q.args))
}
