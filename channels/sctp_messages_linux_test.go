package channels

import (
	"encoding/binary"
	"errors"
	"io"
	"slices"
	"testing"
	"unsafe"

	"github.com/ishidawataru/sctp"
	"golang.org/x/sys/unix"

	"netperfmeter/wire"
)

// TestSCTPControlMessages looks at what goes to the kernel with messages.
func TestSCTPControlMessages(t *testing.T) {
	limit := Limit{Kind: Retransmissions, Value: 3}
	for _, test := range []struct {
		name     string
		message  []byte
		stream   wire.StreamID
		delivery Delivery
		limit    Limit
		want     []byte
	}{
		{"control", []byte{byte(wire.TypeIdentify), 0, 0, 4}, 2, 0, limit,
			[]byte{32, 0, 0, 0, 0, 0, 0, 0, 132, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 36, 0, 0, 0, 0, 0, 0, 0, 0}},
		{"data", []byte{byte(wire.TypeData), 0, 0, 4}, 0x102, Unordered | Unreliable, Limit{},
			[]byte{32, 0, 0, 0, 0, 0, 0, 0, 132, 0, 0, 0, 2, 0, 0, 0, 2, 1, 1, 0, 0, 0, 0, 37, 0, 0, 0, 0, 0, 0, 0, 0}},
		{"retransmissions", []byte{byte(wire.TypeData), 0, 0, 4}, 0, Unreliable, limit,
			[]byte{32, 0, 0, 0, 0, 0, 0, 0, 132, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 37, 0, 0, 0, 0, 0, 0, 0, 0,
				24, 0, 0, 0, 0, 0, 0, 0, 132, 0, 0, 0, 5, 0, 0, 0, 0x20, 0, 0, 0, 3, 0, 0, 0}},
		{"lifetime", []byte{byte(wire.TypeData), 0, 0, 4}, 0, Unreliable, Limit{Kind: Lifetime, Value: 500},
			[]byte{32, 0, 0, 0, 0, 0, 0, 0, 132, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 37, 0, 0, 0, 0, 0, 0, 0, 0,
				24, 0, 0, 0, 0, 0, 0, 0, 132, 0, 0, 0, 5, 0, 0, 0, 0x10, 0, 0, 0, 0xf4, 1, 0, 0}},
	} {
		if unsafe.Sizeof(uintptr(0)) != 8 || binary.NativeEndian.Uint16([]byte{1, 0}) != 1 {
			t.Skip("the bytes are those of a little-endian machine of 64 bits")
		}
		got := new(sctpQueue).control(0, test.message, test.stream, test.delivery, test.limit)
		if !slices.Equal(got, test.want) {
			t.Errorf("%s:\n%v\n%v", test.name, got, test.want)
		}
	}
}

// A slot is what recvmmsg(2) leaves in one.
type slot struct {
	data   []byte
	flags  int32
	stream uint16
}

// unpackSlots has a receiver unpack what came with one call.
func unpackSlots(r *sctpReceiver, slots ...slot) (*ReceiveBatch, bool) {
	buf := borrow(&packetBuffers)
	a := &buf.packets.system
	a.used = len(slots)
	for i, s := range slots {
		a.headers[i].length = uint32(copy(buf.data[i*packetSlotSize:], s.data))
		a.headers[i].header.Flags = s.flags
		control, info := appendControl(bytesOf(a.controls[i][:])[:0], unix.IPPROTO_SCTP, sctp.SCTP_CMSG_RCVINFO, 28)
		binary.NativeEndian.PutUint16(info, s.stream)
		a.headers[i].header.SetControllen(len(control))
	}
	batch := new(ReceiveBatch)
	r.batch, r.err = batch, nil
	done := r.unpack(buf, len(slots))
	if !done {
		buf.giveBack()
	}
	return batch, done
}

func notification(kind sctp.SCTPNotificationType, state uint16) slot {
	n := make([]byte, 20)
	binary.NativeEndian.PutUint16(n, uint16(kind))
	binary.NativeEndian.PutUint16(n[8:], state)
	return slot{data: n, flags: sctp.MSG_NOTIFICATION | unix.MSG_EOR}
}

