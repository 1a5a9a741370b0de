package traffic

import (
	"testing"

	"netperfmeter/wire"
)

// cut tells by arithmetic how a frame of size bytes travels in messages of at most maxMsg
// bytes: n messages, all of them maxMsg bytes long but the last one. Message
// headers count; a message is never shorter than its header. A frame of 0 or
// less bytes has no messages.
func cut(size, maxMsg int) (n, last int) {
	if size <= 0 {
		return 0, 0
	}
	maxMsg = max(maxMsg, wire.MinMaxMsgSize)
	n = (size-1)/maxMsg + 1
	return n, max(size-(n-1)*maxMsg, wire.DataHeaderSize)
}

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
		n, last := cut(tt.size, tt.maxMsg)
		if n != tt.n || last != tt.last {
			t.Errorf("cut(%d, %d) = %d, %d, want %d, %d", tt.size, tt.maxMsg, n, last, tt.n, tt.last)
		}
	}
}

func TestNextMessageAgreesWithCut(t *testing.T) {
	for _, maxMsg := range []int{0, 48, 50, 128, 1000} {
		for size := 1; size < 3300; size++ {
			n, last := cut(size, maxMsg)
			count, left, length := 0, size, 0
			for left > 0 {
				if length != 0 && length != max(maxMsg, 48) {
					t.Fatalf("size %d, maxMsg %d: message %d of %d bytes is not the last", size, maxMsg, count, length)
				}
				length, left = NextMessage(left, maxMsg)
				count++
			}
			if count != n || length != last {
				t.Fatalf("size %d, maxMsg %d: %d messages, the last of %d bytes; by arithmetic %d, %d", size, maxMsg, count, length, n, last)
			}
		}
	}
}
