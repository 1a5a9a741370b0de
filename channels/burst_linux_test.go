package channels_test

import (
	"net/netip"
	"testing"

	"golang.org/x/sys/unix"

	"netperfmeter/channels"
)

// The socket that receives for many flows gets room for all of them, unless the
// user has chosen it.
func TestRoomForFlows(t *testing.T) {
	granted := func(o channels.Options, flows int) (before, after, ended int) {
		s, err := channels.ListenUDP(ctx, netip.MustParseAddrPort("127.0.0.1:0"), o)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		var peers []channels.Conn
		for i := range flows {
			p, err := s.Peer(netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), uint16(20000+i)), netip.Addr{})
			if err == nil {
				err = p.Apply(channels.Options{})
			}
			if err != nil {
				t.Fatal(err)
			}
			if i == 0 {
				_, before, _ = channels.Granted(p)
			}
			peers = append(peers, p)
		}
		last := peers[len(peers)-1]
		_, after, _ = channels.Granted(last)
		for _, p := range peers {
			p.Close()
		}
		again, err := s.Peer(netip.MustParseAddrPort("127.0.0.1:20000"), netip.Addr{})
		if err == nil {
			err = again.Apply(channels.Options{})
		}
		if err != nil {
			t.Fatal(err)
		}
		_, ended, _ = channels.Granted(again)
		return before, after, ended
	}
	if before, after, _ := granted(channels.Options{RcvBuf: 100000}, 300); before != 200000 || after != before {
		t.Errorf("a size that was asked for grew from %d to %d", before, after)
	}
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, 1<<20); err != nil {
		t.Skipf("CAP_NET_ADMIN, to go beyond net.core.rmem_max, is missing: %v", err)
	}
	before, after, ended := granted(channels.Options{}, 300)
	if before != 2*(8<<20) || after != 2*300*(64<<10) || ended != after {
		t.Errorf("300 flows: from %d to %d, then %d", before, after, ended)
	}
}
