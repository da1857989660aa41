package collect

import "time"

// Jobs are ready instruments for work that is queued and done: by a status, how
// many there are now and how many came to it, how long they waited and took, and
// what went wrong. A nil Jobs takes nothing.
//
//	NAME.active[status=…]      jobs that are in the status now
//	NAME.changes[status=…]     jobs that ever came to it
//	NAME.wait_seconds          from queued to started
//	NAME.run_seconds[status=…] from started to the end, by how it ended
//	NAME.errors[kind=…]        errors by kind
type Jobs struct {
	now     func(Tags) *UpDownCounter
	changes *Vec[Counter]
	wait    *Timer
	run     *Vec[Timer]
	errors  *Vec[Counter]
}

// Jobs returns the instruments of the jobs of a name.
func (r *Recorder) Jobs(name string) *Jobs {
	if r.off() {
		return nil
	}
	return &Jobs{
		now:     func(t Tags) *UpDownCounter { return r.UpDownCounter(name+".active", t) },
		changes: r.CounterVec(name+".changes", "status"), wait: r.Timer(name+".wait_seconds", nil),
		run: r.TimerVec(name+".run_seconds", "status"), errors: r.CounterVec(name+".errors", "kind"),
	}
}

// Changed says that a job went from one status to another. From is empty for a
// job that is new, and to for one that is gone.
func (j *Jobs) Changed(from, to string) {
	if j == nil {
		return
	}
	if from != "" {
		j.now(Tags{"status": from}).Dec()
	}
	if to != "" {
		j.now(Tags{"status": to}).Inc()
		j.changes.With(to).Inc()
	}
}

// Started says how long a job waited before it began.
func (j *Jobs) Started(waited time.Duration) {
	if j != nil {
		j.wait.Observe(waited)
	}
}

// Finished says how long a job took, and by which status it ended.
func (j *Jobs) Finished(status string, took time.Duration) {
	if j != nil {
		j.run.With(status).Observe(took)
	}
}

// Failed counts an error of a job by its kind, such as timeout.
func (j *Jobs) Failed(kind string) {
	if j != nil {
		j.errors.With(kind).Inc()
	}
}

// Batches are ready instruments for work that comes in batches. A nil Batches
// takes nothing.
//
//	NAME.created      batches
//	NAME.size         items of a batch
//	NAME.run_seconds  from the first item to the last
//	NAME.items[outcome=done|failed]
type Batches struct {
	created *Counter
	size    *Histogram
	run     *Timer
	items   *Vec[Counter]
}

// Batches returns the instruments of the batches of a name.
func (r *Recorder) Batches(name string) *Batches {
	if r.off() {
		return nil
	}
	return &Batches{
		created: r.Counter(name+".created", nil), size: r.Histogram(name+".size", nil),
		run: r.Timer(name+".run_seconds", nil), items: r.CounterVec(name+".items", "outcome"),
	}
}

// Created counts a batch of so many items.
func (b *Batches) Created(items int) {
	if b != nil {
		b.created.Inc()
		b.size.Observe(float64(items))
	}
}

// Finished says how long a batch took, and how many of its items were done and
// failed.
func (b *Batches) Finished(took time.Duration, done, failed int) {
	if b != nil {
		b.run.Observe(took)
		b.items.With("done").Add(float64(done))
		b.items.With("failed").Add(float64(failed))
	}
}
