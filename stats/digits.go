package stats

import "strconv"

// appendLineNumber appends a line number with at least six digits.
func appendLineNumber(b []byte, n uint64) []byte {
	if n >= 100000 {
		return strconv.AppendUint(b, n, 10)
	}
	// A million more has the zeros that are wanted, behind one digit too many.
	at := len(b)
	b = strconv.AppendUint(b, n+1000000, 10)
	return append(b[:at], b[at+1:]...)
}

// appendFixed appends v with its last `decimals` digits (at most 6) behind a
// point: a number of microseconds as seconds (6) or as milliseconds (3). It is
// exact, and several times as fast as formatting a float64.
func appendFixed(b []byte, v int64, decimals int) []byte {
	u := uint64(v)
	if v < 0 {
		b = append(b, '-')
		u = -u
	}
	unit := powersOf10[decimals]
	b = strconv.AppendUint(b, u/unit, 10)
	at := len(b)
	b = strconv.AppendUint(b, u%unit+unit, 10) // a leading 1 where the point goes
	b[at] = '.'
	return b
}

var powersOf10 = [...]uint64{1, 10, 100, 1000, 10000, 100000, 1000000}
