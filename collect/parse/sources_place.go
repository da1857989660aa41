package parse

import "strings"

// A placement says how the names of a report become those of the repository's
// files: below folder drop, which they lose, or in folder add, which they get.
// Both are with their slash, or empty.
type placement struct{ drop, add string }

// placeOf is what is known of one name: how many files it may be, and the place
// of the one that was found first.
type placeOf struct {
	fits int
	as   placement
}

// placeNames gives names of a report those that the repository has for the files. If
// one placement fits all names that are the end of a file's name, or end in one,
// it is taken, if at least half of the report fits: a report from another folder
// or machine. Else a name of two parts or more is placed alone if only one file of
// the repository ends in it, as with the packages of Java, which lie in several
// folders.
func placeNames(g []sourceName, files []string) {
	repository := map[string]bool{}
	for _, f := range files {
		repository[f] = true
	}
	found, fits := placements(g, files, repository)
	if len(found) == 0 {
		return
	}
	if fits[placement{}] == len(found) {
		return // they are the repository's names
	}
	whole, certain := placement{}, 0
	for p, n := range fits {
		if n == len(found) {
			whole = p
			certain++
		}
	}
	for i, n := range g {
		of, known := found[n.now]
		switch {
		case certain == 1 && 2*len(found) >= len(g):
			if strings.HasPrefix(n.now, whole.drop) {
				g[i].now = whole.add + n.now[len(whole.drop):]
			}
		case known && of.fits == 1 && of.as.drop == "" && strings.Contains(n.now, "/"):
			g[i].now = of.as.add + n.now
		}
	}
}

// placements looks for the files that each name may be, and counts the names that
// each placement fits.
func placements(g []sourceName, files []string, repository map[string]bool) (map[string]placeOf, map[placement]int) {
	found, fits := map[string]placeOf{}, map[placement]int{}
	note := func(name string, p placement) {
		of := found[name]
		if of.fits == 0 {
			of.as = p
		}
		of.fits++
		found[name] = of
		fits[p]++
	}
	names := map[string]bool{}
	for _, n := range g {
		if names[n.now] {
			continue
		}
		names[n.now] = true
		for end := range ends(n.now) {
			if repository[end] {
				note(n.now, placement{drop: n.now[:len(n.now)-len(end)]})
			}
		}
	}
	for _, f := range files {
		for end := range ends(f) {
			if names[end] && end != f {
				note(end, placement{add: f[:len(f)-len(end)]})
			}
		}
	}
	return found, fits
}
