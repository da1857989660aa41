package report

// Clean makes text from outside one harmless line of at most so many runes, for
// who draws a screen: no escape sequences, nothing invisible and nothing that turns
// the direction of writing.
func Clean(s string, limit int) string { return clean(s, limit) }

// Columns counts the columns that text takes on a terminal.
func Columns(s string) int { return columns(s) }

// Shorten cuts the middle out of a metric's name so that it takes width columns at
// most.
func Shorten(name string, width int) string { return shorten(name, width) }

// Spark draws values as blocks between the smallest and the largest of them.
func Spark(values []float64) string { return spark(values) }
