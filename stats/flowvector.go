package stats

import (
	"strconv"
)

const flowVectorHeader = "AbsTime\tRelTime\tSeqNumber\tAbsBytes\tAbsPackets\tAbsFrames\t" +
	"RelBytes\tRelPackets\tRelFrames\tDelay\tPrevPacketDelayDiff\tJitter\n"

// maxVectorLine is longer than any line: 13 numbers of at most 20 digits, with
// signs, points, tabs and line end.
const maxVectorLine = 13*22 + 1

// FlowVector turns records into the lines of a per-flow vector file. It sums
// up all records that it is given, also where it writes not every one. The
// zero value writes every record's line, with RelTime since the first one.
type FlowVector struct {
	// Base is where RelTime begins: the first statistics event, in
	// microseconds since the epoch. Records from before it have a negative
	// RelTime. 0: the first record.
	Base int64
	// Every asks for the first record's line and then every Every-th; 0 is 1.
	Every uint64

	line   uint64 // lines written
	seen   Counts // what the records so far add up to
	skip   uint64 // records until the next line
	delay  int64  // of the record before, microseconds
	jitter float64
}

// Header appends the header line.
func (v *FlowVector) Header(b []byte) []byte { return append(b, flowVectorHeader...) }

// Append takes in a record and appends its line, if it gets one.
func (v *FlowVector) Append(b []byte, r *Record) []byte {
	difference := v.account(r)
	if v.skip > 0 {
		v.skip--
		return b
	}
	if v.Every > 1 {
		v.skip = v.Every - 1
	}
	return v.appendLine(b, r, difference)
}

// account sums up, and returns how much the delay differs from the record
// before, in microseconds.
func (v *FlowVector) account(r *Record) (difference int64) {
	delay := r.Time - r.Sent
	if v.seen.Packets == 0 {
		v.delay = delay
		if v.Base == 0 {
			v.Base = r.Time
		}
	}
	difference = delay - v.delay
	v.delay = delay
	// RFC 3550, section 6.4.1; begins with the second message, since the first
	// one's difference is 0.
	v.jitter += (float64(max(difference, -difference)) - v.jitter) / 16
	v.seen.Bytes += uint64(r.Length)
	v.seen.Packets++
	v.seen.Frames += uint64(r.Frames)
	return difference
}

func (v *FlowVector) appendLine(b []byte, r *Record, difference int64) []byte {
	v.line++
	b = appendLineNumber(b, v.line)
	b = append(b, '\t')
	b = strconv.AppendInt(b, r.Time, 10)
	b = append(b, '\t')
	b = appendFixed(b, r.Time-v.Base, 6)
	b = append(b, '\t')
	b = strconv.AppendUint(b, r.Seq, 10)
	b = append(b, '\t')
	b = strconv.AppendUint(b, v.seen.Bytes, 10)
	b = append(b, '\t')
	b = strconv.AppendUint(b, v.seen.Packets, 10)
	b = append(b, '\t')
	b = strconv.AppendUint(b, v.seen.Frames, 10)
	b = append(b, '\t')
	b = strconv.AppendUint(b, uint64(r.Length), 10)
	b = append(b, "\t1\t"...)
	b = strconv.AppendUint(b, uint64(r.Frames), 10)
	b = append(b, '\t')
	b = appendFixed(b, v.delay, 3)
	b = append(b, '\t')
	b = appendFixed(b, difference, 3)
	b = append(b, '\t')
	b = appendFixed(b, int64(v.jitter+0.5), 3)
	return append(b, '\n')
}

// appendRuns takes runs in until they are used up or b is longer than limit
// allows, and returns what is left of them (shortening the first one in place)
// and how many records it took.
func (v *FlowVector) appendRuns(b []byte, runs []run, limit int) (text []byte, rest []run, records uint64) {
	for len(runs) > 0 {
		u := &runs[0]
		for u.n > 0 {
			if len(b)+maxVectorLine > limit {
				return b, runs, records
			}
			b = v.Append(b, &u.Record)
			u.Seq++
			u.n--
			records++
		}
		runs = runs[1:]
	}
	return b, runs, records
}
