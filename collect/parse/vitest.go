package parse

import "io"

// vitestBench reads what vitest bench --outputJson writes. A benchmark is called
// as its file, groups and own name are, with " > " between. Its samples count,
// which the file has with benchmark.includeSamples, or else its mean.
var vitestBench = Format{
	Name:  "vitest-bench",
	From:  "vitest bench --outputJson FILE; samples with benchmark.includeSamples",
	Makes: []string{"bench/FILE > GROUP > NAME.ns_per_op"},
	Match: func(h *Head) bool {
		o := h.json()
		return o.has("files[].groups[].benchmarks") || o.has("files[].filepath", "files[].groups")
	},
	Parse: parseVitest,
}

type vitestResult struct {
	Name string `json:"name"`
	tinyStats
}

func parseVitest(r io.Reader, s *Sheet) error {
	v := vitestReader{j: newJSONReader(r), sheet: s}
	err := v.j.object(func(key string) error {
		if key != "files" {
			return nil
		}
		return v.j.array(func() error { return v.j.object(v.file) })
	})
	if err == nil && !v.found {
		return noResult(`a benchmark with samples or a mean in "files", "groups", "benchmarks"`)
	}
	return v.j.done(err)
}

type vitestReader struct {
	j     *jsonReader
	sheet *Sheet
	found bool
}

func (v *vitestReader) file(key string) error {
	if key != "groups" {
		return nil
	}
	return v.j.array(v.group)
}

func (v *vitestReader) group() error {
	var group string
	var all []vitestResult
	err := v.j.object(func(key string) error {
		switch key {
		case "fullName":
			return v.j.read(&group)
		case "benchmarks":
			return v.j.array(func() error {
				var b vitestResult
				err := v.j.read(&b)
				all = append(all, b)
				return err
			})
		}
		return nil
	})
	for _, b := range all {
		b.P50 = nil // as the mean is what other readers of the file show
		name := b.Name
		if group != "" {
			name = group + " > " + name
		}
		if samples := b.samples(); len(samples) > 0 {
			v.sheet.bench(name, "ms", samples...)
			v.found = true
		}
	}
	return err
}
