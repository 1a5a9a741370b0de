//go:build linux

package vm

import (
	"flag"
	"fmt"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"netperfmeter/test/lab"
)

func TestMain(m *testing.M) {
	// Cases mostly wait, and not for this machine's processors: more of them than those at a time. -parallel on the
	// command line overrides it.
	if err := flag.Set("test.parallel", "4"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	lab.Main(m)
}

// all are the subtests of TestVM. They have the machine in common and run at the same time.
var all = []struct {
	name string
	run  func(t *testing.T, m *Machine)
}{
	{"modules", testModules},
	{"runner-result", testRunnerResult},
	{"runner-limit", testRunnerLimit},
	{"runner-apart", testRunnerApart},
	{"lab-two-hosts", testLabTwoHosts},
	{"lab-await", testLabAwait},
	{"reference-sctp", testReferenceSCTP},
	{"reference-tcp-udp", testReferenceTCPUDP},
	{"reference-dccp", testReferenceDCCP},
	{"ours-version", testOursVersion},
	{"ours-tests", testOursTests},
	{"ours-tcp", testOursTCP},
	{"ours-mptcp", testOursMPTCP},
	{"sctp-channels", testSCTPChannels},
	{"sctp-ours", testOursSCTP},
	{"sctp-saturated", testSCTPSaturated},
	{"sctp-reference-ours", testReferenceToOursSCTP},
	{"sctp-ours-reference", testOursToReferenceSCTP},
	{"sctp-fallback", testSCTPFallback},
	{"sctp-loss", testSCTPLoss},
	{"sctp-failover", testSCTPFailover},
	{"sctp-passive-killed", testSCTPPassiveKilled},
	{"sctp-active-killed", testSCTPActiveKilled},
	{"sctp-unplugged", testSCTPUnplugged},
	{"sctp-outage", testSCTPOutage},
	{"dccp-channels", testDCCPChannels},
	{"dccp-ours", testDCCP},
	{"dccp-saturated", testDCCPSaturated},
	{"dccp-refused", testDCCPRefused},
	{"dccp-reference-ours", testReferenceToOursDCCP},
	{"dccp-ours-reference", testOursToReferenceDCCP},
	{"reference-ours", testReferenceToOurs},
	{"ours-reference", testOursToReference},
}

// TestVM boots the machine and runs the cases in it that are selected.
func TestVM(t *testing.T) {
	begun := time.Now()
	var m *Machine
	var ran, passed, skipped atomic.Int32
	t.Cleanup(func() { // after the machine's end
		if m == nil {
			return
		}
		fmt.Printf("vm: %d of %d cases ran, %d passed; built in %.1f s, booted in %.1f s, all in %.1f s with %.1f s of processor time for qemu\n",
			ran.Load(), len(all), passed.Load(), m.Build.Seconds(), m.Boot.Seconds(), time.Since(begun).Seconds(), m.Used.Seconds())
		if n := skipped.Load(); n > 0 && os.Getenv(lab.RequirePeers) == "1" {
			t.Errorf("with %s=1 nothing may be missing: %d cases were skipped", lab.RequirePeers, n)
		}
	})
	m = Start(t, Config{Tests: []string{"./channels"}, Limit: 30 * time.Minute})
	for _, c := range all {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			defer func() {
				if t.Skipped() {
					skipped.Add(1)
					return
				}
				ran.Add(1)
				if !t.Failed() {
					passed.Add(1)
				}
			}()
			c.run(t, m)
		})
	}
}
