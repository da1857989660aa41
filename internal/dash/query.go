package dash

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/plumbline-ci/plumbline/baseline"
)

// query is what a request asks for. The first of its parameters that is wrong is in
// err.
type query struct {
	id     string
	values url.Values
	err    error
}

// The lengths in bytes that parameters may have.
const (
	mostText   = 1000
	mostMetric = 10_000
	mostCursor = 15_000
)

// newQuery reads the parameters of a request, which are to be of those that are
// known.
func newQuery(r *http.Request, known []string) (*query, error) {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, problemf(http.StatusBadRequest, "the query cannot be read: %v; want NAME=VALUE&NAME=VALUE with %%XX for special characters", err)
	}
	for name, all := range values {
		most := mostText
		switch name {
		case "metric":
			most = mostMetric
		case "cursor":
			most = mostCursor
		}
		switch {
		case !slices.Contains(known, name):
			want := "this takes none"
			if len(known) > 0 {
				want = "want one of " + strings.Join(known, ", ")
			}
			return nil, wrong(name, "there is no such parameter; %s", want)
		case len(all) > 1:
			return nil, wrong(name, "it is there %d times, want it once", len(all))
		case len(all[0]) > most:
			return nil, wrong(name, "it has %d bytes, want %d at most", len(all[0]), most)
		}
	}
	return &query{id: r.PathValue("id"), values: values}, nil
}

// key tells a query from others of the same route.
func (q *query) key() string { return q.id + "\x00" + q.values.Encode() }

func (q *query) fail(p *problem) {
	if q.err == nil {
		q.err = p
	}
}

func (q *query) text(name string) string { return q.values.Get(name) }

// needed is a parameter that has to be there.
func (q *query) needed(name, want string) string {
	v := q.text(name)
	if v == "" {
		q.fail(wrong(name, "it is missing; want %s", want))
	}
	return v
}

// whole is a number between bounds.
func (q *query) whole(name string, least, most, otherwise int) int {
	v := q.text(name)
	if v == "" {
		return otherwise
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < least || n > most {
		q.fail(wrong(name, "%q: want a whole number from %d to %d", v, least, most))
		return otherwise
	}
	return n
}

func (q *query) limit() int { return q.whole("limit", 1, 1000, 100) }

// moment is a time or a day. Of a day that ends a span the end counts.
func (q *query) moment(name string, ends bool) time.Time {
	v := q.text(name)
	if v == "" {
		return time.Time{}
	}
	if at, err := time.Parse(time.RFC3339Nano, v); err == nil {
		return at
	}
	at, err := time.Parse(time.DateOnly, v)
	if err != nil {
		q.fail(wrong(name, "%q: want a time such as 2026-01-31T12:00:00Z or a day such as 2026-01-31", v))
		return time.Time{}
	}
	if ends {
		return at.AddDate(0, 0, 1).Add(-time.Microsecond)
	}
	return at
}

// filter is what the parameters choose of the runs.
func (q *query) filter() baseline.Filter {
	f := baseline.Filter{Branch: q.text("branch"), Since: q.moment("since", false), Until: q.moment("until", true)}
	f.Repositories = only(q.text("repository"))
	if q.values.Has("suite") || q.text("job") != "" || q.text("type") != "" {
		f.Suite = &baseline.Suite{Repository: q.text("repository"), Name: q.text("suite"), Job: q.text("job"), Type: q.text("type")}
	}
	return f
}

// only is the repository of a name, whatever that is, or any where it is empty.
func only(repository string) []string {
	if repository == "" {
		return nil
	}
	return []string{baseline.PatternOf(repository)}
}

// words are those of a search.
func (q *query) words() []string { return strings.Fields(q.text("q")) }

// cursor reads where a page begins: so many parts, or none for the first page.
func (q *query) cursor(parts int) []string {
	v := q.text("cursor")
	if v == "" {
		return nil
	}
	text, err := base64.RawURLEncoding.DecodeString(v)
	got := strings.Split(string(text), "\x00")
	if err != nil || len(got) != parts {
		q.fail(wrong("cursor", "%.40q: want the next_cursor of the page before, with the same other parameters", v))
		return nil
	}
	return got
}

// newCursor says where the next page begins.
func newCursor(parts ...string) *string {
	text := base64.RawURLEncoding.EncodeToString([]byte(strings.Join(parts, "\x00")))
	return &text
}

// page cuts a page out of a list.
func page[T any](q *query, all []T) ([]T, *string) {
	limit, from := q.limit(), 0
	if c := q.cursor(1); c != nil {
		n, err := strconv.Atoi(c[0])
		if err != nil || n < 0 {
			q.fail(wrong("cursor", "want the next_cursor of the page before"))
		}
		from = max(0, min(n, len(all)))
	}
	to := min(from+limit, len(all))
	if to < len(all) {
		return all[from:to], newCursor(strconv.Itoa(to))
	}
	return all[from:], nil
}

// paged is a page of a list.
type paged[T any] struct {
	Items []T     `json:"items"`
	Next  *string `json:"next_cursor"`
}

// newPaged answers with a page of a list, or with what is wrong with the query.
func newPaged[T any](q *query, all []T) (any, error) {
	items, next := page(q, all)
	if q.err != nil {
		return nil, q.err
	}
	return paged[T]{append([]T{}, items...), next}, nil
}
