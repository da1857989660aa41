// Package watch is the live view of a run under way, or of a program's recorder: a
// screen on a terminal, and a line at each interval elsewhere. It may import
// collect and check/report, whose rules for text from outside it keeps; what it
// shows comes from a Source, such as those of the package live.
//
//	err := watch.Screen(ctx, watch.Options{Source: s, Interval: time.Second, Out: os.Stdout})
//
// History is what was seen so far, View what the person chose to see of it, and
// View.Draw makes the lines: none of them knows a terminal. To add a section, add
// its row to sections and its cells to section.
package watch
