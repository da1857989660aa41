package parse

import (
	"io"
	"strings"

	"github.com/plumbline-ci/plumbline/collect"
)

// octocovMetrics reads the custom metrics of octocov: one set of metrics, or
// several in an array. A metric is called bench/SET.METRIC by their keys, in the
// canonical unit of its unit; which way is better says the unit.
var octocovMetrics = Format{
	Name:    "octocov-custom-metrics",
	Aliases: []string{"octocov"},
	From:    "any tool that writes octocov's custom metrics (OCTOCOV_CUSTOM_METRICS_*)",
	Makes:   []string{"bench/SET.METRIC"},
	Match: func(h *Head) bool {
		o := h.json()
		return o.has("[].key", "[].metrics[].key", "[].metrics[].value") || o.has("key", "metrics[].key", "metrics[].value")
	},
	Parse: parseOctocovMetrics,
}

type octocovSet struct {
	Key     string `json:"key"`
	Metrics []struct {
		Key   string       `json:"key"`
		Value *looseNumber `json:"value"`
		Unit  string       `json:"unit"`
	} `json:"metrics"`
}

func parseOctocovMetrics(r io.Reader, s *Sheet) error {
	b, err := peek(r)
	if err != nil {
		return err
	}
	found := 0
	j := newJSONReader(b)
	one := func() error {
		n, err := octocovMetricsOf(j, s)
		found += n
		return err
	}
	if b.first == '{' {
		err = one()
	} else {
		err = j.array(one)
	}
	if err == nil && found == 0 {
		return noResult(`{"key": "...", "metrics": [{"key": "...", "value": 1.5}]}`)
	}
	return j.done(err)
}

// octocovMetricsOf reads one set.
func octocovMetricsOf(j *jsonReader, s *Sheet) (n int, err error) {
	var set octocovSet
	if err := j.read(&set); err != nil {
		return 0, err
	}
	if set.Key == "" {
		return 0, j.errorf(`set of metrics has no "key"`)
	}
	for _, m := range set.Metrics {
		if m.Key == "" || m.Value == nil {
			return n, j.errorf(`metric of %q has not "key" and "value"`, set.Key)
		}
		q := measureOf(m.Unit)
		q.name = strings.ReplaceAll(plainQuantity(m.Key), ".", "_")
		s.benchAs(set.Key, q, float64(*m.Value))
		n++
	}
	return n, nil
}

// octocovMember reads what a report has beside its coverage; n is the number of
// figures in it.
func octocovMember(j *jsonReader, s *Sheet, key string) (n int, err error) {
	switch key {
	case "code_to_test_ratio":
		var ratio *struct{ Code, Test float64 }
		if err := j.read(&ratio); err != nil || ratio == nil || ratio.Code <= 0 {
			return 0, err
		}
		s.Add(collect.Metric{Name: "code.test_ratio", Better: collect.Higher, Value: ratio.Test / ratio.Code})
		return 1, nil
	case "test_execution_time":
		var nanoseconds *float64
		if err := j.read(&nanoseconds); err != nil || nanoseconds == nil {
			return 0, err
		}
		s.Add(seconds("test.execution_seconds", *nanoseconds/1e9))
		return 1, nil
	case "custom_metrics":
		err := j.array(func() error {
			more, err := octocovMetricsOf(j, s)
			n += more
			return err
		})
		return n, err
	}
	return 0, nil
}
