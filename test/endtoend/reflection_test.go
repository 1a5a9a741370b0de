//go:build linux

package endtoend

import (
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"netperfmeter/test/lab"
)

// datagrams listens for UDP that comes to a host, whatever the port, and counts
// it until the test ends. ICMP and what keeps the link running do not count.
func datagrams(t *testing.T, n *lab.Namespace) func() int {
	t.Helper()
	fd := -1
	err := n.Do(func() (err error) {
		fd, err = unix.Socket(unix.AF_INET, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, unix.IPPROTO_UDP)
		return err
	})
	if err != nil {
		lab.Unable(t, "in %s: a raw socket: %v", n.Name, err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	count, b := 0, make([]byte, 65536)
	return func() int {
		for {
			if _, _, err := unix.Recvfrom(fd, b, 0); err != nil {
				return count
			}
			count++
		}
	}
}

// spoof sends datagrams from the victim's address.
func spoof(t *testing.T, tri *lab.Triangle, messages ...[]byte) {
	t.Helper()
	err := tri.Client.Do(func() error {
		conn, err := net.DialUDP("udp4", net.UDPAddrFromAddrPort(netip.AddrPortFrom(tri.VictimAddr, 7777)),
			net.UDPAddrFromAddrPort(netip.AddrPortFrom(tri.ServerAddr, 9000)))
		if err != nil {
			return err
		}
		defer conn.Close()
		for _, b := range messages {
			if _, err := conn.Write(b); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestSpoofedSource: a client makes a flow of 1000 datagrams a second and has the victim's address identify itself for
// it, as another program and as one of ours. The victim receives nothing; only where the operator allows it, it does.
func TestSpoofedSource(t *testing.T) {
	for _, allowed := range []bool{false, true} {
		for _, marked := range []bool{false, true} {
			t.Run(fmt.Sprintf("third party allowed %v, marked %v", allowed, marked), func(t *testing.T) {
				tri := lab.WithVictim(t)
				var options []string
				if allowed {
					options = []string{"--allow-third-party"}
				}
				v := &victims{n: tri.Server, passive: tri.Server.StartPassive(t, 9000, options...)}
				received := datagrams(t, tri.Victim)
				c := &talk{t: t, v: v, hostile: hostile{measurement: 0x123456789abc0000}}
				if marked {
					c.measurement = 0x123456789abca5bf // the example of PROTOCOL.md
				}
				c.conn = dialFrom(t, tri.Client, "tcp", "", netip.AddrPortFrom(tri.ServerAddr, 9001).String())
				add := c.udpFlow(1, 1000)
				c.say(add, add)
				identify := c.identify(1)
				identify[1] = 2 // no vectors
				spoof(t, tri, identify, identify, identify)
				if allowed {
					c.await(add)
				} else {
					v.said(t, "IDENTIFY_FLOW dropped", "refusal=third_party", tri.VictimAddr.String())
				}
				c.say(noFiles(c.start()), c.start())
				spoof(t, tri, c.hostile.data(1, 1000), identify, c.hostile.data(1, 100))
				if allowed {
					v.passive.Await(t, "datagrams at the victim, where they are allowed", patience, func() bool { return received() > 10 })
					return
				}
				time.Sleep(500 * time.Millisecond) // 500 datagrams, if there were any
				c.say(c.stop(), c.stop())
				if n := received(); n != 0 {
					t.Errorf("the victim received %d datagrams", n)
				}
			})
		}
	}
}

// TestOtherDataAddress: data from another address than control. Two programs of ours prove it.
func TestOtherDataAddress(t *testing.T) {
	for _, row := range []struct {
		name    string
		passive []string
		key     bool
		code    int
	}{
		{"proven", nil, false, 0},
		{"allowed", []string{"--allow-third-party"}, false, 0},
		{"denied", []string{"--deny", "127.0.0.3"}, false, 2},
		{"with a key", nil, true, 2},
		{"with a key, allowed", []string{"--allow-third-party"}, true, 0},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			key := []string{}
			if row.key {
				key = []string{"--key-file", keyFile(t, aKey, 0o600)}
			}
			v := guarded(t, append(key, row.passive...)...)
			args := append([]string{"127.0.0.1", "-runtime=0.3", "--controllocal", "127.0.0.2", "-L", "127.0.0.3", "-udp", "const50:const100:const50:const100",
				"-udp", "const50:const100", "-scalar=r.sca"}, key...)
			dir := t.TempDir()
			r := v.n.Run(t, lab.Ours(t, args...).In(dir))
			if r.Code != row.code {
				t.Fatalf("exit status instead of %d: %v", row.code, r)
			}
			if row.code != 0 {
				v.said(t, "refusal=")
				return
			}
			if out := v.passive.Output(); strings.Contains(out, "refusal=") {
				t.Errorf("something was refused: %s", out)
			}
			agree(t, lab.ReadResults(t, dir, "r.sca", ""), []expected{
				{id: 0, outgoing: way{frame: travels(100, 16000)}, incoming: way{frame: travels(100, 16000)}},
				{id: 1, outgoing: way{frame: travels(100, 16000)}, incoming: way{idle: true}}})
		})
	}
}

// TestSameIDs: two clients with the same measurement and flow IDs do not meet.
func TestSameIDs(t *testing.T) {
	v := guarded(t)
	first := v.talk(t)
	second := &talk{t: t, v: v, hostile: first.hostile, conn: v.dial(t, "tcp", "127.0.0.1:9001")}
	add := first.udpFlow(1, 200)
	first.say(add, add)
	second.expect("the same flow of another client", add, refused)
	v.said(t, second.conn.LocalAddr().String(), "ADD_FLOW", "refusal=duplicate_flow")
	own := v.dial(t, "udp", "127.0.0.1:9000")
	identify := first.identify(1)
	identify[1] = 2 // no vectors
	own.Write(identify)
	first.await(add)
	stranger := v.dial(t, "udp", "127.0.0.1:9000")
	stranger.Write(identify)
	for name, b := range map[string][]byte{"START": second.start(), "STOP": second.stop(), "REMOVE_FLOW": second.removeFlow(1)} {
		second.expect(name+" of the other client's measurement", b, refused)
	}
	first.say(noFiles(first.start()), first.start())
	second.expect("STOP of the other client's running measurement", second.stop(), refused)
	b := make([]byte, 2000)
	own.SetReadDeadline(time.Now().Add(patience))
	if _, err := own.Read(b); err != nil {
		t.Errorf("the first client gets no data: %v", err)
	}
	stranger.SetReadDeadline(time.Now().Add(quiet))
	if n, err := stranger.Read(b); err == nil {
		t.Errorf("the other client got %d bytes", n)
	}
	second.conn.Close()
	first.say(first.stop(), first.stop())
}
