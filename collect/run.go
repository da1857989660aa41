package collect

import (
	"encoding/json"
	"slices"
	"time"
)

// Run is one execution of a build, test or benchmark job: the unit that is
// stored, compared and judged.
type Run struct {
	Origin
	// Metrics have unique names. Their order is that of the record.
	Metrics []Metric
	// Scatter says how far the samples of each metric lie apart, in the order of
	// Metrics, where these do not have them any more (see ForgetSamples); nil: they
	// have what samples there are.
	Scatter []Scatter
	// Extra holds the keys of the record that this program does not know; they
	// are kept when the run is written again.
	Extra map[string]json.RawMessage
}

// Origin says where a run comes from. It names no forge.
type Origin struct {
	ID   string // run_id, unique in a store
	Time time.Time
	// Type names what the run did, such as build_wheel. Only runs of one type
	// are compared.
	Type string
	// Name is the suite's name where the user gave one. It keys the baseline in
	// place of Job.
	Name       string
	Commit     string
	Branch     string
	Event      string // what started it: push, pull_request, schedule ...
	Repository string // owner/name
	Workflow   string
	Job        string
	Attempt    int // of a job that was started again; 0 where nobody counts
	// RerunOf is the ID of the run whose suspects this one was to confirm. Such a
	// run is a second look at that one, and no run of its own.
	RerunOf   string
	Runner    Runner
	Operation string  // what was run, for people
	Duration  float64 // seconds; 0 where it was not measured
	Success   Outcome
	// Gate says whether the run passed the gate that judged it. Such a run as did
	// not is no baseline: a regression must not become the level of tomorrow.
	Gate Outcome
}

// Runner is the machine that a run was measured on. What is not known is empty.
type Runner struct {
	OS       string `json:"os,omitempty"`
	Arch     string `json:"arch,omitempty"`
	CPUModel string `json:"cpu_model,omitempty"`
	Cores    int    `json:"cores,omitempty"`
	Image    string `json:"image,omitempty"`
	// ImageVersion is that of the image, which changes every week.
	ImageVersion string `json:"image_version,omitempty"`
	// MemoryMB is all of the machine's memory in MB, which are 1,000,000 bytes.
	MemoryMB int    `json:"memory_mb,omitempty"`
	Kernel   string `json:"kernel,omitempty"`
	// Environment says whose machine it is: github-hosted or self-hosted.
	Environment string `json:"environment,omitempty"`
	// Cloud is aws, azure, gcp or what else cloud-init calls it, and Region the part
	// of it by the cloud's own name.
	Cloud  string `json:"cloud,omitempty"`
	Region string `json:"region,omitempty"`
	// Fingerprint is the same for machines of which all of the above is.
	Fingerprint string `json:"fingerprint,omitempty"`
}

// Outcome says whether a run did what it was to do.
type Outcome int8

// The outcomes. Unsaid is the zero value.
const (
	Unsaid Outcome = iota
	Succeeded
	Failed
)

// Metric returns the metric of the given name.
func (r *Run) Metric(name string) (m Metric, ok bool) {
	for i := range r.Metrics {
		if r.Metrics[i].Name == name {
			return r.Metrics[i], true
		}
	}
	return Metric{}, false
}

// ForgetSamples keeps of each metric's samples how far they lie apart, which is all
// that a comparison needs of them, and gives their memory back. Such a run is not
// to be stored.
func (r *Run) ForgetSamples() {
	if r.Scatter != nil || !slices.ContainsFunc(r.Metrics, func(m Metric) bool { return m.Samples != nil }) {
		return
	}
	all := make([]Scatter, len(r.Metrics))
	for i := range r.Metrics {
		all[i], r.Metrics[i].Samples = NewScatter(r.Metrics[i].Samples), nil
	}
	r.Scatter = all
}

// ScatterOf says how far the samples of the i-th metric lie apart.
func (r *Run) ScatterOf(i int) Scatter {
	if r.Scatter != nil {
		return r.Scatter[i]
	}
	return NewScatter(r.Metrics[i].Samples)
}
