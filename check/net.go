package check

// odds are how many clean runs may stand out on the way to a verdict, in parts of the
// false-alarm rate.
type odds struct {
	first   float64 // by the head run
	passing float64 // by all looks so far, when more are to come
	agreed  float64 // by the last look too
}

// A net has the odds of a metric and those of a large slowdown of all timings.
type net struct{ metrics, effect odds }

// nets are by the re-runs that are asked for. They take out most of what chance
// made stand out: the more must agree, the more may be suspect, and there are fewer
// false alarms at more power. Their rate is below that of the last look, for most
// clean runs that would pass that one have not passed those before.
var nets = [...]net{
	{metrics: odds{1.75, 1, 1}, effect: odds{3, 0.6, 0.6}},
	{metrics: odds{5, 2.5, 1.25}, effect: odds{6, 2.5, 0.9}},
}

// net is the one that the configuration asks for.
func (c *comparer) net() net { return nets[min(max(c.t.Confirm, 1), len(nets))-1] }

// rate is the share of clean runs that may stand out by so many looks.
func (o odds) rate(looks int, t *Thresholds) float64 {
	odds := o.agreed
	switch {
	case looks == 1:
		odds = o.first
	case looks <= t.Confirm:
		odds = o.passing
	}
	return min(odds*t.FalseAlarmRate, 0.5)
}
