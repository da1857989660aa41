package parse

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
)

// jsonGather finds the end of a JSON object in text, and notices early where
// what looked like one is none: a file can have anything between its results.
type jsonGather struct {
	buf      []byte
	brackets []byte // the brackets that are open
	text     bool   // inside a string
	slash    bool   // after a backslash in it
	last     byte   // of what is no space
}

// gatherDepth is how deep an object may nest; summaries have ten levels.
const gatherDepth = 64

// open reports whether an object has begun and not ended.
func (g *jsonGather) open() bool { return len(g.brackets) > 0 }

// summary reports whether a summary of Gungraun has begun and not ended.
func (g *jsonGather) summary() bool {
	return g.open() && bytes.Contains(g.buf, []byte(`"baselines"`)) || g.open() && bytes.Contains(g.buf, []byte(`"module_path"`))
}

// add takes more text. Where that is no JSON, it is not taken: ok is false, the
// lines that were are returned and forgotten.
func (g *jsonGather) add(text []byte) (taken [][]byte, ok bool) {
	for i, c := range text {
		if !g.next(c) || len(g.buf)+i > maxJSONBytes {
			if len(g.buf) > 0 {
				taken = bytes.Split(bytes.TrimSuffix(g.buf, []byte{'\n'}), []byte{'\n'})
			}
			*g = jsonGather{}
			return taken, false
		}
		if !g.open() {
			g.buf = append(g.buf, text[:i+1]...)
			return nil, true
		}
	}
	g.buf = append(g.buf, text...)
	return nil, true
}

// value returns the object that was gathered, if it is whole, and forgets it.
func (g *jsonGather) value() []byte {
	if g.open() {
		return nil
	}
	whole := g.buf
	*g = jsonGather{}
	return whole
}

// next takes one byte and reports whether it may stand there.
func (g *jsonGather) next(c byte) bool {
	if g.text {
		g.text = c != '"' || g.slash
		g.slash = c == '\\' && !g.slash
		return c != '\n'
	}
	inArray := len(g.brackets) > 0 && g.brackets[len(g.brackets)-1] == '['
	switch {
	case c == ' ' || c == '\t' || c == '\r' || c == '\n':
		return true
	case c == '{' || c == '[':
		fits := len(g.brackets) == 0 || g.last == ':' || inArray && (g.last == '[' || g.last == ',')
		g.brackets = append(g.brackets, c)
		g.last = c
		return fits && len(g.brackets) <= gatherDepth
	case c == '}' || c == ']':
		if inArray != (c == ']') {
			return false
		}
		g.brackets = g.brackets[:len(g.brackets)-1]
	case c == '"':
		g.text = true
	case c != ':' && c != ',' && c != '+' && c != '-' && c != '.' && (c < '0' || c > '9') && (c < 'a' || c > 'z') && c != 'E':
		return false
	}
	g.last = c
	return true
}

// gungraunSummary is what Gungraun 0.17 and later write of one benchmark.
type gungraunSummary struct {
	ModulePath string          `json:"module_path"`
	ID         string          `json:"id"`
	Details    string          `json:"details"`
	Version    json.RawMessage `json:"version"`
	Profiles   []struct {
		Tool      string `json:"tool"`
		Summaries struct {
			Total struct {
				// Summary has the counts by the kind of tool, or is "None".
				Summary json.RawMessage `json:"summary"`
			} `json:"total"`
		} `json:"summaries"`
	} `json:"profiles"`
	Before json.RawMessage `json:"callgrind_summary"`
}

// gungraunCount is new (Left), old (Right) or both, new first; each is
// {"Int": 1} or {"Float": 0.1}.
type gungraunCount struct {
	Metrics struct {
		Left map[string]float64
		Both []map[string]float64
	} `json:"metrics"`
}

// summary reads a JSON object of the text, if it is one of Gungraun's.
func (c *rustText) summary(value []byte) error {
	var s gungraunSummary
	err := json.Unmarshal(value, &s)
	if s.ModulePath == "" {
		return nil // another's
	}
	if err != nil {
		return fmt.Errorf("summary of Gungraun: %w", err)
	}
	if len(s.Before) > 0 && s.Profiles == nil {
		return fmt.Errorf("summary of Gungraun has version %s: want 6 or later, or the text that it prints", s.Version)
	}
	name := s.ModulePath
	switch {
	case s.ID != "" && s.Details != "":
		name += " " + s.ID + ":" + s.Details
	case s.ID != "" || s.Details != "":
		name += " " + s.ID + s.Details
	}
	for _, p := range s.Profiles {
		var tools map[string]map[string]gungraunCount
		if err := json.Unmarshal(p.Summaries.Total.Summary, &tools); err != nil {
			var other *json.UnmarshalTypeError
			if errors.As(err, &other) && other.Value == "string" || len(p.Summaries.Total.Summary) == 0 {
				continue
			}
			return fmt.Errorf("summary of Gungraun: %w", err)
		}
		for _, counts := range tools {
			for _, kind := range slices.Sorted(maps.Keys(counts)) {
				c.summaryCount(name, toolQuantity(strings.ToLower(p.Tool), jsonQuantity(kind)), counts[kind])
			}
		}
	}
	return nil
}

func (c *rustText) summaryCount(name, quantity string, n gungraunCount) {
	c.seen++
	now := n.Metrics.Left
	if len(n.Metrics.Both) > 0 {
		now = n.Metrics.Both[0]
	}
	for _, v := range now {
		c.found++
		c.sheet.benchAs(name, countMeasure(quantity), v)
	}
}

// jsonQuantities are the kinds whose name in text is another.
var jsonQuantities = map[string]string{
	"Ir": "instructions", "TotalRW": "total_read_write", "L1hits": "l1_hits", "LLhits": "ll_hits",
	"LLiMissRate": "lli_miss_rate", "LLdMissRate": "lld_miss_rate",
	"ILmr": "ilmr", "DLmr": "dlmr", "DLmw": "dlmw", "ILdmr": "ildmr", "DLdmr": "dldmr", "DLdmw": "dldmw",
}

// jsonQuantity makes the quantity that the text has of a kind in JSON:
// EstimatedCycles is estimated_cycles.
func jsonQuantity(kind string) string {
	if q, ok := jsonQuantities[kind]; ok {
		return q
	}
	var b strings.Builder
	letters := []rune(kind)
	for i, r := range letters {
		if i > 0 && unicode.IsUpper(r) && (!unicode.IsUpper(letters[i-1]) || i+1 < len(letters) && unicode.IsLower(letters[i+1])) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
