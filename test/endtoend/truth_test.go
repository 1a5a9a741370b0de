//go:build linux

package endtoend

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"testing"

	"netperfmeter/test/lab"
	"netperfmeter/test/relay"
)

// harm harms one in a hundred datagrams in each way.
func harm(seed uint64) func(bool, int) relay.Fault {
	var mu sync.Mutex
	r := rand.New(rand.NewPCG(seed, 1))
	return func(bool, int) relay.Fault {
		mu.Lock()
		defer mu.Unlock()
		switch r.IntN(100) {
		case 0:
			return relay.Drop
		case 1:
			return relay.Duplicate
		case 2:
			return relay.Hold
		}
		return relay.Pass
	}
}

// TestCountingAgainstTruth: loss, late messages and duplicates of a relay that
// knows what it did, for frames of one and of 20 messages, both ways, to the
// message, byte and frame.
func TestCountingAgainstTruth(t *testing.T) {
	for name, spec := range map[string]string{
		"frames of 1":  "const800:const300:const800:uniform100,500",
		"frames of 20": "const60:const2560:const60:const2500:maxmsgsize=128",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := lab.Loopback(t)
			n.StartPassive(t, 9000, "--quiet")
			r, err := relay.Start(relay.Config{
				Base: netip.MustParseAddrPort("127.0.0.2:9500"), Passive: netip.MustParseAddrPort("127.0.0.1:9000"),
				In: n.Do, Harm: harm(7),
			})
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			dir := t.TempDir()
			result := n.Run(t, lab.Ours(t, "127.0.0.2:9500", "-runtime=4", "-scalar=r.sca", "-udp", spec).In(dir))
			if result.Code != 0 {
				t.Fatal(result)
			}
			results := lab.ReadResults(t, dir, "r.sca", "")
			for _, d := range r.Directions() {
				sender, receiver := results.Passive, results.Active
				if d.Outgoing {
					sender, receiver = results.Active, results.Passive
				}
				compareTruth(t, d, sender, receiver)
			}
		})
	}
}

func compareTruth(t *testing.T, d relay.Direction, sender, receiver *lab.Scalars) {
	t.Helper()
	object := lab.FlowObject(d.Flow)
	way := fmt.Sprintf("outgoing %v", d.Outgoing)
	sent, received, lost := sender.Counts(t, object, "Transmitted"), receiver.Counts(t, object, "Received"), receiver.Counts(t, object, "Lost")
	t.Logf("%s: sent %+v, received %+v, lost %+v; relay: passed %+v, dropped %+v, late %d, twice %d", way, sent, received, lost, d.Passed, d.Lost, d.Late, d.Twice)
	if received != lab.Counts(d.Passed) || lost != lab.Counts(d.Lost) {
		t.Errorf("%s: received %+v and lost %+v; the relay passed %+v and dropped %+v", way, received, lost, d.Passed, d.Lost)
	}
	if sent.Packets != received.Packets+lost.Packets || sent.Bytes != received.Bytes+lost.Bytes || sent.Frames != received.Frames+lost.Frames {
		t.Errorf("%s: sent %+v is not received %+v and lost %+v", way, sent, received, lost)
	}
	if late := receiver.Uint(t, object, "Late Packets"); late != d.Late || late == 0 {
		t.Errorf("%s: %d late, the relay delivered %d late", way, late, d.Late)
	}
	if twice := receiver.Uint(t, object, "Duplicate Packets"); twice != d.Twice || twice == 0 {
		t.Errorf("%s: %d duplicates, the relay made %d", way, twice, d.Twice)
	}
	if undecided := receiver.Uint(t, object, "Undecided Packets"); undecided != 0 {
		t.Errorf("%s: %d undecided", way, undecided)
	}
}

// TestLossAgainstCounter: the loss that a packet filter has counted.
func TestLossAgainstCounter(t *testing.T) {
	t.Parallel()
	lab.NeedTools(t, "nft")
	n := lab.Loopback(t)
	n.StartPassive(t, 9000, "--quiet", "--disable=gso,gro")
	// Not the first one: IDENTIFY_FLOW would come again two seconds later.
	n.Shell(t, "nft add table inet lossy; nft add chain inet lossy in '{ type filter hook input priority 0; }'; "+
		"nft add rule inet lossy in udp dport 9000 numgen inc mod 100 50 counter drop")
	dir := t.TempDir()
	r := n.Run(t, lab.Ours(t, "127.0.0.1", "-runtime=3", "-scalar=r.sca", "--disable=gso,gro", "-udp", "const1000:const300:const0:const0").In(dir))
	if r.Code != 0 {
		t.Fatal(r)
	}
	_, after, found := strings.Cut(n.Shell(t, "nft list chain inet lossy in"), "counter packets ")
	count, err := strconv.ParseUint(strings.Fields(after + " -")[0], 10, 64)
	if !found || err != nil {
		t.Fatalf("no counter: %v", err)
	}
	passive := lab.ReadResults(t, dir, "r.sca", "").Passive
	if lost := passive.Counts(t, lab.FlowObject(0), "Lost"); lost.Packets != count || lost.Bytes != 300*count || lost.Frames != count || count == 0 {
		t.Errorf("lost %+v, the packet filter dropped %d", lost, count)
	}
}
