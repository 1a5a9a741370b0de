//go:build linux

package lab

import (
	"math"
	"testing"
)

func TestQuantile(t *testing.T) {
	tests := []struct {
		values []float64
		q      float64
		want   float64
	}{
		{[]float64{3}, 0.9, 3},
		{[]float64{5, 1, 3}, 0.5, 3},
		{[]float64{4, 1, 2, 3}, 0.5, 2.5},
		{[]float64{5, 1, 3}, 0, 1},
		{[]float64{5, 1, 3}, 1, 5},
	}
	for _, test := range tests {
		if got := Quantile(test.values, test.q); got != test.want {
			t.Errorf("Quantile(%v, %g) is %g, want %g", test.values, test.q, got, test.want)
		}
	}
	if !math.IsNaN(Median(nil)) {
		t.Error("nothing has a median")
	}
	if got := Deviation([]float64{2, 4, 4, 4, 5, 5, 7, 9}); math.Abs(got-2.138) > 0.001 {
		t.Errorf("Deviation is %g, want 2.138", got)
	}
}

func TestShort(t *testing.T) {
	tests := map[float64]string{math.NaN(): "-", 0.5: "0.5", 9999: "9999", 12345: "12.3 k", 4.2e6: "4.2 M", 5.67e10: "56.7 G"}
	for value, want := range tests {
		if got := Short(value); got != want {
			t.Errorf("Short(%g) is %q, want %q", value, got, want)
		}
	}
}
