package parse

import (
	"io"
	"strings"

	"github.com/plumbline-ci/plumbline/collect"
)

// benchmarkdotnet reads the JSON of BenchmarkDotNet. The measurements of the full
// export are samples of ns_per_op; the brief one has their median. Allocated
// memory is bytes_per_op.
//
// A benchmark is called Namespace.Type.Method. Its parameters tell its series
// apart, and so does a job that is not the default one:
// bench/My.Sorts.Quick.ns_per_op[N=1000]. A benchmark without statistics did not
// run to its end and makes suite_success 0, as a failed test does.
var benchmarkdotnet = Format{
	Name:  "benchmarkdotnet",
	From:  "BenchmarkDotNet: --exporters json (BenchmarkDotNet.Artifacts/results/*-report-full.json; -report-brief.json has no samples)",
	Makes: []string{"bench/NAME.ns_per_op", "bench/NAME.bytes_per_op"},
	Match: matchBenchmarkdotnet, Parse: parseBenchmarkdotnet,
}

func matchBenchmarkdotnet(h *Head) bool {
	return h.json().has("HostEnvironmentInfo", "Benchmarks[].Method")
}

// dotnetBenchmark is one case; times are in nanoseconds.
type dotnetBenchmark struct {
	DisplayInfo string
	Namespace   string
	Type        string
	Method      string
	Parameters  string
	Statistics  *struct {
		OriginalValues []float64
		Median         *float64
		Mean           *float64
	}
	Memory *struct {
		BytesAllocatedPerOperation *float64
	}
}

func parseBenchmarkdotnet(r io.Reader, s *Sheet) error {
	found, failed := false, false
	j := newJSONReader(r)
	err := j.object(func(key string) error {
		if key != "Benchmarks" {
			return nil
		}
		return j.array(func() error {
			var b dotnetBenchmark
			if err := j.read(&b); err != nil {
				return err
			}
			if b.Method == "" {
				return j.errorf(`benchmark without "Method"`)
			}
			if b.put(s) {
				found = true
			} else {
				failed = true
			}
			return nil
		})
	})
	err = j.done(err)
	if err == nil && !found && !failed {
		err = errNoBenchmark
	}
	if failed {
		s.SuiteFailed()
	}
	return err
}

func (b *dotnetBenchmark) put(s *Sheet) bool {
	if b.Statistics == nil {
		return false
	}
	times := b.Statistics.OriginalValues
	for _, v := range []*float64{b.Statistics.Median, b.Statistics.Mean} {
		if len(times) == 0 && v != nil {
			times = []float64{*v}
		}
	}
	if len(times) == 0 {
		return false
	}
	name := b.Method
	for _, before := range []string{b.Type, b.Namespace} {
		if before != "" {
			name = before + "." + name
		}
	}
	s.benchTagged(name, b.tags(), nsPerOp, times...)
	if b.Memory != nil && b.Memory.BytesAllocatedPerOperation != nil {
		s.benchTagged(name, b.tags(), bytesPerOp, *b.Memory.BytesAllocatedPerOperation)
	}
	return true
}

// tags are the parameters, of "N=10&Text=a b", and the job, of "Sorts.Quick:
// Job-ABCDEF(Runtime=.NET 8.0) [N=10]". The name that a job gets is not always
// the same, so where it says what it is, that is the tag.
func (b *dotnetBenchmark) tags() collect.Tags {
	tags := collect.Tags{}
	for pair := range strings.SplitSeq(b.Parameters, "&") {
		if k, v, ok := strings.Cut(pair, "="); ok {
			tags[k] = v
		}
	}
	_, job, _ := strings.Cut(b.DisplayInfo, ": ")
	if b.Parameters != "" {
		if i := strings.LastIndex(job, " ["); i >= 0 {
			job = job[:i]
		}
	}
	if _, what, ok := strings.Cut(job, "("); ok {
		job = strings.TrimSuffix(what, ")")
	}
	if job != "" && job != "DefaultJob" {
		tags["job"] = job
	}
	return tags
}
