package picture

import (
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"math"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"

	"github.com/plumbline-ci/plumbline/check/report"
)

// PNG writes the same drawing as SVG as an image. Its letters are those of the Go
// font: Latin, Greek and Cyrillic ones; any other is a box.
func PNG(w io.Writer, s report.Series, o Options) error {
	o, err := o.checked()
	if err != nil {
		return err
	}
	letters, err := opentype.Parse(goregular.TTF)
	if err != nil {
		return fmt.Errorf("read the font: %w", err)
	}
	c := canvas{
		to: image.NewRGBA(image.Rect(0, 0, o.Width*o.Scale, o.Height*o.Scale)), scale: float64(o.Scale),
		colors: lightColors, letters: letters, faces: map[float64]font.Face{},
	}
	if o.Theme == Dark {
		c.colors = darkColors
	}
	p := newPlot(s, o)
	for i := range p.shapes {
		if err := c.shape(&p.shapes[i]); err != nil {
			return err
		}
	}
	return png.Encode(w, c.to)
}

// canvas is an image that shapes are put on.
type canvas struct {
	to      *image.RGBA
	scale   float64
	colors  func(role) uint32
	letters *opentype.Font
	faces   map[float64]font.Face // by size
}

func (c *canvas) shape(s *shape) error {
	switch {
	case s.text != "":
		return c.text(s)
	case s.radius > 0:
		for _, p := range s.at {
			c.fill(s, [][]point{c.polygon(p, s.radius+s.width/2)}, ring(c, p, s))
		}
	case s.width > 0:
		c.fill(s, c.strokes(s), nil)
	default:
		c.fill(s, [][]point{c.scaled(s.at)}, nil)
	}
	return nil
}

// ring is the hole in a dot that has a width: nothing where it has none.
func ring(c *canvas, p point, s *shape) []point {
	if s.width == 0 {
		return nil
	}
	return c.polygon(p, s.radius-s.width/2)
}

func (c *canvas) scaled(at []point) []point {
	all := make([]point, len(at))
	for i, p := range at {
		all[i] = point{p.x * c.scale, p.y * c.scale}
	}
	return all
}

// polygon is a circle with so many corners that none is seen.
func (c *canvas) polygon(at point, radius float64) []point {
	const corners = 32
	all := make([]point, corners)
	for i := range all {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / corners)
		all[i] = point{(at.x + radius*cos) * c.scale, (at.y + radius*sin) * c.scale}
	}
	return all
}

// strokes are the dashes of a line as areas, all turning the same way, since the
// rasteriser takes one that turns the other way out of those below it.
func (c *canvas) strokes(s *shape) [][]point {
	var all [][]point
	for i := 1; i < len(s.at); i++ {
		a, b := s.at[i-1], s.at[i]
		length := math.Hypot(b.x-a.x, b.y-a.y)
		if length == 0 {
			continue
		}
		ux, uy := (b.x-a.x)/length, (b.y-a.y)/length
		on, gap := length, 0.0
		if s.dash > 0 {
			on, gap = s.dash, s.dash
		}
		for from := 0.0; from < length; from += on + gap {
			to := min(from+on, length)
			if s.dash == 0 { // half a width more closes the corners of steps
				from, to = -s.width/2, length+s.width/2
			}
			nx, ny := -uy*s.width/2, ux*s.width/2
			all = append(all, c.scaled([]point{
				{a.x + ux*from + nx, a.y + uy*from + ny}, {a.x + ux*from - nx, a.y + uy*from - ny},
				{a.x + ux*to - nx, a.y + uy*to - ny}, {a.x + ux*to + nx, a.y + uy*to + ny},
			}))
			if s.dash == 0 {
				break
			}
		}
	}
	return all
}

// fill colours areas but for a hole.
func (c *canvas) fill(s *shape, areas [][]point, hole []point) {
	box := bounds(areas).Intersect(c.to.Bounds())
	if box.Empty() {
		return
	}
	r := vector.NewRasterizer(box.Dx(), box.Dy())
	for _, a := range areas {
		path(r, box.Min, a)
	}
	if hole != nil {
		for i, j := 0, len(hole)-1; i < j; i, j = i+1, j-1 {
			hole[i], hole[j] = hole[j], hole[i]
		}
		path(r, box.Min, hole)
	}
	r.Draw(c.to, box, image.NewUniform(c.color(s)), image.Point{})
}

func path(r *vector.Rasterizer, origin image.Point, at []point) {
	for i, p := range at {
		x, y := float32(p.x-float64(origin.X)), float32(p.y-float64(origin.Y))
		if i == 0 {
			r.MoveTo(x, y)
		} else {
			r.LineTo(x, y)
		}
	}
	r.ClosePath()
}

func bounds(areas [][]point) image.Rectangle {
	var box image.Rectangle
	for _, a := range areas {
		for _, p := range a {
			x, y := int(math.Floor(p.x)), int(math.Floor(p.y))
			box = box.Union(image.Rect(x, y, x+2, y+2))
		}
	}
	return box
}

func (c *canvas) color(s *shape) color.Color {
	rgb, alpha := c.colors(s.role), uint8(255)
	if s.faint {
		alpha = uint8(math.Round(faintness * math.MaxUint8))
	}
	return color.NRGBA{R: uint8(rgb >> 16), G: uint8(rgb >> 8), B: uint8(rgb), A: alpha}
}

// text writes letters where they stand in the drawing.
func (c *canvas) text(s *shape) error {
	face, ok := c.faces[s.size]
	if !ok {
		var err error
		face, err = opentype.NewFace(c.letters, &opentype.FaceOptions{Size: s.size * c.scale, DPI: 72, Hinting: font.HintingFull})
		if err != nil {
			return fmt.Errorf("scale the font: %w", err)
		}
		c.faces[s.size] = face
	}
	d := font.Drawer{Dst: c.to, Src: image.NewUniform(c.color(s)), Face: face}
	x := s.at[0].x * c.scale
	switch width := float64(d.MeasureString(s.text)) / 64; s.anchor {
	case middle:
		x -= width / 2
	case end:
		x -= width
	}
	d.Dot = fixed.Point26_6{X: fixed.Int26_6(x * 64), Y: fixed.Int26_6(s.at[0].y * c.scale * 64)}
	d.DrawString(s.text)
	return nil
}
