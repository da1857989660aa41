package probe

// currentPeak is the most memory that this program had, in bytes.
func currentPeak() int64 { return highWater() }
