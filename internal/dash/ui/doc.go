// Package ui has the pages of the dashboard: one HTML file, its style and its
// script, without a framework and without a build step. They ask the API of the
// same origin (api/v1) for all that they show and compute none of it.
//
// The page that is shown is named by the fragment of the address, such as
// #/metric?repository=o/r&name=bench/Fib.ns_per_op, so that each can be
// bookmarked. static/app.js has the list of the pages; a new one is a module in
// static/pages and a row there. Text from outside gets into a page by
// static/dom.js alone, as text.
package ui
