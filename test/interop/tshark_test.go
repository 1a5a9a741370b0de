//go:build linux

package interop

import (
	"testing"

	"netperfmeter/test/lab"
)

// TestDissection: tshark knows every message of UDP flows, and of TCP flows
// whose messages travel alone, and finds nothing malformed. It knows them by
// their payload, too: of messages with next to none, the reference's included,
// it says nothing, so the frames here have some.
func TestDissection(t *testing.T) {
	lab.NeedTools(t, "tshark")
	n := lab.Loopback(t)
	// Datagrams that leave as one (GSO) are one packet to a capture on loopback.
	n.StartPassive(t, 9000, "--quiet", "--disable=gso")
	dir := t.TempDir()
	capture := n.Capture(t, "lo", "port 9000")
	r := n.Run(t, lab.Ours(t, "127.0.0.1", "-control-over-tcp", "-runtime=1", "-scalar=r.sca", "--disable=gso",
		"-udp", "const50:const300:const40:uniform100,700", "-udp", "exp100:uniform100,1400",
		"-tcp", "const20:const500:const10:const200:nodelay=on").In(dir))
	if r.Code != 0 {
		t.Fatal(r)
	}
	capture.Stop(t)
	results := lab.ReadResults(t, dir, "r.sca", "")
	sent := func(flows ...uint32) (n int) {
		for _, f := range flows {
			n += int(results.Active.Counts(t, lab.FlowObject(f), "Transmitted").Packets + results.Passive.Counts(t, lab.FlowObject(f), "Transmitted").Packets)
		}
		return n
	}
	for _, test := range []struct {
		transport      string
		data, identify int
	}{{"udp", sent(0, 1), 2}, {"tcp", sent(2), 1}} {
		count := func(filter string) int {
			return len(lab.Tshark(t, capture.File, test.transport+" && "+filter, []string{"frame.number"}))
		}
		if got := count("netperfmeter.message_type == 5"); got != test.data || got == 0 {
			t.Errorf("%s: %d DATA messages dissected, %d sent", test.transport, got, test.data)
		}
		if got := count("netperfmeter.message_type == 4"); got != test.identify {
			t.Errorf("%s: %d IDENTIFY_FLOW messages dissected, of %d flows", test.transport, got, test.identify)
		}
		if test.transport == "udp" {
			if got := count("!netperfmeter"); got != 0 {
				t.Errorf("%d datagrams are not dissected", got)
			}
		}
	}
	lab.NothingMalformed(t, capture.File)
}
