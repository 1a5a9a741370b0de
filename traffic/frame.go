package traffic

import "netperfmeter/wire"

// Cut tells how a frame of size bytes travels in messages of at most maxMsg
// bytes: n messages, all of them maxMsg bytes long but the last one. Message
// headers count; a message is never shorter than its header. A frame of 0 or
// less bytes has no messages.
func Cut(size, maxMsg int) (n, last int) {
	if size <= 0 {
		return 0, 0
	}
	maxMsg = max(maxMsg, wire.MinMaxMsgSize)
	n = (size-1)/maxMsg + 1
	return n, max(size-(n-1)*maxMsg, wire.DataHeaderSize)
}

// NextMessage cuts the next message off a frame of which left bytes, more than
// 0, are to be sent: its length, and what is left of the frame then. It yields
// the messages that Cut counts.
func NextMessage(left, maxMsg int) (length, rest int) {
	length = min(left, max(maxMsg, wire.MinMaxMsgSize))
	return max(length, wire.DataHeaderSize), left - length
}
