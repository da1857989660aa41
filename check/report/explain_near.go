package report

import (
	"cmp"
	"slices"
)

// leastScore is what a name must share with what was typed, in parts of 1000.
const leastScore = 500

// best are the keys with the highest scores, ties by name.
func best(scores map[string]int, n int) []string {
	var all []string
	for s, x := range scores {
		if x >= leastScore {
			all = append(all, s)
		}
	}
	slices.SortFunc(all, func(a, b string) int { return cmp.Or(scores[b]-scores[a], cmp.Compare(a, b)) })
	all = all[:min(n, len(all))]
	for i, s := range all {
		all[i] = clean(s, maxName)
	}
	return all
}

// longestShared is the length of the longest common subsequence: what is left
// of two words when the letters that they do not share are struck out.
func longestShared(a, b string) int {
	a, b = a[:min(len(a), maxName)], b[:min(len(b), maxName)]
	row := make([]int, len(b)+1)
	for i := range len(a) {
		corner := 0
		for j := range len(b) {
			above := row[j+1]
			if a[i] == b[j] {
				row[j+1] = corner + 1
			} else {
				row[j+1] = max(above, row[j])
			}
			corner = above
		}
	}
	return row[len(b)]
}
