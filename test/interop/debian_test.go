//go:build linux

package interop

import (
	"strings"
	"testing"

	"netperfmeter/test/lab"
)

// TestReferenceMeasures: Debian's active side against our passive side.
func TestReferenceMeasures(t *testing.T) {
	t.Parallel()
	n := lab.Loopback(t)
	passive := n.StartPassive(t, 9000)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			r := n.Run(t, lab.Reference(t, "127.0.0.1:9000", arguments(c.scalar, c.vector, c.flows)...).In(dir))
			if r.Code != 0 || r.TimedOut {
				t.Fatal(r)
			}
			results := lab.ReadResults(t, dir, c.scalar, c.vector)
			ourVectors(t, results, "passive", c.flows)
			theirVectors(t, results, "active", c.flows)
			if c.scalar == "" {
				return
			}
			for i, f := range c.flows {
				theySent(t, i, f, 0, results.Active, results.Passive)
				weSent(t, i, f, 1, results.Passive, results.Active)
			}
		})
	}
	if !passive.Running() {
		t.Fatal("the passive side has ended")
	}
	if r := passive.Stop(); r.Code != 0 {
		t.Error(r)
	}
}

// TestMeasuringTheReference: our active side against Debian's passive side.
func TestMeasuringTheReference(t *testing.T) {
	t.Parallel()
	n := lab.Loopback(t)
	n.StartReferencePassive(t, 9000)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			args := append([]string{"127.0.0.1:9000", "--peer-version", "1.9"}, arguments(c.scalar, c.vector, c.flows)...)
			r := n.Run(t, lab.Ours(t, args...).In(dir))
			if r.Code != 0 {
				t.Fatal(r)
			}
			results := lab.ReadResults(t, dir, c.scalar, c.vector)
			ourVectors(t, results, "active", c.flows)
			theirVectors(t, results, "passive", c.flows)
			if c.scalar == "" {
				return
			}
			for i, f := range c.flows {
				weSent(t, i, f, 0, results.Active, results.Passive)
				theySent(t, i, f, 1, results.Passive, results.Active)
			}
		})
	}
}

// sizes fails the test unless all messages of a vector are within bounds.
func sizes(t *testing.T, path string, low, high uint64) {
	t.Helper()
	n := 0
	lab.EachFlowRow(t, path, func(r lab.FlowRow) {
		if n++; r.Rel.Bytes < low || r.Rel.Bytes > high {
			t.Errorf("%s: a message of %d bytes, not of %d to %d", path, r.Rel.Bytes, low, high)
		}
	})
	if n < 10 {
		t.Errorf("%s: %d messages", path, n)
	}
}

// TestUniform: the two versions mean different things by the same words.
func TestUniform(t *testing.T) {
	t.Parallel()
	n := lab.Loopback(t)
	n.StartPassive(t, 9000, "--quiet")
	n.StartReferencePassive(t, 9200)
	// 1.9.x means 1000 -/+ 50 %, and ours knows that from its messages.
	dir := t.TempDir()
	r := n.Run(t, lab.Reference(t, "127.0.0.1:9000", "-runtime=1", "-vector=r.vec", "-udp", "const50:uniform1000,0.5:const50:uniform600,0.25").In(dir))
	if r.Code != 0 {
		t.Fatal(r)
	}
	sizes(t, dir+"/"+lab.FlowFile("r.vec", "passive", 0, 0), 500, 1500)
	sizes(t, dir+"/"+lab.FlowFile("r.vec", "active", 0, 0), 450, 750)
	// Ours means 500 to 1500, and says it in its words.
	dir = t.TempDir()
	r = n.Run(t, lab.Ours(t, "127.0.0.1:9200", "--peer-version=1.9", "-runtime=1", "-vector=r.vec", "-udp", "const50:uniform500,1500:const50:uniform450,750").In(dir))
	if r.Code != 0 {
		t.Fatal(r)
	}
	sizes(t, dir+"/"+lab.FlowFile("r.vec", "passive", 0, 0), 500, 1500)
	sizes(t, dir+"/"+lab.FlowFile("r.vec", "active", 0, 0), 450, 750)
}

// TestWhat19DoesNotKnow is refused before it could harm the peer.
func TestWhat19DoesNotKnow(t *testing.T) {
	n := lab.Loopback(t)
	reference := n.StartReferencePassive(t, 9000)
	for _, spec := range []string{"const10:const100:const10:normal100,10", "const10:const100:truncnormal10,1:const100",
		"const10:const100:const10:const100:onoff=+normal1,0.1,+0.1,repeat"} {
		r := n.Run(t, lab.Ours(t, "127.0.0.1:9000", "--peer-version=1.9", "-runtime=1", "-tcp", spec))
		if r.Code != 3 || !strings.Contains(r.Stderr, "normal") {
			t.Errorf("%s: want exit status 3 and the reason: %v", spec, r)
		}
	}
	if r := n.Run(t, lab.Ours(t, "127.0.0.1:9000", "--peer-version=1.9", "-runtime=1", "-mptcp", "const10:const100")); r.Code != 3 {
		t.Errorf("MPTCP: %v", r)
	}
	if !reference.Running() {
		t.Error("the reference has ended")
	}
}
