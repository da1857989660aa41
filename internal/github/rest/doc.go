// Package rest talks to GitHub's REST interface about one repository: which
// workflow runs and artifacts there are, what a pull request is, and the
// comment, check and status that tell of a verdict.
//
// Every request is tried again where that is safe, waits as long as GitHub asks
// for, and ends with the context: a time budget is its deadline. Nothing here
// decides a verdict, and no error of it may.
package rest
