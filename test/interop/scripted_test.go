//go:build linux

package interop

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"netperfmeter/test/lab"
	"netperfmeter/test/peer20"
)

var (
	saturated = peer20.Flow{Protocol: peer20.TCP, OutSize: peer20.Constant(1460), InSize: peer20.Constant(1000)}
	switched  = peer20.Flow{Protocol: peer20.UDP, ID: 1, OutRate: peer20.Constant(100), OutSize: peer20.Constant(330), InRate: peer20.Constant(100),
		InSize: peer20.Constant(200), Events: []peer20.Event{{Distribution: peer20.Constant(0.05), Relative: true}, {Distribution: peer20.Constant(0.05), Relative: true}}, Repeat: true}
)

func pacedFlow(id uint32, protocol uint16) peer20.Flow {
	return peer20.Flow{ID: id, Protocol: protocol, OutRate: peer20.Constant(50), OutSize: peer20.Constant(330), MaxMsgSize: 128,
		InRate: peer20.Distribution{Kind: 2, V: [4]float64{40}}, InSize: peer20.Distribution{Kind: 1, V: [4]float64{0, 900}}}
}

var allTransports = []peer20.Flow{pacedFlow(0, peer20.TCP), pacedFlow(3, peer20.MPTCP), pacedFlow(7, peer20.UDP)}

// TestScriptedActive: the scripted 2.0.x measures against our passive side, in
// every way in which it may behave.
func TestScriptedActive(t *testing.T) {
	t.Parallel()
	n := lab.Loopback(t)
	passive := n.StartPassive(t, 9000)
	for _, test := range []struct {
		name   string
		config peer20.ActiveConfig
	}{
		{"all transports", peer20.ActiveConfig{Flows: allTransports}},
		{"control over mptcp", peer20.ActiveConfig{Flows: allTransports, ControlOverMPTCP: true}},
		{"compressed", peer20.ActiveConfig{Flows: allTransports, Compress: true}},
		{"no vectors", peer20.ActiveConfig{Flows: allTransports, NoVectors: true}},
		{"no scalars", peer20.ActiveConfig{Flows: allTransports, NoScalars: true}},
		{"no files", peer20.ActiveConfig{Flows: allTransports, NoScalars: true, NoVectors: true}},
		{"saturated", peer20.ActiveConfig{Flows: []peer20.Flow{saturated}}},
		{"cut at the end", peer20.ActiveConfig{Flows: []peer20.Flow{saturated}, CutLast: true}},
		{"sends fail", peer20.ActiveConfig{Flows: allTransports, FailEvery: 5}},
		{"early data", peer20.ActiveConfig{Flows: allTransports, WaitBeforeStart: 200 * time.Millisecond}},
		{"late data", peer20.ActiveConfig{Flows: allTransports, StartBeforeData: true}},
		{"it does not read", peer20.ActiveConfig{Flows: []peer20.Flow{saturated}, WithoutReading: true}},
		{"on and off", peer20.ActiveConfig{Flows: []peer20.Flow{switched}}},
		{"identify is lost", peer20.ActiveConfig{Flows: []peer20.Flow{switched}, DropFirstIdentify: true}},
		{"an ID that looks like ours", peer20.ActiveConfig{Flows: allTransports, Measurement: marked}},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.config.Ports, test.config.Runtime = peer20.BasePorts(9000), 500*time.Millisecond
			record := runScripted(t, n, test.config)
			if record.Scalar == nil {
				return
			}
			for _, f := range record.Flows {
				sameAtPassive(t, scripted(t, record, test.config.Compress), f)
			}
		})
	}
	if r := passive.Stop(); r.Code != 0 {
		t.Error(r)
	}
}

// runScripted makes one measurement by the scripted active side.
func runScripted(t *testing.T, n *lab.Namespace, config peer20.ActiveConfig) *peer20.Record {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var record *peer20.Record
	// Its connections are opened on the thread that lives there.
	err := n.Do(func() (err error) { record, err = peer20.RunActive(ctx, config); return err })
	if err != nil {
		t.Fatal(err)
	}
	return record
}

// scripted reads the scalars that the scripted active side has fetched.
func scripted(t *testing.T, record *peer20.Record, compressed bool) *lab.Scalars {
	t.Helper()
	name := filepath.Join(t.TempDir(), "p.sca")
	if compressed {
		name += ".bz2"
	}
	if err := os.WriteFile(name, record.Scalar, 0o644); err != nil {
		t.Fatal(err)
	}
	return lab.ReadScalars(t, name)
}

// sameAtPassive: our passive side has counted all whole messages that were
// sent, and sent no less than what was received.
func sameAtPassive(t *testing.T, s *lab.Scalars, f *peer20.FlowRecord) {
	t.Helper()
	object := lab.FlowObject(f.Add.Flow)
	received, sent := s.Counts(t, object, "Received"), s.Counts(t, object, "Transmitted")
	t.Logf("%s: scripted sent %+v (cut %d), ours received %+v; ours sent %+v, scripted received %+v", object, f.Sent, f.Cut, received, sent, f.Received)
	if want := counts(f.Sent); received.Bytes != want.Bytes || received.Packets != want.Packets || f.Failed == 0 && received.Frames != want.Frames {
		t.Errorf("%s: scripted sent %+v, ours received %+v", object, f.Sent, received)
	}
	if cut := s.Uint(t, object, "Cut Bytes"); f.Add.Protocol != 17 && cut != uint64(f.Cut) {
		t.Errorf("%s: scripted cut its last message after %d bytes, ours reports %d", object, f.Cut, cut)
	}
	if lost := s.Counts(t, object, "Lost"); f.Failed == 0 && lost != (lab.Counts{}) {
		t.Errorf("%s: lost %+v", object, lost)
	}
	if got := f.Received; sent.Packets == 0 || got.Messages > sent.Packets || got.Bytes > sent.Bytes {
		t.Errorf("%s: ours sent %+v, scripted received %+v", object, sent, got)
	}
}

