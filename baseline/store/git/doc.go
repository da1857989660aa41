// Package git is the store on a branch of a git repository: record files by day
// on a branch of their own, which shares no commit with the code. Each Put is a
// commit on top of what the remote has, pushed under a lease; where another job
// was faster, it is put on top of that one's commit. Delete leaves one commit.
//
// It runs the program git, in a private repository that lives as long as the
// Store: the user's worktree, index, HEAD, configuration and branches are never
// touched. Remote and credentials are those of the checkout.
//
// It may import baseline and collect.
//
//	s, err := git.Open("git:perf") // or git:perf@upstream, git:perf@https://host/o/r
//	...
//	defer s.Close()
package git
