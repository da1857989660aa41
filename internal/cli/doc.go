// Package cli has plumbline's commands, flags and exit statuses. It is the only
// package that joins the stages, and the only one that knows the process's
// arguments, environment and clock.
//
// To add a command, write a file with its constructor, list it in newRoot, and
// put a script into testdata/script that shows what a user sees.
package cli
