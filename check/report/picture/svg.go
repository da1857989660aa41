package picture

import (
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/plumbline-ci/plumbline/check/report"
)

// fontFamily is the fonts whose widths the table of advances has.
const fontFamily = "Verdana,Geneva,DejaVu Sans,sans-serif"

// SVG writes a history as a drawing that takes no script, no font and no file
// from elsewhere.
func SVG(w io.Writer, s report.Series, o Options) error {
	o, err := o.checked()
	if err != nil {
		return err
	}
	p := newPlot(s, o)
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-labelledby="t d" font-family="%s">`,
		o.Width, o.Height, o.Width, o.Height, fontFamily)
	fmt.Fprintf(&b, "<title id=\"t\">%s</title><desc id=\"d\">%s</desc>\n<style>%s</style>\n", xmlText(p.title), xmlText(p.describe()), styles(o.Theme))
	for i := range p.shapes {
		p.shapes[i].svg(&b)
	}
	b.WriteString("</svg>\n")
	_, err = io.WriteString(w, b.String())
	return err
}

// styles are the colours of the roles in a theme; of Auto as the reader's system
// wants it.
func styles(t Theme) string {
	var b strings.Builder
	if t != Dark {
		rules(&b, lightColors)
	}
	switch t {
	case Dark:
		rules(&b, darkColors)
	case Auto:
		b.WriteString("@media (prefers-color-scheme:dark){")
		rules(&b, darkColors)
		b.WriteString("}")
	}
	return b.String()
}

func rules(b *strings.Builder, colors func(role) uint32) {
	for r := range roles {
		fmt.Fprintf(b, ".f%d{fill:%s}.s%d{stroke:%s}", r, hex(colors(r)), r, hex(colors(r)))
	}
}

// svg writes one shape.
func (s *shape) svg(b *strings.Builder) {
	if s.text != "" {
		fmt.Fprintf(b, `<text class="f%d" x="%s" y="%s" font-size="%s"%s>%s</text>`+"\n",
			s.role, tenth(s.at[0].x), tenth(s.at[0].y), tenth(s.size), anchors[s.anchor], xmlText(s.text))
		return
	}
	class := fmt.Sprintf(`class="f%d"`, s.role)
	switch {
	case s.radius > 0 && s.width == 0: // a line without length that has round ends: no shape takes fewer bytes
		class = fmt.Sprintf(`class="s%d" stroke-linecap="round" stroke-width="%s"`, s.role, tenth(2*s.radius))
	case s.width > 0:
		class = fmt.Sprintf(`class="s%d" fill="none" stroke-width="%s"`, s.role, tenth(s.width))
	}
	if s.dash > 0 {
		class += ` stroke-dasharray="` + tenth(s.dash) + `"`
	}
	if s.faint {
		class += ` opacity="` + strconv.FormatFloat(faintness, 'f', -1, 64) + `"`
	}
	b.WriteString("<path " + class + ` d="`)
	for i, p := range s.at {
		switch {
		case s.radius > 0 && s.width == 0:
			b.WriteString("M" + tenth(p.x) + " " + tenth(p.y) + "h0")
		case s.radius > 0:
			p.ring(b, s.radius)
		default:
			b.WriteString([2]string{"M", "L"}[min(i, 1)] + tenth(p.x) + " " + tenth(p.y))
		}
	}
	if s.width == 0 && s.radius == 0 {
		b.WriteByte('Z')
	}
	b.WriteString("\"/>\n")
}

// ring writes a circle as a path, of which one can hold many.
func (p point) ring(b *strings.Builder, r float64) {
	d, arc := tenth(2*r), "a"+tenth(r)+" "+tenth(r)+" 0 1 0 "
	b.WriteString("M" + tenth(p.x-r) + " " + tenth(p.y) + arc + d + " 0" + arc + "-" + d + " 0")
}

var anchors = [...]string{start: "", middle: ` text-anchor="middle"`, end: ` text-anchor="end"`}

// tenth writes a length with at most one digit after the point.
func tenth(x float64) string {
	return strings.TrimSuffix(strconv.FormatFloat(x, 'f', 1, 64), ".0")
}

// xmlText escapes a text for an element or an attribute. What XML cannot hold
// becomes the character that stands for such.
func xmlText(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a builder takes everything
	return b.String()
}
