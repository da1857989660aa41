// Package dash serves a store of runs over HTTP: a REST API under /api/v1, which
// openapi.json describes, the dashboard's pages, which package ui has, and the
// metrics of the server itself. It judges nothing: how a run is judged is a
// function that its owner gives.
//
// To add a resource, write a method of api, list it in routes, and describe it in
// openapi.json: a test holds every answer against that.
//
//	s := dash.New(dash.Options{Store: s, Name: "dir:.plumbline"})
//	err := s.Serve(ctx, listener)
package dash
