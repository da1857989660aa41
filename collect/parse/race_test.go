//go:build race

package parse

// slowdown divides the size of the files that are made to take memory: the race
// detector reads a gigabyte in a minute.
const slowdown = 64
