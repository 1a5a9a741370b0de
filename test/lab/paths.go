//go:build linux

package lab

import (
	"fmt"
	"net/netip"
	"testing"
)

// Paths are two hosts joined by two links, each of them shaped to 50 Mbit/s in both directions:
//
//	client 10.81.1.1 v1 ===== v1 10.81.1.2 server
//	client 10.81.2.1 v2 ===== v2 10.81.2.2 server
//
// Both have MPTCP with up to two subflows; the server announces its second address.
type Paths struct {
	Client, Server *Namespace
	// Addresses by link.
	ClientAddr, ServerAddr [2]netip.Addr
}

// TwoPaths makes the two hosts.
func TwoPaths(t testing.TB) *Paths {
	t.Helper()
	NeedTools(t, "tc", "ping")
	p := &Paths{Client: NewNamespace(t, "client"), Server: NewNamespace(t, "server")}
	for i := range p.ClientAddr {
		p.ClientAddr[i], p.ServerAddr[i] = link(t, p.Client, p.Server, i+1)
		for _, n := range []*Namespace{p.Client, p.Server} {
			n.Shell(t, fmt.Sprintf("tc qdisc add dev v%d root tbf rate 50mbit burst 32kb latency 20ms", i+1))
		}
	}
	for _, n := range []*Namespace{p.Client, p.Server} {
		n.Sysctl(t, "net/mptcp/enabled", "1")
		n.Shell(t, "ip mptcp limits set subflow 2 add_addr_accepted 2")
	}
	p.Server.Shell(t, fmt.Sprintf("ip mptcp endpoint add %v dev v2 signal", p.ServerAddr[1]))
	return p
}

// Linked are two hosts joined by one link that nothing shapes: client 10.81.1.1 v1 ===== v1 10.81.1.2 server.
func Linked(t testing.TB) (client, server *Namespace, clientAddr, serverAddr netip.Addr) {
	t.Helper()
	client, server = NewNamespace(t, "client"), NewNamespace(t, "server")
	clientAddr, serverAddr = link(t, client, server, 1)
	return client, server, clientAddr, serverAddr
}

// Cut makes a namespace deaf: what comes in over the device is dropped, as if the cable had been cut far away. Both
// ends have to be cut.
func (n *Namespace) Cut(t testing.TB, device string) {
	t.Helper()
	NeedTools(t, "iptables")
	n.Shell(t, "iptables -A INPUT -i "+device+" -j DROP")
}

// link joins two namespaces by a veth pair vK with 10.81.K.1 and 10.81.K.2, under cubic.
func link(t testing.TB, a, b *Namespace, k int) (atA, atB netip.Addr) {
	t.Helper()
	device := fmt.Sprintf("v%d", k)
	a.Shell(t, fmt.Sprintf("ip link add %s type veth peer name %s netns %s", device, device, b.file()))
	addrs := [2]netip.Addr{netip.AddrFrom4([4]byte{10, 81, byte(k), 1}), netip.AddrFrom4([4]byte{10, 81, byte(k), 2})}
	for i, n := range []*Namespace{a, b} {
		n.Shell(t, fmt.Sprintf(`ip addr add %[1]v/24 dev %[2]s
			ip link set %[2]s up
			ip route replace 10.81.%[3]d.0/24 dev %[2]s proto kernel scope link src %[1]v congctl cubic`, addrs[i], device, k))
	}
	return addrs[0], addrs[1]
}

// Triangle is a server between a client and a bystander, to see whether the server can be made to send to someone
// who never asked:
//
//	client 10.81.1.1 v1 ===== v1 10.81.1.2 server 10.81.3.1 v3 ===== v3 10.81.3.2 victim
//
// The client also owns the victim's address on its loopback, to send from it; the server does not filter that.
type Triangle struct {
	Client, Server, Victim             *Namespace
	ClientAddr, ServerAddr, VictimAddr netip.Addr
}

// WithVictim makes the three hosts.
func WithVictim(t testing.TB) *Triangle {
	t.Helper()
	v := &Triangle{Client: NewNamespace(t, "client"), Server: NewNamespace(t, "server"), Victim: NewNamespace(t, "victim")}
	v.ClientAddr, v.ServerAddr = link(t, v.Client, v.Server, 1)
	_, v.VictimAddr = link(t, v.Server, v.Victim, 3)
	v.Client.Shell(t, fmt.Sprintf("ip addr add %v/32 dev lo", v.VictimAddr))
	// The kernel takes the larger of the two.
	v.Server.Sysctl(t, "net/ipv4/conf/all/rp_filter", "0")
	v.Server.Sysctl(t, "net/ipv4/conf/v1/rp_filter", "0")
	return v
}

// Counter reads a counter of an interface, such as "rx_bytes" or "tx_packets".
func (n *Namespace) Counter(t testing.TB, device, counter string) uint64 {
	t.Helper()
	// Not from sysfs: that shows the interfaces of the namespace that mounted it.
	value, err := parseCounter(n.Shell(t, "ip -s -j link show dev "+device), counter)
	if err != nil {
		t.Fatalf("in %s: %v", n.Name, err)
	}
	return value
}
