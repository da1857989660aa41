package main

import "testing"

func TestStays(t *testing.T) {
	t.Parallel()
	past := []float64{99, 100, 101, 100, 99, 101, 100, 100, 99, 101} // two standard errors are 2.4 * sd * 0.55 = 1.9
	for _, row := range []struct {
		name string
		head float64
		next []float64
		sign float64
		want bool
	}{
		{"the jump is kept", 120, []float64{119, 121, 120, 118, 122}, 1, true},
		{"half of it is", 120, []float64{110, 110, 110, 110, 110}, 1, true},
		{"less than half is", 120, []float64{109, 109, 109, 109, 109}, 1, false},
		{"it is gone", 120, []float64{100, 101, 99, 100, 100}, 1, false},
		{"it is within the noise", 101, []float64{101, 101, 101, 101, 101}, 1, false},
		{"what follows is better", 120, []float64{80, 80, 80, 80, 80}, 1, false},
		{"more is better, and the jump is kept", 80, []float64{81, 80, 79, 80, 80}, -1, true},
		{"more is better, and more it is", 120, []float64{120, 120, 120, 120, 120}, -1, false},
	} {
		if got := stays(past, row.head, row.next, row.sign); got != row.want {
			t.Errorf("%s: stays = %v, want %v", row.name, got, row.want)
		}
	}
}

func TestDenies(t *testing.T) {
	t.Parallel()
	b := belief{"kept": true, "gone": false}
	for _, row := range []struct {
		alerts []string
		want   bool
	}{
		{nil, false}, {[]string{"kept"}, false}, {[]string{"kept", "gone"}, true}, {[]string{"nobody knows"}, false},
	} {
		if got := b.denies(row.alerts); got != row.want {
			t.Errorf("denies(%q) = %v, want %v", row.alerts, got, row.want)
		}
	}
}

func TestJaccard(t *testing.T) {
	t.Parallel()
	if got := jaccard([]string{"a", "b", "c"}, []string{"b", "d"}); got != 0.25 {
		t.Errorf("jaccard = %v, want 1 of 4", got)
	}
}
