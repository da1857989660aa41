// Package artifact keeps runs in the artifacts of workflow runs: it packs them,
// uploads them from within the job, and reads back, with care, what earlier jobs
// uploaded.
//
// The upload speaks version 4 of GitHub's artifacts: the Twirp service that
// ACTIONS_RESULTS_URL names, with the job's runtime token, and a blob store that
// is given bytes in blocks. Its source is GitHub's own toolkit
// (https://github.com/actions/toolkit, packages/artifact).
package artifact
