// Package browsertest shows pages to tests as a real browser does: Debian's
// chromium without a screen. Where it is not installed the test is skipped, and the
// reason says what to install; .ci/run does. It imports nothing of this module.
//
// A page that logs an error, throws, or loads anything from elsewhere than where
// it is itself fails the test. Pictures go to the folder that $BROWSERTEST_PICTURES
// names, for eyes; without it none are taken:
//
//	b := browsertest.Start(t)
//	p := b.Open(t, "file:///…/page.html", browsertest.View{Width: 1280, Height: 800, Dark: true})
//	p.Keys(kb.Tab + kb.Enter)
//	if got := p.Text("h1"); got != "…" { … }
//	p.Accessible()
//	p.Picture("page dark")
package browsertest
