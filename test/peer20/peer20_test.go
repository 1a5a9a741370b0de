package peer20

import (
	"bytes"
	"context"
	"go/parser"
	"go/token"
	"net"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// measure runs the two roles against each other on loopback.
func measure(t *testing.T, passive PassiveConfig, active ActiveConfig) (a, p *Record, aErr, pErr error) {
	t.Helper()
	server, err := NewPassive(passive)
	if err != nil {
		t.Skipf("no listener here: %v", err)
	}
	defer server.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	served := make(chan struct{})
	go func() {
		p, pErr = server.Serve(ctx)
		close(served)
	}()
	active.Ports = server.Ports()
	a, aErr = RunActive(ctx, active)
	if aErr != nil {
		cancel()
	}
	<-served
	return a, p, aErr, pErr
}

var saturated = Flow{OutSize: Constant(1460), InSize: Constant(1000), Protocol: TCP}

func paced(id uint32, protocol uint16) Flow {
	return Flow{ID: id, Protocol: protocol, OutRate: Constant(50), OutSize: Constant(330), MaxMsgSize: 128,
		InRate: Distribution{Kind: 2, V: [4]float64{40}}, InSize: Distribution{Kind: 1, V: [4]float64{0, 900}}}
}

func TestRolesAgree(t *testing.T) {
	all := []Flow{paced(0, TCP), paced(3, MPTCP), paced(7, UDP)}
	switched := paced(1, UDP)
	switched.Events = []Event{{Constant(0.05), true}, {Constant(0.05), true}}
	switched.Repeat = true
	for _, test := range []struct {
		name    string
		passive PassiveConfig
		active  ActiveConfig
	}{
		{"all transports", PassiveConfig{}, ActiveConfig{Flows: all}},
		{"control over mptcp", PassiveConfig{}, ActiveConfig{Flows: all, ControlOverMPTCP: true}},
		{"compressed", PassiveConfig{}, ActiveConfig{Flows: all, Compress: true}},
		{"no vectors", PassiveConfig{}, ActiveConfig{Flows: all, NoVectors: true}},
		{"no scalars", PassiveConfig{}, ActiveConfig{Flows: all, NoScalars: true}},
		{"files of two whole pieces", PassiveConfig{FileSize: 2800}, ActiveConfig{Flows: all}},
		{"saturated", PassiveConfig{}, ActiveConfig{Flows: []Flow{saturated}}},
		{"cut at the end", PassiveConfig{CutLast: true}, ActiveConfig{Flows: []Flow{saturated}, CutLast: true}},
		{"sends fail", PassiveConfig{FailEvery: 7, AllowGaps: true}, ActiveConfig{Flows: all, FailEvery: 5, AllowGaps: true}},
		{"slow to identify", PassiveConfig{IdentifyDelay: 300 * time.Millisecond, DataBeforeAck: true}, ActiveConfig{Flows: all}},
		{"early data", PassiveConfig{}, ActiveConfig{Flows: all, WaitBeforeStart: 100 * time.Millisecond}},
		{"late data", PassiveConfig{}, ActiveConfig{Flows: all, StartBeforeData: true}},
		{"nobody reads", PassiveConfig{StopReadingAfter: time.Millisecond}, ActiveConfig{Flows: []Flow{saturated}, WithoutReading: true}},
		{"on and off", PassiveConfig{}, ActiveConfig{Flows: []Flow{switched}}},
		{"identify is lost", PassiveConfig{}, ActiveConfig{Flows: []Flow{switched}, DropFirstIdentify: true}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.active.Runtime = 400 * time.Millisecond
			a, p, aErr, pErr := measure(t, test.passive, test.active)
			if aErr != nil || pErr != nil {
				t.Fatalf("active: %v\npassive: %v", aErr, pErr)
			}
			if len(p.Flows) != len(a.Flows) || p.Measurement != a.Measurement {
				t.Fatalf("%d flows of %x became %d of %x", len(a.Flows), a.Measurement, len(p.Flows), p.Measurement)
			}
			for i := range a.Flows {
				direction(t, "out", a.Flows[i], p.Flows[i], test.passive.StopReadingAfter > 0)
				direction(t, "in", p.Flows[i], a.Flows[i], test.active.WithoutReading)
			}
			files(t, test.passive, test.active, a)
		})
	}
}

// direction compares what was sent with what was received: never more, and over streams all but what was in flight.
func direction(t *testing.T, name string, from, to *FlowRecord, unread bool) {
	t.Helper()
	t.Logf("%s: sent %+v cut %d failed %d, received %+v cut %d", name, from.Sent, from.Cut, from.Failed, to.Received, to.CutIn)
	if from.Sent.Messages == 0 || !unread && to.Received.Messages == 0 {
		t.Errorf("%s: nothing went through", name)
	}
	if to.Received.Messages > from.Sent.Messages || to.Received.Bytes > from.Sent.Bytes || to.Received.Frames > from.Sent.Frames {
		t.Errorf("%s: more received than sent", name)
	}
}

