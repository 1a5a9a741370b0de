package traffic

import "testing"

func TestCut(t *testing.T) {
	tests := []struct{ size, maxMsg, n, last int }{
		{0, 1000, 0, 0},
		{-5, 1000, 0, 0},
		{1, 1000, 1, 48},
		{10, 1000, 1, 48},
		{48, 1000, 1, 48},
		{49, 1000, 1, 49},
		{1000, 1000, 1, 1000},
		{1001, 1000, 2, 48},
		{1047, 1000, 2, 48},
		{1049, 1000, 2, 49},
		{330, 128, 3, 74},
		{2000, 1000, 2, 1000},
		{100, 48, 3, 48},
		{100, 0, 3, 48},
		{1 << 30, 65535, 16385, 16384},
	}
	for _, tt := range tests {
		n, last := Cut(tt.size, tt.maxMsg)
		if n != tt.n || last != tt.last {
			t.Errorf("Cut(%d, %d) = %d, %d, want %d, %d", tt.size, tt.maxMsg, n, last, tt.n, tt.last)
		}
	}
}

func TestNextMessageAgreesWithCut(t *testing.T) {
	for _, maxMsg := range []int{0, 48, 50, 128, 1000} {
		for size := 1; size < 3300; size++ {
			n, last := Cut(size, maxMsg)
			count, left, length := 0, size, 0
			for left > 0 {
				if length != 0 && length != max(maxMsg, 48) {
					t.Fatalf("size %d, maxMsg %d: message %d of %d bytes is not the last", size, maxMsg, count, length)
				}
				length, left = NextMessage(left, maxMsg)
				count++
			}
			if count != n || length != last {
				t.Fatalf("size %d, maxMsg %d: %d messages, the last of %d bytes; Cut says %d, %d", size, maxMsg, count, length, n, last)
			}
		}
	}
}
