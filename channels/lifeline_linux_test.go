package channels_test

import (
	"net"
	"net/netip"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"netperfmeter/channels"
	"netperfmeter/wire"
)

// TestLifeline looks at what the kernel was told for the control channels of both sides: never less than was asked for.
func TestLifeline(t *testing.T) {
	for _, test := range []struct{ given, limit time.Duration }{
		{0, channels.DefaultPeerTimeout}, {5 * time.Second, 5 * time.Second}, {20 * time.Second, 20 * time.Second}, {24 * time.Hour, 24 * time.Hour},
	} {
		o := channels.Options{PeerTimeout: test.given}
		for _, p := range streams(t) {
			l, err := channels.ListenControl(ctx, p, any4, o)
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			a, err := channels.DialControl(ctx, p, netip.MustParseAddrPort(l.Addr().String()), o)
			b := met(t, a, err, l.Accept)
			for _, c := range []net.Conn{a, b} {
				checkLifeline(t, p, c, test.limit)
			}
		}
	}
}

func checkLifeline(t *testing.T, p wire.Protocol, c net.Conn, limit time.Duration) {
	t.Helper()
	raw, err := c.(*net.TCPConn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var on, idle, interval, count, most int
	var refused error
	err = raw.Control(func(fd uintptr) {
		for _, o := range []struct {
			level, name int
			value       *int
		}{
			{unix.SOL_SOCKET, unix.SO_KEEPALIVE, &on}, {unix.IPPROTO_TCP, unix.TCP_KEEPIDLE, &idle},
			{unix.IPPROTO_TCP, unix.TCP_KEEPINTVL, &interval}, {unix.IPPROTO_TCP, unix.TCP_KEEPCNT, &count},
			{unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, &most},
		} {
			if *o.value, err = unix.GetsockoptInt(int(fd), o.level, o.name); err != nil && refused == nil {
				refused = err
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if p == wire.MPTCP && refused != nil {
		t.Logf("%v's sockets refuse some of it: %v", p, refused)
		return
	}
	probes := time.Duration(idle+interval*count) * time.Second
	if refused != nil || on == 0 || (probes-limit).Abs() > 2*time.Second || time.Duration(most)*time.Millisecond != limit {
		t.Errorf("%v, a limit of %v: keepalives %d, given up after %v; data given up after %d ms; %v", p, limit, on, probes, most, refused)
	}
}
