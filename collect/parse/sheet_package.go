package parse

import (
	"path"

	"github.com/plumbline-ci/plumbline/collect"
)

// maxPackages bounds the folders that get figures of their own: each is kept in
// every run.
const maxPackages = 200

// packageMetrics appends the lines of each folder, those of its subfolders apart.
// Where there are more than maxPackages, only those of at least 2, 4, 8 ... lines
// have figures, so that which of them have does not turn on every new one.
func (c *coverage) packageMetrics(all []collect.Metric) []collect.Metric {
	packages := map[string]total{}
	for name, f := range c.files {
		folder := CleanName(path.Dir(name))
		t := packages[folder]
		t.add(f.lineTotal())
		packages[folder] = t
	}
	least := leastLines(packages)
	for folder, t := range packages {
		if t.total >= least {
			all = lineMetrics(all, "", t, collect.Tags{"package": folder})
		}
	}
	return all
}

// leastLines is the smallest power of two that at most maxPackages folders have
// as many lines as.
func leastLines(packages map[string]total) uint64 {
	for least := uint64(1); ; least *= 2 {
		n := 0
		for _, t := range packages {
			if t.total >= least {
				n++
			}
		}
		if n <= maxPackages {
			return least
		}
	}
}
