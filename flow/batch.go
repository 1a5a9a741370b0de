package flow

import (
	"netperfmeter/channels"
	"netperfmeter/stats"
	"netperfmeter/traffic"
	"netperfmeter/wire"
)

// maxBatchBytes bounds one write of a stream and one round of datagrams.
// Larger writes were not faster on loopback and make the stamps older.
const maxBatchBytes = 128 << 10

// builder writes the messages of one flow and direction back to back into a
// buffer that the transport takes in one call. Payload is written once: as
// long as a message has the place and size of the one before it, only the
// changing part of its header is patched.
//
// The memory belongs to the builder and grows up to maxBatchBytes (or one
// message, if that is larger); flows that send little stay small.
type builder struct {
	key     wire.Key
	passive bool // direction of the payload pattern
	maxMsg  int
	batch   channels.SendBatch
	deliver *delivery // nil: every message in order and reliably

	// Messages of this layout stand in the buffer, headers and payload.
	layout []int

	// The next frame, message and byte of this direction.
	frame   wire.FrameID
	seq     wire.Seq
	byteSeq uint64

	rest  int  // bytes of the frame begun that are still to be cut
	begun bool // the frame has had its first message
	flags []uint8

	// What layout, flags and the batch's Ends begin with: the batches of most
	// planned flows need no more, and find it where the rest is.
	layoutRoom, endsRoom [fewMessages]int
	flagsRoom            [fewMessages]uint8
}

// fewMessages is how many messages a batch holds before its lists get memory of
// their own.
const fewMessages = 2

// init makes the builder ready; it must not be copied afterwards.
func (b *builder) init(key wire.Key, passive bool, maxMsg int) {
	b.key, b.passive, b.maxMsg = key, passive, maxMsg
	b.batch.Stream = key.Stream
	b.layout, b.flags, b.batch.Ends = b.layoutRoom[:0], b.flagsRoom[:0], b.endsRoom[:0]
}

// begin empties the batch, which must have been sent or given up.
func (b *builder) begin() {
	b.batch.Reset()
	b.batch.Buf = b.batch.Buf[:0]
	b.flags = b.flags[:0]
}

// open tells whether a frame has been begun and not been cut to its end.
func (b *builder) open() bool { return b.rest > 0 }

// start begins a frame of the given size. Empty frames (0 or less) are not
// started: nothing goes out, and no FrameID is used.
func (b *builder) start(size int) {
	b.rest, b.begun = size, false
}

// add cuts the open frame into messages until it ends or the batch holds
// limit bytes or messages messages. A batch has room for one message at least.
func (b *builder) add(now int64, limit, messages int) {
	for b.rest > 0 {
		used, n := len(b.batch.Buf), len(b.batch.Ends)
		length, rest := traffic.NextMessage(b.rest, b.maxMsg)
		if n > 0 && (used+length > limit || n >= messages) {
			return
		}
		var flags uint8
		if !b.begun {
			flags |= wire.FlagFirst
		}
		if rest == 0 {
			flags |= wire.FlagLast
		}
		b.put(now, length, flags)
		b.rest, b.begun = rest, true
		if rest == 0 {
			b.frame++
		}
	}
}

// refill gives the batch new numbers: it stays as it was, all of it frames of
// one message each. It costs a saturated sender of such frames a quarter of
// what building the same batch again does.
func (b *builder) refill(now int64) {
	b.batch.Sent, b.batch.Offset = 0, 0
	buf, start := b.batch.Buf, 0
	frame, seq, byteSeq := b.frame, b.seq, b.byteSeq
	for i, end := range b.batch.Ends {
		if b.deliver != nil {
			b.batch.Delivery[i] = b.deliver.draw()
		}
		wire.PatchData(buf[start:end], wire.FlagFirst|wire.FlagLast, frame, seq, byteSeq, now)
		frame++
		seq++
		byteSeq += uint64(end - start)
		start = end
	}
	b.frame, b.seq, b.byteSeq = frame, seq, byteSeq
}

// put appends one message.
func (b *builder) put(now int64, length int, flags uint8) {
	used, n := len(b.batch.Buf), len(b.batch.Ends)
	end := used + length
	if end > cap(b.batch.Buf) {
		b.grow(end)
	}
	b.batch.Buf = b.batch.Buf[:end]
	message := b.batch.Buf[used:end]
	if n < len(b.layout) && b.layout[n] == end {
		wire.PatchData(message, flags, b.frame, b.seq, b.byteSeq, now)
	} else {
		b.layout = append(b.layout[:n], end)
		wire.PutData(message, length, &wire.Data{
			Key: b.key, First: flags&wire.FlagFirst != 0, Last: flags&wire.FlagLast != 0,
			Frame: b.frame, Seq: b.seq, ByteSeq: b.byteSeq, TimeStamp: now,
		})
		wire.FillPayload(message[wire.DataHeaderSize:], b.passive)
	}
	b.batch.Ends = append(b.batch.Ends, end)
	b.flags = append(b.flags, flags)
	if b.deliver != nil {
		b.batch.Delivery = append(b.batch.Delivery, b.deliver.draw())
	}
	b.seq++
	b.byteSeq += uint64(length)
}

// grow makes room for a message that ends at end. What stands in the buffer
// keeps its place.
func (b *builder) grow(end int) {
	size := max(2*cap(b.batch.Buf), end)
	if size > maxBatchBytes {
		size = max(maxBatchBytes, end)
	}
	buf := make([]byte, len(b.batch.Buf), size)
	copy(buf, b.batch.Buf)
	b.batch.Buf = buf
	b.layout = b.layout[:len(b.batch.Ends)]
}

// stamp sets the time of all messages of the batch: it was built before the
// sender slept.
func (b *builder) stamp(now int64) {
	start := 0
	for _, end := range b.batch.Ends {
		wire.StampData(b.batch.Buf[start:end], now)
		start = end
	}
}

// accepted counts messages [from, to) of the batch.
func (b *builder) accepted(from, to int) (c stats.Counts) {
	if to == from {
		return c
	}
	start := 0
	if from > 0 {
		start = b.batch.Ends[from-1]
	}
	c.Bytes = uint64(b.batch.Ends[to-1] - start)
	c.Packets = uint64(to - from)
	for _, flags := range b.flags[from:to] {
		if flags&wire.FlagLast != 0 {
			c.Frames++
		}
	}
	return c
}
