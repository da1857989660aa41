// Package size measures what a build made: files, raw and compressed, the parts
// of Go binaries, wheels, and container images by layer. It may import collect and
// nothing else of this module.
//
// A metric's name does not change when the content does: files are summed under
// the label that their user gives them, packages and sections have their names,
// and a layer is called by the instruction that made it.
//
//	ms, err := size.Files("dist", files)
//	ms, err := size.GoBinary("app", "bin/app")
//	ms, err := size.Image(ctx, "web", "ghcr.io/o/web:edge", size.ImageOptions{})
//
// Sizes are in MB of 1,000,000 bytes. To measure another kind of thing, write a
// file with its function, and add its flag in internal/cli/sizes.go.
package size
