package collect

import (
	"math"
	"math/bits"
	"runtime"
	"sync/atomic"
	"unsafe"
)

// An instrument that many goroutines write to keeps its figures in stripes, each
// in a cache line of its own: a goroutine writes to the stripe that its stack
// chooses, so that two of them rarely wait for one line.

// stripes is how many there are, a power of two well above what runs at once, up to
// where it is memory that counts.
var stripes = 1 << min(bits.Len(uint(runtime.GOMAXPROCS(0)*4-1)), 5)

// stripe is a number that stays the same within a goroutine, mostly, and is
// another one in another goroutine, mostly. It is where the goroutine's stack
// lies. Nothing but speed depends on it.
func stripe() uintptr {
	var here byte
	at := uintptr(unsafe.Pointer(&here)) >> 11
	return at ^ at>>4 ^ at>>9
}

// addFloat adds to a float64 that is stored as its bits.
func addFloat(sum *atomic.Uint64, x float64) {
	for {
		old := sum.Load()
		if sum.CompareAndSwap(old, math.Float64bits(math.Float64frombits(old)+x)) {
			return
		}
	}
}

// bound is an extreme value: the smallest or largest so far. The zero bound has
// none.
type bound struct{ bits atomic.Uint64 }

// The bits of a value are stored as their complement, so that a zero word means
// that there is none: it stands for a NaN, which nobody records.
func (b *bound) load() (x float64, ok bool) {
	u := b.bits.Load()
	return math.Float64frombits(^u), u != 0
}

// lower takes x where it is smaller than what is there.
func (b *bound) lower(x float64) {
	for {
		u := b.bits.Load()
		if u != 0 && math.Float64frombits(^u) <= x || b.bits.CompareAndSwap(u, ^math.Float64bits(x)) {
			return
		}
	}
}

// raise takes x where it is larger than what is there.
func (b *bound) raise(x float64) {
	for {
		u := b.bits.Load()
		if u != 0 && math.Float64frombits(^u) >= x || b.bits.CompareAndSwap(u, ^math.Float64bits(x)) {
			return
		}
	}
}