func TestSCTPUnpack(t *testing.T) {
	r := new(sctpReceiver)
	whole := func(text string, stream uint16) slot { return slot{[]byte(text), unix.MSG_EOR, stream} }
	part := func(text string) slot { return slot{[]byte(text), 0, 5} }
	check := func(slots []slot, done bool, want ...string) {
		t.Helper()
		batch, got := unpackSlots(r, slots...)
		defer batch.Release()
		var texts []string
		for i := range batch.Msgs {
			texts = append(texts, string(batch.Bytes(i)))
		}
		if got != done || !slices.Equal(texts, want) {
			t.Errorf("%v %q, expected %v %q", got, texts, done, want)
		}
	}
	check([]slot{whole("one", 3), whole("two", 4)}, true, "one", "two")
	check([]slot{part("in "), part("three ")}, false)
	check([]slot{whole("parts", 5), whole("whole", 5)}, true, "in three parts", "whole")
	check([]slot{part("aborted"), notification(sctp.SCTP_PARTIAL_DELIVERY_EVENT, 0), whole("next", 5)}, true, "next")
	long := make([]byte, packetSlotSize-1)
	check([]slot{part(string(long)), part("xy")}, false)
	check([]slot{whole("z", 5)}, true, string(long)+"x")
	check([]slot{notification(sctp.SCTP_ASSOC_CHANGE, uint16(sctp.SCTP_COMM_UP))}, false)
	check([]slot{whole("last", 1), {}, {}}, true, "last")
	if err := r.receive(new(ReceiveBatch)); err != io.EOF {
		t.Errorf("after the peer's end: %v", err)
	}
	r = new(sctpReceiver)
	check([]slot{notification(sctp.SCTP_ASSOC_CHANGE, uint16(sctp.SCTP_SHUTDOWN_COMP))}, true)
	if r.err != io.EOF {
		t.Errorf("after this side's end: %v", r.err)
	}
	r = new(sctpReceiver)
	check([]slot{notification(sctp.SCTP_ASSOC_CHANGE, uint16(sctp.SCTP_COMM_LOST))}, true)
	if !errors.Is(r.err, errLost) {
		t.Errorf("after its loss: %v", r.err)
	}
}

// FuzzSCTPNotification: whatever the kernel says is taken without harm.
func FuzzSCTPNotification(f *testing.F) {
	f.Add([]byte{})
	f.Add(notification(sctp.SCTP_ASSOC_CHANGE, uint16(sctp.SCTP_COMM_LOST)).data)
	f.Add(notification(sctp.SCTP_PARTIAL_DELIVERY_EVENT, 0).data[:8])
	f.Add(notification(sctp.SCTP_ASSOC_CHANGE, 0).data[:9])
	f.Fuzz(func(t *testing.T, n []byte) {
		r := sctpReceiver{partial: []byte("part")}
		r.note(n)
		if r.lost != nil && !r.ended {
			t.Error("lost and not ended")
		}
	})
}

// FuzzRawAddress: an address is read from its own bytes or not at all.
func FuzzRawAddress(f *testing.F) {
	f.Add([]byte{2, 0, 0x23, 0x28, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0})
	f.Add([]byte{10, 0, 0x23, 0x28, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0})
	f.Add([]byte{10, 0, 0x23, 0x28, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		address, size := rawAddress(b)
		if size > len(b) || (size > 0) != address.IsValid() {
			t.Errorf("%v: %v, %d bytes", b, address, size)
		}
	})
}

func TestDeliveryKeepsInStep(t *testing.T) {
	b := SendBatch{Buf: make([]byte, 300), Ends: []int{100, 200, 300}, Delivery: []Delivery{0, Unordered, Unreliable}, Sent: 1, Offset: 150}
	b.Finish()
	if len(b.Ends) != 2 || len(b.Delivery) != 2 {
		t.Errorf("after Finish: %d messages, %d deliveries", len(b.Ends), len(b.Delivery))
	}
	b.Reset()
	if len(b.Delivery) != 0 {
		t.Errorf("after Reset: %d deliveries", len(b.Delivery))
	}
	b = SendBatch{Buf: make([]byte, 200), Ends: []int{100, 200}}
	if b.Finish(); len(b.Delivery) != 0 {
		t.Errorf("without deliveries: %d", len(b.Delivery))
	}
}
