// Package notice remembers which lasting changes for the worse were told to whom,
// so that each is told once, and sends what is to be told: to Slack, Discord,
// Teams, a webhook, and by mail.
//
// What was told is a [State], the whole memory of one suite. [State.Update] holds
// what a run found against it and is pure: the same findings on the same state
// change nothing. Where the state is kept, and who may write to it at once, is the
// caller's: a [File] of this machine, or the text of an issue.
//
// It may import collect, check and check/report, which writes the messages. To
// add a medium, write its message in check/report, its row in send.go, its keys in
// internal/config, and a server that holds its contract in the tests.
package notice
