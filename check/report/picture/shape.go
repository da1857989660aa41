package picture

import (
	"cmp"
	"fmt"
)

// Theme is what a picture is seen on.
type Theme string

// The themes. Auto is light or dark as the reader's system wants it; a PNG cannot
// know that, and is light.
const (
	Auto  Theme = "auto"
	Light Theme = "light"
	Dark  Theme = "dark"
)

// Options say how a picture looks. The zero value works.
type Options struct {
	Width, Height int    // in pixels; 0: 800 and 400
	Scale         int    // of a PNG: pixels of the file for one of the drawing; 0: 1
	Theme         Theme  // empty: Auto
	Title         string // empty: the metric's name
}

// How large a picture may be: less is no chart, and more takes too much memory.
const (
	defaultWidth, defaultHeight = 800, 400
	leastWidth, leastHeight     = 240, 140
	mostSide, mostScale         = 4000, 4
	mostPixels                  = 64_000_000
)

// Check says what is wrong with them.
func (o Options) Check() error {
	_, err := o.checked()
	return err
}

// checked fills in what is not said.
func (o Options) checked() (Options, error) {
	o.Width, o.Height = cmp.Or(o.Width, defaultWidth), cmp.Or(o.Height, defaultHeight)
	o.Scale, o.Theme = cmp.Or(o.Scale, 1), cmp.Or(o.Theme, Auto)
	switch {
	case o.Width < leastWidth || o.Width > mostSide:
		return o, fmt.Errorf("width %d: want %d to %d pixels", o.Width, leastWidth, mostSide)
	case o.Height < leastHeight || o.Height > mostSide:
		return o, fmt.Errorf("height %d: want %d to %d pixels", o.Height, leastHeight, mostSide)
	case o.Scale < 1 || o.Scale > mostScale:
		return o, fmt.Errorf("scale %d: want 1 to %d", o.Scale, mostScale)
	case o.Width*o.Height*o.Scale*o.Scale > mostPixels:
		return o, fmt.Errorf("a picture of %d by %d at scale %d has more than %d million pixels", o.Width, o.Height, o.Scale, mostPixels/1_000_000)
	case o.Theme != Auto && o.Theme != Light && o.Theme != Dark:
		return o, fmt.Errorf("theme %q: want auto, light or dark", o.Theme)
	}
	return o, nil
}

// role is what a shape stands for; the theme gives it a colour.
type role int

const (
	paper role = iota
	grid
	faintInk
	ink
	values  // what runs measured
	foreign // on another kind of machine
	level
	limit
	bad
	doubtful
	good
	roles // how many there are
)

func lightColors(r role) uint32 {
	return [roles]uint32{
		paper: 0xffffff, grid: 0xe3e6ea, faintInk: 0x57606a, ink: 0x1f2328, values: 0x0969da, foreign: 0x8c959f,
		level: 0x0550ae, limit: 0x8250df, bad: 0xcf222e, doubtful: 0x9a6700, good: 0x1a7f37,
	}[r]
}

func darkColors(r role) uint32 {
	return [roles]uint32{
		paper: 0x0d1117, grid: 0x272d36, faintInk: 0x9198a1, ink: 0xf0f6fc, values: 0x58a6ff, foreign: 0x767e88,
		level: 0xa5d6ff, limit: 0xbc8cff, bad: 0xff7b72, doubtful: 0xe3b341, good: 0x56d364,
	}[r]
}

// faintness is the opacity of what lies under the rest.
const faintness = 0.16

type point struct{ x, y float64 }

// anchor says which end of a text stands at its point.
type anchor int

const (
	start anchor = iota
	middle
	end
)

// shape is a text, round dots, a line or an area: a text where there is one, dots
// where there is a radius, a line where there is a width.
type shape struct {
	role   role
	at     []point
	radius float64 // of a dot at each point; with a width it is a ring
	width  float64 // of the line
	dash   float64 // how long its dashes and its gaps are; 0: none
	faint  bool
	text   string
	size   float64
	anchor anchor
}
