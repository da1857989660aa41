package report

import (
	"math"
	"strings"
)

const blocks = "▁▂▃▄▅▆▇█"

// spark draws values as blocks between the smallest and the largest of them: a
// gap where a value is not known, a level line where all are the same.
func spark(values []float64) string {
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, v := range values {
		if finite(v) {
			lo, hi = min(lo, v), max(hi, v)
		}
	}
	levels := []rune(blocks)
	var b strings.Builder
	for _, v := range values {
		switch {
		case !finite(v):
			b.WriteByte(' ')
		case lo/2 == hi/2: // halved, so that the range of the largest numbers is finite
			b.WriteRune(levels[len(levels)/2-1])
		default:
			at := (v/2 - lo/2) / (hi/2 - lo/2) * float64(len(levels))
			b.WriteRune(levels[min(int(at), len(levels)-1)])
		}
	}
	return b.String()
}

// trend draws the newest of a metric's history and, after a bar, the head. The
// result is width columns wide at most; without history it is empty.
func trend(history []float64, head float64, width int) (past, now string) {
	room := max(width-2, 1)
	if len(history) > room {
		history = history[len(history)-room:]
	}
	values := append(append(make([]float64, 0, len(history)+1), history...), head)
	if len(history) == 0 {
		return "", ""
	}
	line := []rune(spark(values))
	if !finite(head) {
		return string(line[:len(line)-1]), ""
	}
	return string(line[:len(line)-1]) + "│", string(line[len(line)-1:])
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
