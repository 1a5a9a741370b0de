package channels

import (
	"encoding/binary"
	"testing"

	"github.com/ishidawataru/sctp"
	"golang.org/x/sys/unix"

	"netperfmeter/wire"
)

// controlMessage is one control message as the kernel writes it.
func controlMessage(level, kind int32, data ...byte) []byte {
	words := make([]uint64, receiveControlWords)
	all, space := appendControl(bytesOf(words)[:0], level, kind, len(data))
	copy(space, data)
	return all
}

// FuzzReceivedControl reads what goes with a datagram or an SCTP message.
func FuzzReceivedControl(f *testing.F) {
	rcvInfo := make([]byte, 28)
	binary.NativeEndian.PutUint16(rcvInfo, 7)
	binary.NativeEndian.PutUint16(rcvInfo[4:], sctp.SCTP_UNORDERED)
	f.Add(controlMessage(unix.IPPROTO_SCTP, sctp.SCTP_CMSG_RCVINFO, rcvInfo...))
	f.Add(controlMessage(unix.SOL_SOCKET, unix.SCM_TIMESTAMPNS, make([]byte, 16)...))
	f.Add(append(controlMessage(unix.IPPROTO_UDP, unix.UDP_GRO, 0xff, 0xff, 0xff, 0xff), controlMessage(unix.IPPROTO_IP, unix.IP_PKTINFO, make([]byte, 12)...)...))
	f.Add(controlMessage(unix.IPPROTO_IPV6, unix.IPV6_PKTINFO, make([]byte, 20)...))
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0})
	f.Add(make([]byte, unix.SizeofCmsghdr))
	buf := borrow(&packetBuffers)
	f.Fuzz(func(t *testing.T, control []byte) {
		q := buf.packets
		h := &q.system.headers[0]
		n := copy(bytesOf(q.system.controls[0][:]), control)
		h.header.SetControllen(n)
		h.length = 100
		q.zones, q.arrivals = map[uint32]string{}, q.storage[:1]
		stream, unordered := q.origin(0)
		if n < unix.SizeofCmsghdr+6 && (stream != 0 || unordered) {
			t.Errorf("stream %d, unordered %v in %d bytes", stream, unordered, n)
		}
		q.read(0)
		if a := q.arrivals[0]; a.start != 0 || a.end != 100 {
			t.Errorf("%+v", a)
		}
	})
}

// FuzzSCTPDelivery puts messages together from slots: of each, three bytes say
// how long it is and what the kernel says of it.
func FuzzSCTPDelivery(f *testing.F) {
	const whole, part, note = 0, 1, 2
	f.Add([]byte{whole, 0, 48, whole, 255, 255})
	f.Add([]byte{part, 255, 0, part, 255, 0, whole, 255, 0, whole, 0, 60})
	f.Add([]byte{part, 1, 0, note, 0, 20, whole, 0, 48})
	f.Add([]byte{whole, 0, 48, whole, 0, 0, whole, 0, 48})
	f.Fuzz(func(t *testing.T, slots []byte) {
		var batch ReceiveBatch
		r := sctpReceiver{batch: &batch}
		for rounds := 0; len(slots) >= 3 && rounds < 2; rounds++ {
			buf := borrow(&packetBuffers)
			n, bytes := 0, len(r.partial)
			for ; n < packetSlots && len(slots) >= 3; n++ {
				h := &buf.packets.system.headers[n]
				h.length = uint32(binary.BigEndian.Uint16(slots[1:]))
				h.header.Flags = []int32{unix.MSG_EOR, 0, unix.MSG_EOR | sctp.MSG_NOTIFICATION}[slots[0]%3]
				h.header.SetControllen(0)
				bytes += int(h.length)
				slots = slots[3:]
			}
			if !r.unpack(buf, n) {
				buf.giveBack()
			}
			checkDelivery(t, &r, bytes)
			batch.Release()
		}
	})
}

func checkDelivery(t *testing.T, r *sctpReceiver, bytes int) {
	if len(r.partial) > packetSlotSize {
		t.Fatalf("%d bytes of one message are kept", len(r.partial))
	}
	sum, before := len(r.partial), uint32(0)
	for _, m := range r.batch.Msgs {
		if m.Start < before || m.End <= m.Start || int(m.End-m.Start) > packetSlotSize || int(m.End) > len(r.batch.Buf) || m.Stream != wire.StreamID(0) {
			t.Fatalf("message %+v after %d in %d bytes", m, before, len(r.batch.Buf))
		}
		before = m.End
		sum += int(m.End - m.Start)
	}
	if sum > bytes {
		t.Fatalf("%d bytes of %d that came", sum, bytes)
	}
	if r.err != nil && !r.ended {
		t.Fatal(r.err)
	}
}
