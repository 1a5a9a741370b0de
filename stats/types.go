package stats

import (
	"time"

	"netperfmeter/wire"
)

// Counts is an amount of traffic. Packets are protocol messages, not IP
// packets; Bytes are the messages' lengths with their headers.
type Counts struct {
	Bytes, Packets, Frames uint64
}

// SentStats is what one direction of a flow has sent. Its owner adds to it
// once per batch; whoever else looks at it gets a copy from the owner.
type SentStats struct {
	Counts
	// First and Last are the times of the first and the last transmission, in
	// microseconds since the epoch, 0 if there was none; MeasuredFirst is that
	// of the first one after a warm-up.
	First, MeasuredFirst, Last int64
	// Span is the time from the first to the last in microseconds by a clock
	// that nobody sets; 0: the wall clock was not set, and their difference is.
	Span int64
	// Skipped counts the frames that were given up after a stall, Empty those
	// whose drawn size was 0 or less; neither uses a frame number.
	Skipped, Empty uint64
	// Dropped counts the datagrams that this host's own network layer refused
	// (a link that is down, a firewall). They are part of Counts: for the flow
	// they are loss like any other.
	Dropped uint64
	// Unordered and Unreliable count the messages that SCTP was given so.
	Unordered, Unreliable uint64
	// Blocked is how long frames that were due waited for the transport to
	// have room (planned senders only).
	Blocked time.Duration
	// Batches counts the successful calls to the transport.
	Batches uint64
	// Lateness is how long after its planned instant a frame was handed to
	// the transport, in milliseconds. nil: not measured (saturated senders).
	// It belongs to the sender; whoever gets a copy of the rest gets a copy of
	// it only when asked for.
	Lateness *Summary
}

// Arrival is one message as its receiver saw it.
type Arrival struct {
	Time        int64 // reception, microseconds since the epoch
	Sent        int64 // the sender's time stamp, microseconds since the epoch
	Seq         wire.Seq
	ByteSeq     uint64
	Frame       wire.FrameID
	Length      uint32 // bytes of the whole message, 1..65535
	First, Last bool   // the message begins, ends its frame
}

// Record is what a per-flow vector needs to know of one received message.
// It has 32 bytes and no pointers, so that slabs of it cost nothing to keep.
type Record struct {
	Time   int64  // reception, microseconds since the epoch
	Sent   int64  // the sender's time stamp, microseconds since the epoch
	Seq    uint64 // message number
	Length uint32 // bytes
	Frames uint16 // frames that this message completed: 0 or 1
	Flags  uint16 // RecordLate and so on
}

// The flags of a Record.
const (
	RecordFirst  uint16 = 1 << iota // first message of its frame
	RecordLast                      // last message of its frame
	RecordLate                      // a message with a higher number came before it
	RecordWarmUp                    // outside the statistics (before Reception.StartSummaries)
)

// ReceivedStats is a copy of what a Reception has counted so far. Its own
// Counts are what was received, each message once.
type ReceivedStats struct {
	Counts
	// First and Last are the times of the first and the last message in
	// microseconds since the epoch, 0 if there was none; MeasuredFirst is that
	// of the first one after a warm-up.
	First, MeasuredFirst, Last int64
	// Span is the time from the first to the last in microseconds by a clock
	// that nobody sets; 0: the wall clock was not set, and their difference is.
	Span int64
	// Lost is what was sent up to the highest number received (after
	// Reception.Finish with the sender's counts: in all) and has not come.
	Lost Counts
	// Late is the part of what was received that came after a message with a
	// higher number; its Frames are those that such a message completed.
	// LateDepthMax and LateDepthTotal say by how many numbers.
	Late                         Counts
	LateDepthMax, LateDepthTotal uint64
	// Duplicates came once more; they are not received. Its Frames are
	// duplicates that were a frame of their own.
	Duplicates Counts
	// Undecided came so late that the window could not tell whether they are
	// late or duplicates, or had a number that no sender can reach. They are
	// neither received nor duplicates, and what they carry stays in Lost.
	Undecided Counts
	// Jitter is the RFC 3550 interarrival jitter now, in milliseconds.
	Jitter float64
	// LongestGap is the longest time between two consecutive messages, and
	// GapStart the time of the message before it (microseconds since the
	// epoch, 0 if there was no gap).
	LongestGap time.Duration
	GapStart   int64
}

// CPULoad is where a processor's time went between two looks, in percent.
// The eight values add up to 100, or are all 0 if no time passed.
type CPULoad struct {
	User, Nice, System, Idle, IOWait float64
	IRQ, SoftIRQ, Hypervisor         float64
}
