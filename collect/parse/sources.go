package parse

import (
	"cmp"
	"maps"
	"slices"
	"sort"
	"strings"
)

// Sources is what is known of the repository whose code was covered. The zero
// value knows nothing.
type Sources struct {
	// Root is the folder of the checkout, absolute and with slashes. The names of
	// source files inside of it are made relative to it.
	Root string
	// Files are the names of all files of the repository, relative to Root.
	Files []string
	// Changed are the lines that a change adds or alters, by the name of their
	// file. Nil means that it is not known; empty that there are none.
	Changed map[string][]LineRange
	// Packages asks for the figures of each folder, too.
	Packages bool
}

// LineRange is a stretch of lines, counted from 1, both ends of it included.
type LineRange struct{ From, To uint32 }

// sourceName is a source file's name as a report has it, and as it is known now.
type sourceName struct{ was, now string }

// maxReports bounds the pairs of reports that are held against each other. Past
// it the names of all count as those of one.
const maxReports = 16

// unite makes one source file of those that reports name differently, where it
// is certain that they are one:
//
//   - a name inside of the checkout loses the checkout's folder;
//   - where the files of the repository are known, the names of a report are
//     placed under the one folder, or lose the one folder, that fits all of them
//     that fit at all; see placeNames;
//   - of two reports, the names of the one lose the folder that all of them have
//     in common with the checkout, where that makes names of the other; see root.
//
// Names that are still different after that are different files.
func (c *coverage) unite(src Sources) {
	if len(c.files) == 0 {
		return
	}
	root := strings.TrimSuffix(src.Root, "/") + "/"
	groups := c.groups(func(name string) string {
		if src.Root == "" {
			return name
		}
		return strings.TrimPrefix(name, root)
	})
	if len(src.Files) > 0 {
		for _, g := range groups {
			placeNames(g, src.Files)
		}
	}
	for again := len(groups) > 1; again; {
		again = uniteOnce(groups)
	}
	c.rename(groups)
}

// groups returns the names of each report. Absolute names of all reports are one
// group, the first.
func (c *coverage) groups(now func(string) string) [][]sourceName {
	reports := c.reports
	if len(reports) == 0 {
		reports = [][]string{slices.Collect(maps.Keys(c.files))}
	}
	var anywhere []sourceName
	var groups [][]sourceName
	for i, report := range reports {
		var g []sourceName
		for _, name := range report {
			n := sourceName{name, now(name)}
			if absolute(n.now) {
				anywhere = append(anywhere, n)
			} else {
				g = append(g, n)
			}
		}
		if i < maxReports {
			groups = append(groups, g)
		} else {
			groups[0] = append(groups[0], g...)
		}
	}
	groups = append(groups, anywhere)
	groups = slices.DeleteFunc(groups, func(g []sourceName) bool { return len(g) == 0 })
	for _, g := range groups {
		sort.Slice(g, func(i, j int) bool {
			a, b := &g[i], &g[j]
			return cmp.Or(cmp.Compare(a.now, b.now), cmp.Compare(a.was, b.was)) < 0
		})
	}
	return groups
}

// uniteOnce looks for two groups of which one has names that the other has below
// a folder.
func uniteOnce(groups [][]sourceName) bool {
	for i, long := range groups {
		for k, short := range groups {
			if i == k {
				continue
			}
			if folder, ok := root(long, short); ok {
				for n := range long {
					long[n].now = strings.TrimPrefix(long[n].now, folder)
				}
				return true
			}
		}
	}
	return false
}

// root returns the folder, with its slash, that all names of long begin with and
// that makes names of short of them. It is certain if no name of short is the end
// of one of long in any other way, and if one of two parts or more, or two, say
// so alone.
func root(long, short []sourceName) (folder string, ok bool) {
	names := map[string]string{} // of short: the folder that it is in
	for _, n := range short {
		names[n.now] = ""
	}
	const several = "\x00"
	for _, n := range long {
		if _, same := names[n.now]; same {
			return "", false // they begin at the same folder
		}
		for end := range ends(n.now) {
			if have, is := names[end]; is {
				in := n.now[:len(n.now)-len(end)]
				if have != "" && have != in {
					in = several
				}
				names[end] = in
			}
		}
	}
	evidence := 0
	for name, in := range names {
		switch {
		case in == "" || in == several:
		case folder != "" && in != folder:
			return "", false
		default:
			folder = in
			evidence += 1 + strings.Count(name, "/")
		}
	}
	if evidence < 2 {
		return "", false
	}
	whole := map[string]bool{}
	for _, n := range long {
		if !strings.HasPrefix(n.now, folder) {
			return "", false
		}
		whole[n.now] = true
	}
	for name, in := range names {
		if in == several && !whole[folder+name] {
			return "", false
		}
	}
	return folder, true
}

// ends are the ends of a path that begin at one of its parts, the whole first.
func ends(path string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for {
			if !yield(path) {
				return
			}
			i := strings.IndexByte(path, '/')
			if i < 0 || i == len(path)-1 {
				return
			}
			path = path[i+1:]
		}
	}
}

// rename gives the files their names, and makes one of those with the same. A
// name that reports disagree about stays: what they say of it is united already.
func (c *coverage) rename(groups [][]sourceName) {
	to := map[string]string{}
	for _, g := range groups {
		for _, n := range g {
			if have, twice := to[n.was]; twice && have != n.now {
				n.now = n.was
			}
			to[n.was] = n.now
		}
	}
	renamed := map[string]*fileCoverage{}
	for _, was := range slices.Sorted(maps.Keys(to)) {
		now := to[was]
		if have := renamed[now]; have != nil {
			have.merge(c.files[was])
		} else {
			renamed[now] = c.files[was]
		}
	}
	c.files, c.reports, c.last = renamed, nil, nil
}
