package baseline

// leads finds for each run the one that it goes and stays with: that which it
// was to confirm, through re-runs of re-runs, or itself. Lines with the same id
// are one run, and the newest of them leads.
func leads(runs []Entry) []int {
	byID := make(map[string]int, len(runs))
	for i, e := range runs {
		if j, twice := byID[e.ID]; !twice || compareAge(e, runs[j]) < 0 {
			byID[e.ID] = i
		}
	}
	up := make([]int, len(runs))
	for i, e := range runs {
		up[i] = byID[e.ID]
		if j, ok := byID[e.RerunOf]; ok && e.RerunOf != "" && up[i] == i {
			up[i] = j
		}
	}
	breakRings(runs, up)
	lead := make([]int, len(runs))
	for i := range lead {
		at := i
		for up[at] != at {
			up[at] = up[up[at]] // so that a long chain is not walked again and again
			at = up[at]
		}
		lead[i] = at
	}
	return lead
}

// breakRings makes the oldest run of a ring of re-runs, which no program writes,
// one that belongs to none.
func breakRings(runs []Entry, up []int) {
	visit := make([]int, len(up)) // the walk that came by, counted from 1
	for start := range up {
		at := start
		for visit[at] == 0 {
			visit[at] = start + 1
			at = up[at]
		}
		if visit[at] != start+1 {
			continue // an earlier walk has been here
		}
		oldest := at
		for next := up[at]; next != at; next = up[next] {
			if compareAge(runs[oldest], runs[next]) < 0 {
				oldest = next
			}
		}
		up[oldest] = oldest
	}
}
