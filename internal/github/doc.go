// Package github is all that plumbline knows of GitHub: the event that started
// a job, the inputs, outputs and summary of a step, and the rules for a
// workspace that a stranger's pull request may have filled.
//
// It may import baseline/store, check/report, check and collect. No other
// package imports GitHub's libraries.
//
// What comes from outside (names, branches, test output) reaches the log only
// through Step's methods and Log, which disarm workflow commands, and never
// reaches an output: those are numbers, fixed words and checked paths.
//
// To add an input, add it to Inputs and to action.yml; to add an output, to
// Outputs and action.yml. A test holds them together.
//
//	step, err := github.NewStep(os.Getenv, os.Stdout)
//	files, err := step.Files("reports/**/*.xml")
//	err = step.SetOutputs(github.Outputs{Verdict: check.Pass})
package github
