// Package workflow writes the workflow files that use plumbline and reads those
// that a repository has: which of them use it, for which events and with which
// permissions, and what in them would keep the gate from speaking.
//
// It sees a repository as an [io/fs.FS] and writes nothing itself. A kind of
// project that it knows is one row in kits.go.
//
//	for _, k := range workflow.Detect(os.DirFS(".")) {
//		fmt.Println(k.Found, k.Results)
//	}
package workflow