func files(t *testing.T, passive PassiveConfig, active ActiveConfig, a *Record) {
	t.Helper()
	if (a.Vector == nil) != active.NoVectors || (a.Scalar == nil) != active.NoScalars {
		t.Errorf("files: vector %d bytes, scalar %d bytes", len(a.Vector), len(a.Scalar))
	}
	if passive.FileSize > 0 && !bytes.Equal(a.Scalar, sized(passive.FileSize)) {
		t.Errorf("scalar file of %d bytes instead of %d", len(a.Scalar), passive.FileSize)
	}
	if active.Compress && !bytes.HasPrefix(a.Scalar, []byte("BZh")) {
		t.Errorf("scalar file is not compressed: %.20q", a.Scalar)
	}
}

func TestActiveComplains(t *testing.T) {
	_, _, err, _ := measure(t, PassiveConfig{RefuseIdentify: true}, ActiveConfig{Flows: []Flow{saturated}})
	if err == nil || !strings.Contains(err.Error(), "status 1") {
		t.Errorf("refused identification: %v", err)
	}
	twice := []Flow{saturated, saturated}
	_, _, err, _ = measure(t, PassiveConfig{}, ActiveConfig{Flows: twice})
	if err == nil || !strings.Contains(err.Error(), "ADD_FLOW 0: status 1") {
		t.Errorf("the same flow twice: %v", err)
	}
}

// TestPassiveComplains plays badly behaved active sides by hand.
func TestPassiveComplains(t *testing.T) {
	key := Key{Measurement: 9, Flow: 1}
	add := encodeAdd(&AddFlow{Key: key, Protocol: TCP, MaxMsgSize: 1000})
	data := make([]byte, dataHeader)
	data[0], data[3] = typeData, dataHeader
	for _, test := range []struct {
		name          string
		control, data []byte
		want          string
	}{
		{"data before identify", add, data, "before IDENTIFY_FLOW"},
		{"unknown flow", add, encodeIdentify(Key{Measurement: 9, Flow: 2}, 0), "no such flow"},
		{"unknown message", []byte{9, 0, 0, 4}, nil, "message of type 9"},
		{"length too small", []byte{2, 0, 0, 3}, nil, "length 3"},
		{"start without a flow", encodeStartStop(typeStart, 0, 9), nil, "START"},
		{"stop without start", append(bytes.Clone(add), encodeStartStop(typeStop, 0, 9)...), nil, "STOP"},
		{"remove before stop", append(bytes.Clone(add), encodeRemove(key)...), nil, "REMOVE_FLOW"},
		{"obsolete fields", encodeAdd(&AddFlow{Key: key, PathMgr: "fullmesh", MaxMsgSize: 99}), nil, "obsolete"},
		{"the end before stop", add, nil, "closed early"},
	} {
		t.Run(test.name, func(t *testing.T) {
			server, err := NewPassive(PassiveConfig{})
			if err != nil {
				t.Skipf("no listener here: %v", err)
			}
			defer server.Close()
			served := make(chan error, 1)
			go func() {
				_, err := server.Serve(t.Context())
				served <- err
			}()
			control := dialPort(t, server.Ports().Control)
			defer control.Close()
			control.Write(test.control)
			answer := make([]byte, 24)
			control.SetReadDeadline(time.Now().Add(5 * time.Second))
			control.Read(answer)
			if test.data != nil {
				conn := dialPort(t, server.Ports().TCP)
				defer conn.Close()
				conn.Write(test.data)
				conn.SetReadDeadline(time.Now().Add(5 * time.Second))
				if n, err := conn.Read(answer); n != 0 || isTimeout(err) {
					t.Errorf("the connection was not closed: %d bytes, %v", n, err)
				}
			}
			control.Close()
			if err := <-served; err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want something of %q", err, test.want)
			}
		})
	}
}

func dialPort(t *testing.T, port uint16) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), port).String())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestAddFlowRoundTrip looks at some offsets too, or both directions could be wrong alike.
func TestAddFlowRoundTrip(t *testing.T) {
	in := &AddFlow{Key: Key{0x1122334455667788, 0x01020304, 0}, Protocol: MPTCP, Description: "Delta", Ordered: 0xbfffffff,
		RetransmissionTrials: 1 << 31, Rate: Distribution{3, [4]float64{1, 2}}, Size: Constant(5), MaxMsgSize: 65535,
		CMT: 4, CongestionControl: "cubic", Flags: 6, Events: []Event{{Constant(1), true}, {Distribution{5, [4]float64{1, 2, 3, 4}}, false}}}
	b := encodeAdd(in)
	if len(b) != 194+2*36 || b[18] != 6 || b[19] != 1 || b[128] != 3 || string(b[160:165]) != "cubic" || b[194+1] != 1 {
		t.Errorf("bytes: % x", b)
	}
	out, err := decodeAdd(b)
	if err != nil || len(out.Events) != 2 || out.Events[1] != in.Events[1] || out.Rate != in.Rate || out.Protocol != MPTCP {
		t.Errorf("%+v became %+v, %v", in, out, err)
	}
}

// TestSharesNothing keeps the peer independent: what it shared with the program could be wrong in both.
func TestSharesNothing(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range f.Imports {
			if strings.Contains(i.Path.Value, ".") || strings.HasPrefix(i.Path.Value, `"netperfmeter`) {
				t.Errorf("%s imports %s", name, i.Path.Value)
			}
		}
	}
}
