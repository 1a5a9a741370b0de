//go:build linux

package lab

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
)

// Boxed is a server behind a box that forwards, and that a client reaches on two links:
//
//	client 10.81.1.1 v1 ===== v1 10.81.1.2 box 10.81.3.1 v3 ===== v3 10.81.3.2 server
//	client 10.81.2.1 v2 ===== v2 10.81.2.2 box
//
// Both ends have MPTCP with up to two more subflows; Join lets the client open a second one from its second address.
type Boxed struct {
	Client, Box, Server *Namespace
	ServerAddr, BoxAddr netip.Addr
	ClientAddr          [2]netip.Addr
}

// WithBox makes the three hosts. The box does nothing but forward.
func WithBox(t testing.TB) *Boxed {
	t.Helper()
	NeedTools(t, "iptables", "nft", "nstat")
	b := &Boxed{Client: NewNamespace(t, "client"), Box: NewNamespace(t, "box"), Server: NewNamespace(t, "server")}
	b.ClientAddr[0], b.BoxAddr = link(t, b.Client, b.Box, 1)
	b.ClientAddr[1], _ = link(t, b.Client, b.Box, 2)
	_, b.ServerAddr = link(t, b.Box, b.Server, 3)
	b.Box.Sysctl(t, "net/ipv4/ip_forward", "1")
	b.Client.Shell(t, `ip route add 10.81.3.0/24 via 10.81.1.2 congctl cubic
		ip rule add from 10.81.2.1 table 2
		ip route add 10.81.3.0/24 via 10.81.2.2 table 2 congctl cubic`)
	b.Server.Shell(t, "ip route add 10.81.0.0/16 via 10.81.3.1 congctl cubic")
	for _, n := range []*Namespace{b.Client, b.Server} {
		n.Sysctl(t, "net/mptcp/enabled", "1")
		n.Shell(t, "ip mptcp limits set subflow 2 add_addr_accepted 2")
	}
	return b
}

// Join makes the client open a second subflow of its MPTCP connections, of those that there are as well.
func (b *Boxed) Join(t testing.TB) {
	t.Helper()
	b.Client.Shell(t, fmt.Sprintf("ip mptcp endpoint add %v dev v2 subflow", b.ClientAddr[1]))
}

// Strip removes option 30 from what the box forwards and match selects: iptables' words, "" for all.
func (b *Boxed) Strip(t testing.TB, match string) {
	t.Helper()
	b.Box.Shell(t, "iptables -t mangle -A FORWARD -p tcp "+match+" -j TCPOPTSTRIP --strip-options 30")
}

// Filter adds a rule of nftables' to what the box forwards.
func (b *Boxed) Filter(t testing.TB, rule string) {
	t.Helper()
	b.Box.Shell(t, "nft add table inet box; nft add chain inet box forward '{ type filter hook forward priority 0; }'; nft add rule inet box forward '"+rule+"'")
}

// Clear makes the box do nothing but forward again.
func (b *Boxed) Clear(t testing.TB) {
	t.Helper()
	b.Box.Shell(t, "iptables -t mangle -F FORWARD; nft flush ruleset")
}

// MPTCPCounter reads a counter of the namespace, without MPTcpExt in its name.
func (n *Namespace) MPTCPCounter(t testing.TB, name string) uint64 {
	t.Helper()
	for line := range strings.Lines(n.Shell(t, "nstat -asz MPTcpExt"+name)) {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == "MPTcpExt"+name {
			return whole(t, "nstat", fields[1])
		}
	}
	t.Fatalf("in %s: nstat has no counter MPTcpExt%s", n.Name, name)
	return 0
}
