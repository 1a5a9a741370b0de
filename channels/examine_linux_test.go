package channels

import (
	"context"
	"encoding/binary"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"netperfmeter/wire"
)

// connected returns both ends of a connection after some bytes were echoed.
func connected(t *testing.T, p wire.Protocol) (a, b Conn) {
	t.Helper()
	ctx := context.Background()
	l, err := Listen(ctx, p, loopback, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if a, err = Dial(ctx, p, l.Addr(), Options{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	if b, err = l.Accept(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	for range 100 {
		batch := sizes(1000)
		copy(batch.Buf, []byte{1, 0, 1000 >> 8, 1000 & 0xff})
		if err := a.Send(batch, true); err != nil {
			t.Fatal(err)
		}
	}
	var batch ReceiveBatch
	defer batch.Release()
	for got := 0; got < 100; got += len(batch.Msgs) {
		if err := b.Receive(&batch); err != nil {
			t.Fatal(err)
		}
	}
	return a, b
}

// TestExamine looks at live connections, whose bytes are known.
func TestExamine(t *testing.T) {
	for _, p := range []wire.Protocol{wire.TCP, wire.MPTCP} {
		if err := Available(p); err != nil {
			t.Logf("without %s: %v", p, err)
			continue
		}
		a, b := connected(t, p)
		sender, receiver := Follow(a, p, 0, 0), Follow(b, p, 0, 0)
		var s State
		for end := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
			if err := sender.Look(); err != nil {
				t.Fatal(err)
			}
			s = sender.State()
			if len(s.Paths) == 1 && s.Paths[0].TCP.Acked >= 100_000 || time.Now().After(end) {
				break
			}
		}
		if err := receiver.Look(); err != nil {
			t.Fatal(err)
		}
		r := receiver.State()
		t.Logf("%s: %+v %+v", p, s.Paths[0], *s.Paths[0].TCP)
		if s.Protocol != p.String() || r.Protocol != p.String() || len(s.Paths) != 1 || len(r.Paths) != 1 {
			t.Fatalf("%s: %+v and %+v", p, s, r)
		}
		if (s.MPTCP != nil) != (p == wire.MPTCP) || s.MPTCP != nil && (!s.MPTCP.InUse || s.MPTCP.ConnectTime == 0 || s.MPTCP.FallbackAt != 0) {
			t.Errorf("%s: MPTCP %+v", p, s.MPTCP)
		}
		info, received := s.Paths[0].TCP, r.Paths[0].TCP.Received
		// Linux counts the acknowledged SYN as a byte (tcp_ack), and MPTCP sends the
		// first byte once more when the window is full (mptcp_sendmsg_frag's zero
		// window probe): a receiver that is late gets some.
		probes := uint64(0)
		if p == wire.MPTCP {
			probes = 10
		}
		if info.Acked-100_000 > 1+probes || info.Sent < 100_000 || received-100_000 > probes || info.RTT == 0 || info.CWnd == 0 {
			t.Errorf("%s: %+v, received %d", p, info, received)
		}
		if info.CongestionControl == "" || s.Buffers.SendGranted == 0 || s.Buffers.ReceiveGranted == 0 {
			t.Errorf("%s: %q, %+v", p, info.CongestionControl, s.Buffers)
		}
		if s.Paths[0].Local != a.LocalAddr().String() || s.Paths[0].Remote != a.RemoteAddr().String() || r.Paths[0].Remote != s.Paths[0].Local {
			t.Errorf("%s: path %s to %s, connection %v to %v", p, s.Paths[0].Local, s.Paths[0].Remote, a.LocalAddr(), a.RemoteAddr())
		}
		if s.Paths[0].Share != 1 {
			t.Errorf("%s: share %v", p, s.Paths[0].Share)
		}
	}
}

// TestOlderKernels: three questions give what one does.
func TestOlderKernels(t *testing.T) {
	if err := Available(wire.MPTCP); err != nil {
		t.Skip(err)
	}
	a, _ := connected(t, wire.MPTCP)
	err := control(a.(*stream).raw, func(fd int) error {
		var old, full examination
		old.mptcp, full.mptcp = new(MPTCPState), new(MPTCPState)
		if err := readSubflows(fd, &old, new(examinationBuffers)); err != nil {
			return err
		}
		if err := readFull(fd, &full, new(examinationBuffers)); err != nil {
			t.Skipf("this kernel has no MPTCP_FULL_INFO: %v", err)
		}
		o, f := old.paths[0], full.paths[0]
		if len(old.paths) != 1 || o.Local != f.Local || o.Remote != f.Remote || *o.TCP != *f.TCP || *old.mptcp != *full.mptcp {
			t.Errorf("%+v %+v, then %+v %+v", o, *o.TCP, f, *f.TCP)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestPlainSYN: an MPTCP listener that a TCP client has connected to.
func TestPlainSYN(t *testing.T) {
	if err := Available(wire.MPTCP); err != nil {
		t.Skip(err)
	}
	l, err := Listen(context.Background(), wire.MPTCP, loopback, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	a, err := Dial(context.Background(), wire.TCP, l.Addr(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	b, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	f := Follow(b, wire.MPTCP, 0, 0)
	if err := f.Look(); err != nil {
		t.Fatal(err)
	}
	if s := f.State(); s.Protocol != "TCP" || s.MPTCP.InUse || !s.MPTCP.Plain || !s.MPTCP.Setup || len(s.Paths) != 1 || s.Paths[0].TCP == nil {
		t.Errorf("%+v %+v", s, s.MPTCP)
	}
}

func TestEnvironment(t *testing.T) {
	e := ReadEnvironment()
	t.Logf("%+v %+v", e, e.MPTCP)
	if e.Kernel == "" || e.System != "linux" || len(e.CongestionControls) == 0 || e.CongestionControl == "" {
		t.Errorf("%+v", e)
	}
	var name unix.Utsname
	if err := unix.Uname(&name); err != nil || !strings.HasPrefix(unix.ByteSliceToString(name.Release[:]), e.Kernel) {
		t.Errorf("kernel %q, %v", e.Kernel, err)
	}
	if Available(wire.MPTCP) == nil && (e.MPTCP == nil || !e.MPTCP.Enabled || e.MPTCP.PathManager == "") {
		t.Errorf("%+v", e.MPTCP)
	}
	// Linux 6.1 has one scheduler, and no name for it.
	_, noScheduler := os.Stat("/proc/sys/net/mptcp/scheduler")
	if e.MPTCP != nil && (e.MPTCP.Scheduler == "") != (noScheduler != nil) {
		t.Errorf("scheduler %q, and its sysctl: %v", e.MPTCP.Scheduler, noScheduler)
	}
}

func TestParseNetstat(t *testing.T) {
	text := []byte("TcpExt: A B\nTcpExt: 1 2\nMPTcpExt: X Y Z\nMPTcpExt: 7 0 9\n")
	if got := parseNetstat(text, "MPTcpExt:"); len(got) != 2 || got["X"] != 7 || got["Z"] != 9 {
		t.Error(got)
	}
	if got := parseNetstat(text[:len(text)-16], "MPTcpExt:"); len(got) != 0 {
		t.Error(got)
	}
}

func TestParseEndpoint(t *testing.T) {
	inner := appendAttribute(nil, pmAddrID, []byte{3})
	inner = appendAttribute(inner, pmAddr4, []byte{10, 0, 0, 1})
	inner = appendAttribute(inner, pmAddrPort, binary.NativeEndian.AppendUint16(nil, 99))
	inner = appendAttribute(inner, pmAddrFlags, binary.NativeEndian.AppendUint32(nil, 1|8))
	message := appendAttribute(nil, pmAttrAddr|unix.NLA_F_NESTED, inner)
	e, err := parseEndpoint(message)
	if err != nil || e.ID != 3 || e.Address != "10.0.0.1:99" || strings.Join(e.Flags, " ") != "signal fullmesh" {
		t.Errorf("%+v, %v", e, err)
	}
	for n := range message {
		if _, err := parseEndpoint(message[:n]); err == nil {
			t.Errorf("the first %d bytes were taken", n)
		}
	}
}

func FuzzParseSubflows(f *testing.F) {
	sockaddr := make([]byte, sizeSubflowInfo)
	binary.NativeEndian.PutUint16(sockaddr[offSubflowAddrs:], linuxINET)
	binary.NativeEndian.PutUint16(sockaddr[offSubflowAddrs+sizeSockaddr:], linuxINET6)
	f.Add(1, sockaddr, make([]byte, sizeTCPInfo))
	f.Add(3, sockaddr, []byte{})
	f.Fuzz(func(t *testing.T, n int, subflows, infos []byte) {
		paths, err := appendSubflows(nil, min(n, maxSubflows), subflows, sizeSubflowInfo, offSubflowAddrs, infos, sizeTCPInfo)
		if fit := min(len(subflows)/sizeSubflowInfo, len(infos)/sizeTCPInfo); len(paths) > max(fit, 0) {
			t.Errorf("%d subflows where %d fit", len(paths), fit)
		}
		for _, p := range paths {
			if err == nil && (p.TCP == nil || p.Local == "" || p.Remote == "") {
				t.Errorf("%+v", p)
			}
		}
	})
}

func FuzzParseMPTCPInfo(f *testing.F) {
	f.Add(make([]byte, sizeMPTCPInfo))
	f.Add([]byte{1})
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, err := parseMPTCPInfo(b); (err == nil) != (len(b) >= minMPTCPInfo) {
			t.Errorf("%d bytes: %v", len(b), err)
		}
	})
}

func FuzzParseNetlink(f *testing.F) {
	f.Add([]byte{})
	answer := make([]byte, sizeNetlinkHeader+sizeGenericHeader)
	answer = appendAttribute(answer, pmAttrAddr, appendAttribute(nil, pmAddrID, []byte{1}))
	binary.NativeEndian.PutUint32(answer, uint32(len(answer)))
	binary.NativeEndian.PutUint16(answer[4:], 0x20)
	f.Add(answer)
	f.Fuzz(func(t *testing.T, b []byte) {
		list, _, _ := parseAnswer(nil, b)
		total := 0
		for _, message := range list {
			total += len(message)
			_, _ = parseEndpoint(message)
			_ = new(MPTCPEnvironment).takeLimits(message)
		}
		if total > len(b) {
			t.Errorf("%d bytes of messages in %d", total, len(b))
		}
	})
}

func FuzzParseNetstat(f *testing.F) {
	f.Add([]byte("MPTcpExt: X Y\nMPTcpExt: 7 0\n"))
	f.Add([]byte("MPTcpExt: X\nMPTcpExt: 7 8 9\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		for name, v := range parseNetstat(b, "MPTcpExt:") {
			if v == 0 {
				t.Errorf("%s is 0", name)
			}
		}
	})
}
