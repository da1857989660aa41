package blob

import (
	"iter"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/collect"
)

type (
	run     = collect.Run
	entries = iter.Seq2[baseline.Entry, error]
)
