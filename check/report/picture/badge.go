package picture

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/plumbline-ci/plumbline/check/report"
)

// Color is one of the colours that shields.io has a name for.
type Color string

// The colours of badges: from all is well over attention to trouble, what only
// informs, and what is not known.
const (
	BrightGreen Color = "brightgreen"
	Green       Color = "green"
	YellowGreen Color = "yellowgreen"
	Yellow      Color = "yellow"
	Orange      Color = "orange"
	Red         Color = "red"
	Blue        Color = "blue"
	LightGrey   Color = "lightgrey"
)

// palette are the colours as shields.io has them, that which warns most last. What
// is none of them is as the first.
var palette = []struct {
	Color
	rgb uint32
}{
	{LightGrey, 0x9f9f9f}, {Blue, 0x007ec6}, {BrightGreen, 0x44cc11}, {Green, 0x97ca00},
	{YellowGreen, 0xa4a61d}, {Yellow, 0xdfb317}, {Orange, 0xfe7d37}, {Red, 0xe05d44},
}

func (c Color) rank() int {
	for i := range palette {
		if palette[i].Color == c {
			return i
		}
	}
	return 0
}

func (c Color) rgb() uint32 { return palette[c.rank()].rgb }

// Badge is two short texts beside each other, the second on a colour. Both may
// come from outside.
type Badge struct {
	Label, Message string
	Color          Color // empty: LightGrey
}

// What a badge is measured by, in pixels.
const (
	badgeHeight = 20
	badgeFont   = 11
	badgePad    = 5
	badgeMost   = 400 // a text wider than that is shortened
)

// WriteSVG writes the badge in the flat look of shields.io.
func (b Badge) WriteSVG(w io.Writer) error {
	label, message := half(b.Label), half(b.Message)
	left, right := boxWidth(label), boxWidth(message)
	alt := xmlText(strings.TrimPrefix(report.Shown(b.Label)+": "+report.Shown(b.Message), ": "))
	var s strings.Builder
	fmt.Fprintf(&s, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" role="img" aria-label="%s"><title>%s</title>`,
		left+right, badgeHeight, alt, alt)
	s.WriteString(`<linearGradient id="s" x2="0" y2="100%"><stop offset="0" stop-color="#bbb" stop-opacity=".1"/><stop offset="1" stop-opacity=".1"/></linearGradient>`)
	fmt.Fprintf(&s, `<clipPath id="r"><rect width="%d" height="%d" rx="3" fill="#fff"/></clipPath><g clip-path="url(#r)">`, left+right, badgeHeight)
	const dark = 0x555555
	for _, box := range []struct {
		x, width int
		fill     string
	}{{0, left, hex(dark)}, {left, right, hex(b.Color.rgb())}, {0, left + right, "url(#s)"}} {
		fmt.Fprintf(&s, `<rect x="%d" width="%d" height="%d" fill="%s"/>`, box.x, box.width, badgeHeight, box.fill)
	}
	s.WriteString(`</g><g text-anchor="middle" font-family="` + fontFamily + `" text-rendering="geometricPrecision" font-size="110">`)
	halfText(&s, label, 0, left, dark)
	halfText(&s, message, left, right, b.Color.rgb())
	s.WriteString("</g></svg>\n")
	_, err := io.WriteString(w, s.String())
	return err
}

// half is one of the texts as it is shown.
func half(s string) string { return fit(report.Shown(s), badgeFont, badgeMost) }

func boxWidth(s string) int {
	if s == "" {
		return 0
	}
	return oddWidth(s) + 2*badgePad
}

// oddWidth is a whole and odd number of pixels, which shields.io takes because it
// makes the text sharper.
func oddWidth(s string) int { return int(math.Ceil(textWidth(s, badgeFont))) | 1 }

// halfText writes a text over its shadow in the middle of a box. Its length is
// said, so that it fits whatever font there is.
func halfText(s *strings.Builder, text string, x, width int, on uint32) {
	if text == "" {
		return
	}
	ink, shadow := "#fff", "#010101"
	if brightness(on) > 0.69 {
		ink, shadow = "#333", "#ccc"
	}
	at := 5 * (2*x + width)
	length := 10 * oddWidth(text)
	fmt.Fprintf(s, `<text aria-hidden="true" x="%d" y="150" fill="%s" fill-opacity=".3" transform="scale(.1)" textLength="%d">%s</text>`, at, shadow, length, xmlText(text))
	fmt.Fprintf(s, `<text aria-hidden="true" x="%d" y="140" fill="%s" transform="scale(.1)" textLength="%d">%s</text>`, at, ink, length, xmlText(text))
}

// brightness is what an eye makes of a colour, between 0 and 1.
func brightness(rgb uint32) float64 {
	return float64(rgb>>16&0xff*299+rgb>>8&0xff*587+rgb&0xff*114) / 255000
}

func hex(rgb uint32) string { return "#" + strconv.FormatUint(uint64(rgb|1<<24), 16)[1:] }

// WriteEndpoint writes the badge as JSON in the form that a shields.io endpoint
// badge is made of.
func (b Badge) WriteEndpoint(w io.Writer) error {
	if b.Color == "" {
		b.Color = LightGrey
	}
	return json.NewEncoder(w).Encode(struct {
		SchemaVersion int    `json:"schemaVersion"`
		Label         string `json:"label"`
		Message       string `json:"message"`
		Color         Color  `json:"color"`
	}{1, report.Shown(b.Label), report.Shown(b.Message), b.Color})
}
