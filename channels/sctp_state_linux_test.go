package channels_test

import (
	"errors"
	"io"
	"net/netip"
	"testing"
	"time"

	"netperfmeter/channels"
	"netperfmeter/channels/channeltest"
	"netperfmeter/wire"
)

// TestSCTPState: the kernel's account agrees with what was done.
func TestSCTPState(t *testing.T) {
	needSCTP(t)
	addrs := []netip.Addr{local4, netip.MustParseAddr("127.0.0.2")}
	l, err := channels.Listen(ctx, wire.SCTP, netip.AddrPortFrom(addrs[0], 0), channels.Options{Local: addrs})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	a, err := channels.Dial(ctx, wire.SCTP, l.Addr(), channels.Options{Local: addrs})
	b := met(t, a, err, l.Accept)
	var out channels.SendBatch
	for seq := range wire.Seq(10) {
		channeltest.Add(&out, seq, 100)
		out.Delivery = append(out.Delivery, []channels.Delivery{0, channels.Unordered}[seq%2])
	}
	if err := a.Send(&out, true); err != nil {
		t.Fatal(err)
	}
	b.SetReadDeadline(time.Now().Add(20 * time.Second))
	var in channels.ReceiveBatch
	for got := 0; got < 10; got += len(in.Msgs) {
		if err := b.Receive(&in); err != nil {
			t.Fatal(err)
		}
	}
	in.Release()
	sender := channels.Follow(channels.Share(a), wire.SCTP, 0, 0)
	receiver := channels.Follow(b, wire.SCTP, 0, 0)
	if err := errors.Join(sender.Look(), receiver.Look()); err != nil {
		t.Fatal(err)
	}
	s, paths := sender.State().SCTP, sender.State().Paths
	if s.State != "established" || s.OutStreams != 65535 || s.InStreams != 65535 || s.SentOrdered != 5 || s.SentUnordered != 5 || s.PeerWindow == 0 {
		t.Errorf("%+v", s)
	}
	if len(paths) != 2 {
		t.Fatalf("paths: %+v", paths)
	}
	primaries := 0
	for _, p := range paths {
		at := netip.MustParseAddrPort(p.Remote)
		if at.Port() != l.Addr().Port() || p.SCTP.MTU == 0 || p.SCTP.CWnd == 0 || p.SCTP.RTO < 1_000_000 {
			t.Errorf("%+v %+v", p, p.SCTP)
		}
		if p.SCTP.Primary {
			primaries++
			if p.SCTP.State != "active" {
				t.Errorf("the primary path is %s", p.SCTP.State)
			}
		}
	}
	if primaries != 1 {
		t.Errorf("%d primary paths", primaries)
	}
	if s := receiver.State().SCTP; s.ReceivedOrdered != 5 || s.ReceivedUnordered != 5 {
		t.Errorf("the receiver: %+v", s)
	}
	if err := a.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if err := b.Receive(&in); !errors.Is(err, io.EOF) {
		t.Errorf("after the end: %v", err)
	}
}
