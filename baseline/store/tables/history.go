package tables

import (
	"context"
	"strings"
	"time"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/collect"
)

// history reads the newest values of a metric in a repository, stretch by stretch
// from the newest on. A server cannot know that a sample has one run, and takes the
// join of the two for small: asked for the newest values it reads all, and sorts
// them. Where a stretch begins is looked up first, in the samples' key alone, so that
// of runs and samples no more is read, and no partition before it.
type history struct {
	queries
	filter     baseline.Filter
	repository string
	series     int64
	most       int

	origins collect.OriginDecoder
	seen    int // rows, of which the most are points
	points  []baseline.Point
}

// mostStretch bounds how much longer than the stretch before the next one is.
const mostStretch = 16

// read reads the points, newest first.
func (h *history) read(ctx context.Context) error {
	var before time.Time // of the stretch that was read last; zero: there is none
	for samples := h.most; ; {
		since, err := h.reach(ctx, before, samples)
		if err == nil {
			err = h.stretch(ctx, since, before)
		}
		if err != nil || since.IsZero() || h.seen >= h.most {
			return err
		}
		// Runs of other suites have the metric too: so many as until now, most likely.
		share := samples * (h.most - h.seen) / max(1, h.seen)
		before, samples = since, min(max(samples, share), mostStretch*samples)
	}
}

// reach is the time of the last of so many samples; zero: there are not so many.
func (h *history) reach(ctx context.Context, before time.Time, samples int) (since time.Time, err error) {
	q := query{dialect: h.dialect}
	text := "SELECT s.time FROM plumbline_sample s WHERE " + strings.Join(h.within(&q, "s", time.Time{}, before), " AND ") +
		" AND s.series = " + q.value(h.series) + " ORDER BY s.time DESC LIMIT 1 OFFSET " + q.value(samples-1)
	err = h.db.Query(ctx, text, q.args, func(scan func(...any) error) error {
		var at any
		err := scan(&at)
		since = moment(at)
		return err
	})
	return since, err
}

// within are the conditions for the rows of a stretch.
func (h *history) within(q *query, table string, since, before time.Time) []string {
	where := []string{table + ".repository = " + q.value(h.repository)}
	if since.Before(h.filter.Since) {
		since = h.filter.Since
	}
	if !since.IsZero() {
		where = append(where, table+".time >= "+q.value(h.dialect.Stamp(since)))
	}
	switch until := h.filter.Until; {
	case !before.IsZero():
		where = append(where, table+".time < "+q.value(h.dialect.Stamp(before)))
	case !until.IsZero():
		where = append(where, table+".time <= "+q.value(h.dialect.Stamp(until)))
	}
	return where
}

// stretch reads the points of a stretch that fit.
func (h *history) stretch(ctx context.Context, since, before time.Time) error {
	q := query{dialect: h.dialect, filter: h.filter}
	where := append(h.within(&q, "s", since, before), "s.series = "+q.value(h.series))
	where = q.narrow(append(where, h.within(&q, "r", since, before)...))
	text := "SELECT r.origin, s.value FROM plumbline_sample s" +
		" JOIN plumbline_run r ON r.repository = s.repository AND r.time = s.time AND r.run = s.run" +
		" WHERE " + strings.Join(where, " AND ") + " ORDER BY s.time DESC, r.run_id DESC LIMIT " + q.value(h.most-h.seen)
	return h.db.Query(ctx, text, q.args, func(scan func(...any) error) error {
		var value float64
		var origin []byte
		h.seen++
		if err := scan(&origin, &value); err != nil {
			return err
		}
		o, err := h.origins.Decode(origin) // a listing says what is wrong with one
		if err == nil && h.filter.Fits(o) {
			if h.points == nil && !since.IsZero() { // there are samples enough
				h.points = make([]baseline.Point, 0, h.most)
			}
			h.points = append(h.points, baseline.Point{Origin: o, Value: value})
		}
		return nil
	})
}
