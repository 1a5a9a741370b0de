package traffic

import "netperfmeter/wire"

// NextMessage cuts the next message off a frame of which left bytes, more than
// 0, are to be sent: its length, and what is left of the frame then. All
// messages are maxMsg bytes long but the last one. Message headers count; a
// message is never shorter than its header.
func NextMessage(left, maxMsg int) (length, rest int) {
	length = min(left, max(maxMsg, wire.MinMaxMsgSize))
	return max(length, wire.DataHeaderSize), left - length
}
