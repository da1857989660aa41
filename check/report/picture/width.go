package picture

import (
	"unicode"

	"github.com/mattn/go-runewidth"
)

// advances are the widths of the printable characters of ASCII in Verdana, in
// parts of emSize: the font that the badges of shields.io are set in. DejaVu Sans,
// which stands for it on Linux, differs by less than a twentieth.
var advances = [...]uint16{
	720, 806, 940, 1676, 1302, 2204, 1488, 550, 930, 930, 1302, 1676, 745, 930, 745, 930,
	1302, 1302, 1302, 1302, 1302, 1302, 1302, 1302, 1302, 1302, 930, 930, 1676, 1676, 1676, 1117,
	2048, 1400, 1404, 1430, 1578, 1295, 1177, 1588, 1539, 862, 931, 1419, 1140, 1726, 1532, 1612,
	1235, 1612, 1424, 1400, 1262, 1499, 1400, 2025, 1403, 1260, 1403, 930, 930, 930, 1676, 1302,
	1302, 1230, 1276, 1067, 1276, 1220, 720, 1276, 1296, 562, 705, 1212, 562, 1992, 1296, 1243,
	1276, 1276, 874, 1067, 807, 1296, 1212, 1676, 1212, 1212, 1076, 1300, 930, 1300, 1676,
}

const (
	emSize     = 2048
	otherWidth = 1300 // of letters that the table does not have
)

// textWidth is how wide a text is at a size, in the unit of the size.
func textWidth(s string, size float64) float64 {
	sum := 0
	for _, r := range s {
		sum += advance(r)
	}
	return float64(sum) * size / emSize
}

func advance(r rune) int {
	switch {
	case r >= ' ' && int(r-' ') < len(advances):
		return int(advances[r-' '])
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	case runewidth.RuneWidth(r) == 2:
		return emSize
	}
	return otherWidth
}

// fit shortens a text in its middle, for both ends of a metric's name tell
// something: what it is of, and which of its series it is.
func fit(s string, size, width float64) string {
	if textWidth(s, size) <= width {
		return s
	}
	all := []rune(s)
	head, tail := "", ""
	for i := range all {
		longer := string(all[:i/2+1]) + "…" + string(all[len(all)-(i+1)/2:])
		if textWidth(longer, size) > width {
			break
		}
		head, tail = string(all[:i/2+1]), string(all[len(all)-(i+1)/2:])
	}
	return head + "…" + tail
}
