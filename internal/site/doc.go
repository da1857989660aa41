// Package site makes a static history site: an index over suites, a page for each
// with its metrics and their charts, and badges and pictures as files with stable
// names. It works from a folder as from a server, under any path, and loads nothing
// from elsewhere.
//
// It may import baseline, check and check/report with its parts. What the pages
// are made of is pure; folder.go alone writes, and it touches no file that it did
// not make. The same history gives the same bytes.
//
// Pages stay small because the values of a metric are not in them: data files have
// those of some fifty metrics each, and are read when one of their charts is seen.
// They are scripts that hand over JSON, since a page that was opened from a folder
// may load scripts but not read files:
//
//	err := site.Write(folder, suites)
package site
