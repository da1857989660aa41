// Package githubtest is a GitHub for tests that remembers: an http.Handler
// with the part of the REST API, of the artifact service and of its blob store
// that plumbline speaks, over a state that tests set up and look at afterwards.
//
// It is strict. A request that GitHub's documentation does not allow is
// answered as GitHub would and written down, and a test ends by asserting that
// [Fake.Violations] is empty. What tests assert is the state that is left (the
// comments, check runs and artifacts), never the number of calls.
//
//	fake := githubtest.New()
//	repo := fake.AddRepo("octo", "app")
//	pull := fake.OpenPull(repo, "topic", map[string]string{"a.go": "package a"})
//	run := fake.AddRun(repo, githubtest.Run{Pull: pull, Status: "in_progress"})
//	server := httptest.NewServer(fake)
//	env, err := fake.Env(run, githubtest.Place{URL: server.URL, Dir: t.TempDir()})
//	… a step of that run does its work under env …
//	if len(repo.Comments) != 1 || len(fake.Violations()) > 0 { … }
//
// [Fake.Break] makes requests go wrong. Addresses in answers are those under
// which the client reached the server, so that it serves containers as well.
//
// The package may import the standard library alone. A new route is a row in
// routes.go with a handler beside its kin and, where it takes a body, a shape
// in shapes.go; a test holds the rows against the list of operations that
// go-github ships.
package githubtest
