package flow

import "netperfmeter/stats"

// Correction says what becomes of the difference of the two hosts' clocks,
// which delays contain.
type Correction int

// The corrections.
const (
	Uncorrected      Correction = iota // delays are reception less time stamp
	CorrectSummaries                   // it is taken out of means, percentiles and extremes
	CorrectAll                         // and of the delays in vector files
)

// CorrectDelays takes an offset in nanoseconds, to the microsecond, out of the
// delays of all flows from now on, and with vectors out of those in the vector
// files, too.
func (m *Measurement) CorrectDelays(offset int64, vectors bool) {
	shift := stats.Microseconds(offset + 500)
	for _, f := range m.Flows() {
		f.Receiver.correct(shift, vectors)
	}
}

// correct takes a number of microseconds out of the delays. A record has them
// as the difference of its two times.
func (r *Receiver) correct(shift int64, records bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.counted.ShiftDelays(shift)
	if records {
		r.recordShift = shift
	}
}
