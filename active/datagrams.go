package active

import (
	"fmt"

	"netperfmeter/channels"
	"netperfmeter/traffic"
	"netperfmeter/wire"
)

// datagrams tells the transports whose messages get lost one by one, and that
// have no end to read to: what is in flight is waited for by time.
func datagrams(p wire.Protocol) bool { return p == wire.UDP || p == wire.DCCP }

// tooLong refuses a flow whose every frame has a message that its transport
// cannot carry: over DCCP, longer than a packet. It says what would help. Frames
// of random sizes are left to find out.
func tooLong(spec traffic.FlowSpec, conn channels.Conn) error {
	limit := channels.MessageLimit(conn)
	if limit == 0 {
		return nil
	}
	for _, direction := range []traffic.Direction{spec.Outgoing, spec.Incoming} {
		if direction.Idle() || direction.Size.Kind != wire.Constant {
			continue
		}
		if size := min(int(direction.Size.Values[0]), spec.MaxMsgSize); size > limit {
			return fmt.Errorf("%w: flow %d (%s): a message of %d bytes is longer than a packet of %v, which holds %d bytes on this path: maxmsgsize=%d cuts frames into such messages",
				ErrRefused, spec.ID, spec.Description, size, spec.Protocol, limit, limit)
		}
	}
	return nil
}
