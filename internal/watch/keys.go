package watch

import "unicode/utf8"

// The keys that are not their own text.
const (
	KeyUp        = "up"
	KeyDown      = "down"
	KeyPageUp    = "page up"
	KeyPageDown  = "page down"
	KeyHome      = "home"
	KeyEnd       = "end"
	KeyEnter     = "enter"
	KeyEscape    = "escape"
	KeyBackspace = "backspace"
	KeyInterrupt = "interrupt" // Ctrl-C
)

// help is what the keys do.
var help = [][2]string{
	{"q, Ctrl-C", "quit"},
	{"Ctrl-Z", "stop until fg; the terminal is yours meanwhile"},
	{"/", "show the series whose name has a text; Enter keeps it, Esc drops it"},
	{"s", "sort by name, rate or value"},
	{"up, down, j, k", "scroll a line"},
	{"PgUp, PgDn, space", "scroll a screen"},
	{"Home, End, g, G", "the first and the last series"},
	{"?", "this help, or back"},
}

func helpLines(room int) []Line {
	lines := []Line{nil}
	for _, h := range help {
		lines = append(lines, Line{{"  " + pad(h[0], 19), Bold}, {h[1], Plain}})
	}
	return lines[:min(len(lines), room)]
}

// Key takes a key that was pressed, or a text that was typed, and reports whether
// it ends the watching.
func (v *View) Key(key string) (quit bool) {
	if key == KeyInterrupt {
		return true
	}
	if v.typing {
		v.typed(key)
		return false
	}
	switch key {
	case "q", "Q":
		return true
	case "?", "h":
		v.help = !v.help
	case "/":
		v.typing, v.help, v.Filter = true, false, ""
	case KeyEscape:
		v.Filter, v.help = "", false
	case "s":
		v.Order = (v.Order + 1) % orders
	default:
		v.scroll(key)
	}
	return false
}

func (v *View) scroll(key string) {
	switch key {
	case KeyUp, "k":
		v.top--
	case KeyDown, "j":
		v.top++
	case KeyPageUp:
		v.top -= max(v.page, 1)
	case KeyPageDown, " ":
		v.top += max(v.page, 1)
	case KeyHome, "g":
		v.top = 0
	case KeyEnd, "G":
		v.top = v.total
	}
}

// typed takes what is typed of the filter.
func (v *View) typed(key string) {
	v.top = 0
	switch key {
	case KeyEnter:
		v.typing = false
	case KeyEscape:
		v.typing, v.Filter = false, ""
	case KeyBackspace:
		_, n := utf8.DecodeLastRuneInString(v.Filter)
		v.Filter = v.Filter[:len(v.Filter)-n]
	default:
		if utf8.RuneCountInString(key) == 1 && len(v.Filter) < maxName {
			v.Filter += key
		}
	}
}
