package wire

// The payload of every DATA message counts through these bytes, upwards from
// the active side and downwards from the passive side.
const (
	payloadLow    = 30
	payloadHigh   = 127
	payloadPeriod = payloadHigh - payloadLow + 1
)

// payloadPatterns holds one period of each side's pattern, the active side's
// first.
var payloadPatterns = makePayloadPatterns()

func makePayloadPatterns() (p [2][payloadPeriod]byte) {
	for i := range payloadPeriod {
		p[0][i] = byte(payloadLow + i)
		p[1][i] = byte(payloadHigh - i)
	}
	return p
}

// FillPayload fills b with the payload pattern from its start: that of the
// passive side or that of the active one. It allocates nothing.
func FillPayload(b []byte, passive bool) {
	pattern := &payloadPatterns[0]
	if passive {
		pattern = &payloadPatterns[1]
	}
	// What is filled is copied behind itself: it stays a whole number of
	// periods until the last copy, which the end of b cuts.
	for n := copy(b, pattern[:]); n < len(b); {
		n += copy(b[n:], b[:n])
	}
}
