package parse

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/plumbline-ci/plumbline/collect"
)

// relatives are the names that other programs have for what a record says, the
// likelier first.
var relatives = map[string][]string{
	"run_id":     {"run_id", "id", "runId", "uuid"},
	"timestamp":  {"timestamp", "time", "date", "datetime", "created_at", "start_time", "started_at"},
	"git_commit": {"git_commit", "commit", "commit_sha", "git_sha", "sha", "commit_hash", "git_hash", "revision"},
	"branch":     {"branch", "git_branch", "ref_name"},
	"repository": {"repository", "repo"},
	"duration":   {"duration", "duration_seconds"},
}

// metricDepth is how far down metrics nest in one another.
const metricDepth = 10

// relative reads a record whose keys have other names, whose time has no zone or is
// a number, or whose metrics are nested ({"cpu": {"load": 1}} is cpu.load), have
// their unit beside them ({"value": 1, "unit": "s"}), are lists of samples, true or
// false, or null, which is left out. Without an ID run_id is empty. A line over
// 8 MiB is none: its tree would take many times that.
func relative(line []byte) (collect.Run, bool) {
	var keys map[string]json.RawMessage
	if len(line) > maxJSONBytes || json.Unmarshal(line, &keys) != nil || keys["metrics"] == nil {
		return collect.Run{}, false
	}
	rename(keys)
	if !relativeTime(keys) {
		return collect.Run{}, false
	}
	m := nestedMetrics{values: map[string]any{}, units: map[string]string{}, better: map[string]string{}, samples: map[string][]float64{}}
	if !m.read(keys["metrics"]) {
		return collect.Run{}, false
	}
	m.into(keys)
	id := string(keys["run_id"])
	if id == "" || id == "null" {
		keys["run_id"] = json.RawMessage(`"-"`)
	} else if id[0] != '"' {
		keys["run_id"] = json.RawMessage(strconv.Quote(id))
	}
	text, err := json.Marshal(keys)
	if err != nil {
		return collect.Run{}, false
	}
	run, err := collect.Decode(text)
	if run.ID == "-" {
		run.ID = ""
	}
	return run, err == nil
}

// rename gives the keys of a record their names, where a text, number or truth
// stands for them: what is more is another thing of that name, and is kept.
func rename(keys map[string]json.RawMessage) {
	for _, name := range slices.Sorted(maps.Keys(relatives)) {
		for _, other := range relatives[name] {
			value := bytes.TrimSpace(keys[other])
			if len(value) == 0 || value[0] == '{' || value[0] == '[' || value[0] == 'n' {
				continue
			}
			if other != name {
				keys[name] = value
				delete(keys, other)
			}
			break
		}
	}
}

// relativeTime writes the time as a record does.
func relativeTime(keys map[string]json.RawMessage) bool {
	text := string(keys["timestamp"])
	var plain string
	if json.Unmarshal(keys["timestamp"], &plain) == nil {
		text = plain
	}
	at, ok := pastTime(text)
	if ok {
		keys["timestamp"] = json.RawMessage(strconv.Quote(at.Format(time.RFC3339Nano)))
	}
	return ok
}

// nestedMetrics gathers what a tree of metrics says.
type nestedMetrics struct {
	values        map[string]any
	units, better map[string]string
	samples       map[string][]float64
}

func (m *nestedMetrics) read(raw json.RawMessage) bool {
	var tree any
	if json.Unmarshal(raw, &tree) != nil {
		return false
	}
	if list, ok := tree.([]any); ok {
		return m.list(list)
	}
	members, ok := tree.(map[string]any)
	if !ok {
		return false
	}
	for name, v := range members {
		if !m.put(name, v, 0) {
			return false
		}
	}
	return true
}

// list reads [{"name": "cpu.load", "value": 1, "unit": "%"}].
func (m *nestedMetrics) list(list []any) bool {
	for _, v := range list {
		one, ok := v.(map[string]any)
		name, named := one["name"].(string)
		if !ok || !named || !m.put(name, one, 0) {
			return false
		}
	}
	return true
}

func (m *nestedMetrics) put(name string, v any, depth int) bool {
	if depth > metricDepth {
		return false
	}
	name = CleanName(name)
	if _, twice := m.values[name]; twice {
		return false
	}
	switch v := v.(type) {
	case nil:
	case float64:
		m.values[name] = v
	case bool:
		m.values[name] = 0
		if v {
			m.values[name] = 1
		}
	case []any:
		for _, x := range v {
			number, ok := x.(float64)
			if !ok {
				return false
			}
			m.samples[name] = append(m.samples[name], number)
		}
	case map[string]any:
		return m.branch(name, v, depth)
	default:
		return false
	}
	return true
}

// branch reads a metric with its unit, or metrics below a name.
func (m *nestedMetrics) branch(name string, v map[string]any, depth int) bool {
	if value, ok := v["value"]; ok {
		if unit, ok := v["unit"].(string); ok && strings.TrimSpace(unit) != "" {
			m.units[name] = unit
		}
		better, _ := v["better"].(string)
		if d, ok := collect.ParseDirection(better); ok {
			m.better[name] = d.String()
		}
		return m.put(name, value, depth+1)
	}
	for key, below := range v {
		if !m.put(name+"."+key, below, depth+1) {
			return false
		}
	}
	return true
}

// into puts the metrics into a record. What its own parts say wins.
func (m *nestedMetrics) into(keys map[string]json.RawMessage) {
	part := func(key string, found any) {
		if text, err := json.Marshal(found); err == nil {
			keys[key] = text
		}
	}
	part("metrics", m.values)
	for key, found := range map[string]int{"units": len(m.units), "better": len(m.better), "samples": len(m.samples)} {
		if given := string(keys[key]); found == 0 || given != "" && given != "null" {
			continue
		}
		switch key {
		case "units":
			part(key, m.units)
		case "better":
			part(key, m.better)
		case "samples":
			part(key, m.samples)
		}
	}
}