func counts(c peer20.Counts) lab.Counts {
	return lab.Counts{Bytes: c.Bytes, Packets: c.Messages, Frames: c.Frames}
}

var (
	transportArgs = []string{"-tcp", "const50:const330:exp40:uniform0,900:maxmsgsize=128", "-mptcp", "const50:const330:exp40:uniform0,900:maxmsgsize=128:id=3",
		"-udp", "const50:const330:exp40:uniform0,900:maxmsgsize=128:id=7"}
	saturatedArgs = []string{"-tcp", "const0:const1460:const0:const1000"}
	switchedArgs  = []string{"-udp", "const100:const330:const100:const200:onoff=+0.05,+0.05,repeat", "-tcp", "const100:const330:const100:const200:onoff=0.1,0.2,0.3"}
)

// TestScriptedPassive: our active side measures against the scripted 2.0.x, in
// every way in which it may behave.
func TestScriptedPassive(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		config peer20.PassiveConfig
		args   []string
		code   int
		says   string // on stderr
	}{
		{name: "all transports", args: transportArgs},
		{name: "control over mptcp", args: append([]string{"-control-over-mptcp"}, transportArgs...)},
		{name: "saturated", args: saturatedArgs},
		{name: "cut at the end", config: peer20.PassiveConfig{CutLast: true}, args: saturatedArgs},
		{name: "sends fail", config: peer20.PassiveConfig{FailEvery: 7}, args: transportArgs},
		{name: "slow to identify", config: peer20.PassiveConfig{IdentifyDelay: time.Second}, args: transportArgs},
		{name: "data before the answer to START", config: peer20.PassiveConfig{DataBeforeAck: true}, args: transportArgs},
		{name: "it stops reading", config: peer20.PassiveConfig{StopReadingAfter: time.Millisecond}, args: saturatedArgs},
		{name: "on and off", args: switchedArgs},
		{name: "files of two whole pieces", config: peer20.PassiveConfig{FileSize: 2800}, args: transportArgs, says: "scalars"},
		{name: "slow to stop", config: peer20.PassiveConfig{AnswerStopAfter: 3 * time.Second}, args: transportArgs},
		{name: "identify is refused", config: peer20.PassiveConfig{RefuseIdentify: true}, args: transportArgs, code: 3, says: "flow 0"},
		{name: "options of ours", args: append([]string{"--seed=7", "--batch=2", "--vector-every=3", "--interval=0.1"}, transportArgs...), says: "this side alone"},
	} {
		t.Run(test.name, func(t *testing.T) {
			n := lab.Loopback(t)
			test.config.Base = 9000
			dir := t.TempDir()
			args := append([]string{"127.0.0.1", "-runtime=0.5", "-scalar=r.sca", "-vector=r.vec"}, test.args...)
			record, r, err := servedBy(t, n, test.config, lab.Ours(t, args...).In(dir))
			if r.Code != test.code || r.TimedOut || !strings.Contains(r.Stderr, test.says) || test.code == 0 && err != nil {
				t.Fatalf("the scripted side says %v; want exit status %d and %q: %v", err, test.code, test.says, r)
			}
			if test.code != 0 {
				return
			}
			own := lab.ReadScalars(t, dir+"/r-active.sca")
			if len(record.Flows) == 0 || len(own.Flows()) != len(record.Flows) {
				t.Fatalf("%d flows at the scripted side, %v here", len(record.Flows), own.Flows())
			}
			for _, f := range record.Flows {
				sameAtActive(t, own, f)
			}
		})
	}
}

// servedBy runs a command of ours against the scripted passive side.
func servedBy(t *testing.T, n *lab.Namespace, config peer20.PassiveConfig, c lab.Command) (*peer20.Record, lab.Result, error) {
	t.Helper()
	var server *peer20.Passive
	if err := n.Do(func() (err error) { server, err = peer20.NewPassive(config); return err }); err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var record *peer20.Record
	var err error
	served := make(chan struct{})
	go func() {
		record, err = server.Serve(ctx)
		close(served)
	}()
	r := n.Run(t, c)
	if r.Code != 0 {
		cancel()
	}
	<-served
	return record, r, err
}

// sameAtActive is sameAtPassive, the other way round.
func sameAtActive(t *testing.T, s *lab.Scalars, f *peer20.FlowRecord) {
	t.Helper()
	object := lab.FlowObject(f.Add.Flow)
	received, sent := s.Counts(t, object, "Received"), s.Counts(t, object, "Transmitted")
	t.Logf("%s: scripted sent %+v (cut %d), ours received %+v; ours sent %+v, scripted received %+v", object, f.Sent, f.Cut, received, sent, f.Received)
	if want := counts(f.Sent); received.Bytes != want.Bytes || received.Packets != want.Packets || f.Failed == 0 && received.Frames != want.Frames {
		t.Errorf("%s: scripted sent %+v, ours received %+v", object, f.Sent, received)
	}
	if got := f.Received; sent.Packets == 0 || got.Messages > sent.Packets || got.Bytes > sent.Bytes {
		t.Errorf("%s: ours sent %+v, scripted received %+v", object, sent, got)
	}
}
