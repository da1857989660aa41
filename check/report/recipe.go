package report

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/plumbline-ci/plumbline/check"
)

// waiveDays is how long the waiver that a page proposes lasts.
const waiveDays = 60

// recipe is what to type or to paste about the worst metric, in a fold. It is
// empty where nothing got worse, and for a name that would need escaping in YAML
// or in a shell: nobody is to paste what somebody else wrote.
func (p *Page) recipe() string {
	c := p.worst()
	if c == nil || !pasteable(c.Name) {
		return ""
	}
	var b strings.Builder
	b.WriteString("\n<details><summary>look closer, or let it pass</summary>\n\n")
	b.WriteString("Why, with the arithmetic, from the run's artifact or a store:\n\n```sh\nplumbline explain '" + c.Name + "' --history artifact.zip\n```\n\n")
	if until := p.Result.Head.Time; c.Status == check.Regressed && !until.IsZero() {
		ceiling := ""
		if d := math.Abs(c.DeltaPct); finite(d) && d < 1e4 {
			ceiling = fmt.Sprintf("ceiling: %d%%, ", int(math.Ceil(d/5+0.5))*5)
		}
		fmt.Fprintf(&b, "In `.plumbline.yml`, for a time, or for good:\n\n```yaml\nwaivers:\n  - {metric: \"%s\", %suntil: %s, reason: \"...\"}\n",
			c.Name, ceiling, until.UTC().Add(waiveDays*24*time.Hour).Format(time.DateOnly))
		fmt.Fprintf(&b, "accepted:\n  - {metric: \"%s\", since: %s, %sreason: \"...\"}\n```\n\n", c.Name, until.UTC().Format(time.DateOnly), ceiling)
	}
	b.WriteString("</details>\n")
	return b.String()
}

// pasteable reports whether a name means itself between the quotes of a shell
// and of YAML, in a pattern, and in a block of code.
func pasteable(name string) bool {
	for _, r := range name {
		if r >= 0x80 || !letter(byte(r)) && !strings.ContainsRune("0123456789./_-[]=,:() +", r) {
			return false
		}
	}
	return name != "" && len(name) <= maxName
}
