//go:build linux

package interop

import (
	"strings"
	"testing"

	"netperfmeter/test/lab"
)

// TestCapabilitiesOfTheReference: it cannot be asked, and takes no harm: measurements before, meanwhile and after are
// complete.
func TestCapabilitiesOfTheReference(t *testing.T) {
	n := lab.Loopback(t)
	p := n.StartReferencePassive(t, 9000)
	running := n.Start(t, lab.Ours(t, "127.0.0.1", "-runtime=2", "-scalar=r.sca", "-tcp", "const50:const100:const50:const100").In(t.TempDir()))
	for range 3 {
		r := n.Run(t, lab.Ours(t, "--capabilities", "127.0.0.1"))
		if r.Code != 4 || !strings.Contains(r.Stderr, "the passive side is another program") || !strings.Contains(r.Stdout, "This host") {
			t.Errorf("asking the reference: %v", r)
		}
	}
	if r := running.Wait(); r.Code != 0 {
		t.Errorf("the measurement meanwhile: %v", r)
	}
	r := n.Run(t, lab.Ours(t, "127.0.0.1", "-runtime=1", "-tcp", "const50:const100:const50:const100").In(t.TempDir()))
	if r.Code != 0 || !p.Running() {
		t.Errorf("the measurement after it: %v", r)
	}
}
