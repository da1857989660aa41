// Package servicetest starts real servers for tests, each on a free port of this
// machine, with folders of its own and for one test. It imports nothing of this
// module. Where a server is not installed the test is skipped, and the reason
// says what to install; .ci/run does.
package servicetest
