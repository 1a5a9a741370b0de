package stats

import "time"

// ClockResult is what is known of the two sides' clocks after a measurement.
// Offsets are the passive side's clock less the active side's, in
// milliseconds. It travels as JSON (../wire/PROTOCOL.md).
type ClockResult struct {
	Exchanges int `json:"exchanges"` // of time stamps
	// OffsetStart and OffsetEnd are those at the two ends of the measurement;
	// Bound is how much more or less they, and those in between, may be.
	OffsetStart float64 `json:"offset_start_ms"`
	OffsetEnd   float64 `json:"offset_end_ms"`
	Bound       float64 `json:"bound_ms"`
	Drift       float64 `json:"drift_ppm"` // how much faster the passive side's clock runs
	DriftBound  float64 `json:"drift_bound_ppm"`
	RoundTrip   float64 `json:"round_trip_ms"` // the shortest
	// Steady says that an offset with a steady drift explains all exchanges;
	// without it, a clock was set or its speed changed.
	Steady bool `json:"steady"`
	// Corrected says that the offset, as it was known at each time, was taken
	// out of the delays; they are then right to CorrectionBound (milliseconds).
	Corrected       bool    `json:"corrected,omitempty"`
	CorrectionBound float64 `json:"correction_bound_ms,omitempty"`
}

// Result sums up what was estimated of the time from one instant to another, of
// the clock of ClockSample.At.
func (e *ClockEstimate) Result(from, to int64) ClockResult {
	start, startBound := e.Offset(from)
	end, endBound := e.Offset(to)
	return ClockResult{
		Exchanges:   e.Exchanges,
		OffsetStart: milliseconds(start), OffsetEnd: milliseconds(end),
		// In between it is less: the bounds of lines are convex.
		Bound: milliseconds(max(startBound, endBound)),
		Drift: e.Drift, DriftBound: e.DriftBound,
		RoundTrip: milliseconds(e.RoundTrip), Steady: e.Steady,
	}
}

// Offset is the one in the middle of the measurement, in milliseconds.
func (r *ClockResult) Offset() float64 { return (r.OffsetStart + r.OffsetEnd) / 2 }

// Lines are the scalars of the total that say so.
func (r *ClockResult) Lines() []NameValue {
	lines := []NameValue{
		Integer("Clock Exchanges", r.Exchanges),
		Real("Clock Offset Start", r.OffsetStart),
		Real("Clock Offset End", r.OffsetEnd),
		Real("Clock Offset Bound", r.Bound),
		Real("Clock Drift", r.Drift),
		Real("Clock Drift Bound", r.DriftBound),
		Real("Clock Round Trip", r.RoundTrip),
		Integer("Clocks Steady", flagOf(r.Steady)),
		Integer("Delays Corrected", flagOf(r.Corrected)),
	}
	if r.Corrected {
		lines = append(lines, Real("Delay Correction Bound", r.CorrectionBound))
	}
	return lines
}

func flagOf(b bool) int {
	if b {
		return 1
	}
	return 0
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
