//go:build linux

package lab

import (
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestMain(m *testing.M) { Main(m) }

func TestNamespaceIsAlone(t *testing.T) {
	n := Loopback(t)
	if out := n.Shell(t, "ip -o link"); strings.Count(out, "\n") != 1 || !strings.Contains(out, " lo:") {
		t.Errorf("interfaces:\n%s", out)
	}
	var l net.Listener
	if err := n.Do(func() (err error) { l, err = net.Listen("tcp", "127.0.0.1:9001"); return err }); err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if !n.Listening("tcp", 9001) || n.Listening("udp", 9001) || Loopback(t).Listening("tcp", 9001) {
		t.Error("the listener is not where it should be")
	}
}

func TestLoopbackUnderCubic(t *testing.T) {
	n := Loopback(t)
	NeedTools(t, "python3")
	script := `
import socket
for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
    for protocol in 6, 262:
        s = socket.socket(family, socket.SOCK_STREAM, protocol); s.bind((host, 0)); s.listen()
        c = socket.socket(family, socket.SOCK_STREAM, protocol); c.connect(s.getsockname()); a, _ = s.accept()
        print(c.getsockopt(6, 13, 16).rstrip(b"\0").decode(), a.getsockopt(6, 13, 16).rstrip(b"\0").decode())
`
	r := n.Run(t, Command{Name: "python3", Args: []string{"-c", script}})
	if want := strings.Repeat("cubic cubic\n", 4); r.Stdout != want {
		t.Errorf("congestion control: %v", r)
	}
}

func TestProcessEndsAtItsLimit(t *testing.T) {
	n := Loopback(t)
	r := n.Run(t, Command{Name: "sleep", Args: []string{"60"}, Limit: 50 * time.Millisecond})
	if !r.TimedOut || r.Code != -1 || r.Elapsed > 20*time.Second {
		t.Error(r)
	}
	r = n.Run(t, Command{Name: "sh", Args: []string{"-c", "trap '' QUIT; echo out; echo err >&2; cat; exit 3"}, Stdin: []byte("in")})
	if r.TimedOut || r.Code != 3 || r.Stdout != "out\nin" || r.Stderr != "err\n" {
		t.Error(r)
	}
}

func TestProcessesEndWithTheirNamespace(t *testing.T) {
	n := NewNamespace(t, "short-lived")
	p := n.Start(t, Command{Name: "sleep", Args: []string{"60"}})
	n.Close()
	if r := p.Wait(); r.Code != -1 || r.TimedOut || r.Elapsed > 20*time.Second {
		t.Error(r)
	}
	if err := syscall.Kill(p.PID, 0); err == nil {
		t.Error("the process is still there")
	}
}

func TestOutputKeepsBothEnds(t *testing.T) {
	var o output
	o.Write([]byte("begin\n"))
	for range 100 {
		o.Write(make([]byte, 64<<10))
	}
	o.Write([]byte("end\n"))
	s := o.String()
	if !strings.HasPrefix(s, "begin\n") || !strings.HasSuffix(s, "end\n") || len(s) > 5*outputPart {
		t.Errorf("%d bytes kept", len(s))
	}
}

func TestTwoPaths(t *testing.T) {
	p := TwoPaths(t)
	for i, a := range p.ServerAddr {
		p.Client.Shell(t, "ping -c 1 -W 2 -I "+p.ClientAddr[i].String()+" "+a.String())
	}
	if p.Client.Counter(t, "v2", "tx_bytes") == 0 || p.Server.Counter(t, "v2", "rx_packets") == 0 {
		t.Error("the interfaces' counters show nothing")
	}
	if out := p.Server.Shell(t, "ip mptcp endpoint show; tc qdisc show dev v1"); !strings.Contains(out, "10.81.2.2") || !strings.Contains(out, "50Mbit") {
		t.Error(out)
	}
}

func TestVictimSeesAnswersToASpoofedAddress(t *testing.T) {
	v := WithVictim(t)
	server := v.Server.Capture(t, "v3", "udp")
	target := net.UDPAddrFromAddrPort(netip.AddrPortFrom(v.ServerAddr, 5555))
	var spoofing, answering *net.UDPConn
	err := v.Server.Do(func() (err error) { answering, err = net.ListenUDP("udp4", target); return err })
	if err == nil {
		err = v.Client.Do(func() (err error) {
			from := net.UDPAddrFromAddrPort(netip.AddrPortFrom(v.VictimAddr, 4444))
			spoofing, err = net.DialUDP("udp4", from, target)
			return err
		})
	}
	if err != nil {
		t.Fatal(err)
	}
	defer spoofing.Close()
	defer answering.Close()
	spoofing.Write([]byte("spoofed"))
	answering.SetReadDeadline(time.Now().Add(10 * time.Second))
	_, from, err := answering.ReadFromUDP(make([]byte, 100))
	if err != nil {
		t.Fatal(err)
	}
	answering.WriteToUDP([]byte("answer"), from)
	server.Stop(t)
	if lines := Tshark(t, server.File, "udp", []string{"ip.dst", "udp.dstport"}); len(lines) != 1 || lines[0] != v.VictimAddr.String()+"\t4444" {
		t.Errorf("captured: %q", lines)
	}
}

// TestReferenceAgainstItself is the proof that both roles of 1.9.4 run here, and that the readers take its files.
func TestReferenceAgainstItself(t *testing.T) {
	n := Loopback(t)
	capture := n.Capture(t, "lo", "tcp or udp")
	passive := n.StartReferencePassive(t, 9000)
	dir := t.TempDir()
	r := n.Run(t, Reference(t, "127.0.0.1:9000", "-runtime=2", "-config=r.config", "-scalar=r.sca.bz2", "-vector=r.vec",
		"-tcp", "const10:const1000:const5:const500", "-udp", "const25:const300:const10:const200:description=Bravo").In(dir))
	if r.Code != 0 || r.TimedOut {
		t.Fatal(r)
	}
	if end := passive.Stop(); end.Code != 0 {
		t.Errorf("passive side: %v", end)
	}
	capture.Stop(t)
	results := ReadResults(t, dir, "r.sca.bz2", "r.vec")
	if got := results.Active.Flows(); !reflect.DeepEqual(got, []uint32{0, 1}) {
		t.Fatalf("flows %v", got)
	}
	sent := results.Active.Counts(t, FlowObject(1), "Transmitted")
	received := results.Passive.Counts(t, FlowObject(1), "Received")
	if sent.Packets < 10 || sent.Bytes != 300*sent.Packets || received.Packets > sent.Packets {
		t.Errorf("sent %+v, received %+v", sent, received)
	}
	if v := results.Flow(t, "passive", 1); v.Lines == 0 || v.Bytes != 300*v.Lines {
		t.Errorf("flow vector %+v", v)
	}
	if g := results.Global(t, "active"); len(g) < 9 || g[3].Description != "Bravo" {
		t.Errorf("global vector %+v", g)
	}
	if c := ReadConfig(t, filepath.Join(dir, "r.config")); c.Value["NUM_FLOWS"] != "2" || c.Flow(1, "PROTOCOL") != "UDP" {
		t.Errorf("configuration %v", c.Value)
	}
	dissected := Tshark(t, capture.File, "udp && netperfmeter", []string{"netperfmeter.message_type"})
	if len(dissected) < int(received.Packets) {
		t.Errorf("%d datagrams dissected, %d messages received", len(dissected), received.Packets)
	}
	NothingMalformed(t, capture.File)
}

func TestReferenceFails(t *testing.T) {
	n := Loopback(t)
	r := n.Run(t, Reference(t, "127.0.0.1:9000", "-runtime=1", "-tcp", "const10:const1000").For(30*time.Second))
	if r.Code == 0 || r.TimedOut {
		t.Errorf("without a passive side: %v", r)
	}
}

func TestReadersTakeTheSamples(t *testing.T) {
	root, err := Root()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(root, "..", "shared", "reference")
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("the samples are not here: %v", err)
	}
	tabs := ReadResults(t, filepath.Join(dir, "tcp-udp-mptcp"), "run.sca", "run.vec")
	if got := tabs.Passive.Flows(); !reflect.DeepEqual(got, []uint32{0, 7, 8, 9, 10, 11}) {
		t.Errorf("flows %v", got)
	}
	if v := tabs.Flow(t, "passive", 7); v.Lines == 0 {
		t.Errorf("%+v", v)
	}
	packed := ReadResults(t, filepath.Join(dir, "sctp-dccp"), "run.sca.bz2", "run.vec.bz2")
	if v := packed.Flow(t, "passive", 4); v.Lines == 0 {
		t.Errorf("%+v", v)
	}
	if g := packed.Global(t, "passive"); len(g) == 0 || g[len(g)-1].Description != "Total" {
		t.Errorf("%d rows", len(g))
	}
}

func TestFileNames(t *testing.T) {
	for _, test := range [][3]string{
		{"run.vec.bz2", "run-active.vec.bz2", "run-passive-0000000a-0000.vec.bz2"},
		{"a.b/run", "a.b/run-active", "a.b/run-passive-0000000a-0000"},
		{"o.sca", "o-active.sca", "o-passive-0000000a-0000.sca"},
		{"run.bz2", "run-active.bz2", "run-passive-0000000a-0000.bz2"},
	} {
		if got := SideFile(test[0], "active"); got != test[1] {
			t.Errorf("%s: %s", test[0], got)
		}
		if got := FlowFile(test[0], "passive", 10, 0); got != test[2] {
			t.Errorf("%s: %s", test[0], got)
		}
	}
}
