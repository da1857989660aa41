package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
)

// jsonPairs is what a comparison of pairs says beyond a verdict.
type jsonPairs struct {
	Base    jsonSide     `json:"base"`
	Head    jsonSide     `json:"head"`
	Pairs   int          `json:"pairs"`
	Seconds float64      `json:"seconds"` // all pairs took
	Seed    string       `json:"seed"`    // a string: not every number of 64 bits is one of JSON
	Ended   Ending       `json:"ended"`
	Changes []jsonChange `json:"changes"` // in the order of the metrics
}

type jsonSide struct {
	Ref    string `json:"ref,omitempty"`
	Commit string `json:"git_commit"`
	Dirty  bool   `json:"dirty,omitempty"`
}

// jsonChange bounds a change in per cent of base; null is not bounded.
type jsonChange struct {
	Name     string    `json:"name"`
	DeltaPct [2]figure `json:"delta_pct"`
	NoisePct figure    `json:"noise_pct"`
	Exact    bool      `json:"exact"`
}

// PairJSON writes the object that JSON writes too, with one more key: ab.
func PairJSON(w io.Writer, page PairPage) error {
	extra := jsonPairs{
		Base: jsonSide(page.Base), Head: jsonSide(page.Head), Pairs: page.Pairs,
		Seconds: page.Took.Seconds(), Seed: strconv.FormatUint(page.Seed, 10), Ended: page.Ended,
	}
	for i, c := range page.Changes {
		extra.Changes = append(extra.Changes, jsonChange{
			Name: page.Metrics[i].Name, DeltaPct: [2]figure{figure(c.LowPct), figure(c.HighPct)}, NoisePct: figure(c.NoisePct), Exact: c.Exact,
		})
	}
	r := page.Result
	r.Head.Commit, r.Baseline.Branch, r.Baseline.SameRunner = page.Head.Commit, page.Base.Ref, page.Pairs
	var b bytes.Buffer
	if err := JSON(&b, NewPage(r, Links{})); err != nil {
		return err
	}
	object, ok := bytes.CutSuffix(bytes.TrimSpace(b.Bytes()), []byte("}"))
	if !ok {
		return errors.New("the verdict is no JSON object")
	}
	ab, err := json.Marshal(extra)
	if err != nil {
		return err
	}
	_, err = w.Write(append(append(append(object, ",\n \"ab\":"...), ab...), "}\n"...))
	return err
}
