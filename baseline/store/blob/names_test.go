package blob

import (
	"iter"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/collect"
)

type (
	run     = collect.Run
	entries = iter.Seq2[baseline.Entry, error]
)

func policyFor(scope string) policy.TokenRequestOptions {
	return policy.TokenRequestOptions{Scopes: []string{scope}}
}
