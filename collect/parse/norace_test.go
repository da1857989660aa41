//go:build !race

package parse

// slowdown divides the size of the files that are made to take memory.
const slowdown = 1
