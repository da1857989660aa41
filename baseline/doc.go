// Package baseline says what a store of runs is, which stored runs make the
// baseline of a head run, and which may be pruned. It touches no file itself.
package baseline
