// Package live makes runs under way visible to who watches them: each has a unix
// socket in a folder of its user, which nobody else may enter. It answers HTTP:
//
//	GET /status  what the run holds now
//	GET /end     the same, when the run has ended
//
// Nothing is measured or written while nobody asks. It may import collect.
//
//	s, err := live.Serve(live.Folder(), run.Status)
//	…
//	s.Close(last)
//
// The other side finds runs with Runs and asks one through a Source, which asks the
// recorders of other programs as well.
package live
