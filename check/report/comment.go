package report

import (
	"fmt"
	"slices"
	"strings"
)

// Marker begins every comment of ours, so that it is found again.
const Marker = "<!-- plumbline:comment -->"

// mostNamed is how many suites the headline of a comment names.
const mostNamed = 3

// Comment writes the comment of a pull request: in the first line the verdict in
// words over all parts, then the parts, each behind a marker of its own, in the
// order given. It takes at most most bytes, and never more than MaxMarkdownBytes.
// What got worse is given the room that the others leave: first the tables and
// folds of a part go, then all but its headline, and at last the part itself,
// which is counted.
func Comment(parts []Part, most int) string {
	head := Marker + "\n### " + headlineOf(parts) + "\n"
	shown, bodies := fit(parts, min(most, MaxMarkdownBytes)-len(head)-moreBytes)
	var b strings.Builder
	b.WriteString(head)
	rest := len(parts)
	for i := range parts {
		if shown[i] {
			b.WriteString(parts[i].frame(bodies[i], len(parts) == 1))
			rest--
		}
	}
	if rest > 0 {
		fmt.Fprintf(&b, "\n%s more %s not shown here.\n", thousands(rest), verb(rest, "suite is", "suites are"))
	}
	return b.String()
}

// fit decides which parts have room, and how much of them: all headlines first,
// those of the worst before the others, then each body has its share of what is
// left, and what it does not need goes to the worse ones.
func fit(parts []Part, left int) (shown []bool, bodies []string) {
	shown, bodies = make([]bool, len(parts)), make([]string, len(parts))
	worst := make([]int, len(parts))
	for i := range worst {
		worst[i] = i
	}
	slices.SortStableFunc(worst, func(a, b int) int { return parts[a].severity() - parts[b].severity() })
	chosen := worst[:0:0]
	for _, i := range worst {
		if n := len(parts[i].frame("", len(parts) == 1)); n <= left {
			left -= n
			shown[i] = true
			chosen = append(chosen, i)
		}
	}
	all := 0
	for _, i := range chosen {
		all += parts[i].weight()
	}
	for _, i := range slices.Backward(chosen) {
		bodies[i] = parts[i].body(left * parts[i].weight() / all)
		left -= len(bodies[i])
		all -= parts[i].weight()
	}
	return shown, bodies
}

// frame sets the body between markers by which ReadComment finds it. A part that
// is alone has its headline above, and one that passed is folded.
func (p *Part) frame(body string, alone bool) string {
	if body == "" {
		body = "\n- what it says in full does not fit here\n" + item("run", link("the run", p.run))
	}
	suite, open, end := element(p.Suite), "", ""
	switch {
	case alone:
		end = "\n<sub>suite " + suite + "</sub>\n"
	case p.State == StatePass || p.State == StateUnjudged:
		open, end = "<details><summary>"+suite+": "+p.says+"</summary>\n", "\n</details>\n"
	default:
		open = "\n#### " + suite + ": " + p.says + "\n"
	}
	return "\n" + p.mark() + "\n" + open + textStart + body + textEnd + end
}

// headlineOf is the verdict over all parts in words.
func headlineOf(parts []Part) string {
	if len(parts) == 1 {
		return parts[0].says
	}
	by := make(map[State][]string)
	for i := range parts {
		by[parts[i].State] = append(by[parts[i].State], element(parts[i].Suite))
	}
	all := plural(len(parts), "suite")
	worst := states[slices.IndexFunc(states, func(s State) bool { return len(by[s]) > 0 })]
	n := len(by[worst])
	said := string(worst) + ": " + thousands(n) + " of " + all + " "
	switch worst {
	case StateRegression:
		said += "got worse, " + firstOf(by[worst])
	case StateSuspect:
		said += verb(n, "looks", "look") + " worse, " + firstOf(by[worst])
	case StateInconclusive:
		said += "could not be judged, " + firstOf(by[worst])
	case StateUnjudged:
		if n == len(parts) {
			return "nothing judged in " + all
		}
		return "pass: none of " + plural(len(by[StatePass]), "suite") + " got worse; " + thousands(n) + " judged nothing"
	case StatePass:
		return "pass: none of " + all + " got worse"
	}
	for _, s := range states {
		if n := len(by[s]); n > 0 && s != worst {
			said += "; " + thousands(n) + " " + verb(n, besides[s][0], besides[s][1])
		}
	}
	return said
}

// besides is what a headline says of the one suite or the several in a state
// that is not the worst.
var besides = map[State][2]string{
	StateSuspect: {"is suspect", "are suspect"}, StateInconclusive: {"is inconclusive", "are inconclusive"},
	StateUnjudged: {"judged nothing", "judged nothing"}, StatePass: {"passes", "pass"},
}

// firstOf lists names, the first few by name.
func firstOf(names []string) string {
	if more := len(names) - mostNamed; more > 0 {
		return strings.Join(names[:mostNamed], ", ") + " and " + thousands(more) + " more"
	}
	return strings.Join(names, ", ")
}
