package active

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"testing"

	"netperfmeter/channels"
	"netperfmeter/control"
	"netperfmeter/traffic"
	"netperfmeter/wire"
)

// flowsOf makes flows of FLOWSPECs, each with its stream.
func flowsOf(t *testing.T, p wire.Protocol, streams []wire.StreamID, text string) (list []FlowConfig) {
	t.Helper()
	for i, stream := range streams {
		spec, err := traffic.Parse(p, text, traffic.Defaults{})
		if err != nil {
			t.Fatal(err)
		}
		spec.ID, spec.Stream = wire.FlowID(i), stream
		list = append(list, FlowConfig{Spec: spec})
	}
	return list
}

// TestLinks: the streams of an association are on one link, in their order.
func TestLinks(t *testing.T) {
	for _, test := range []struct {
		streams []wire.StreamID
		flows   []int // on each link
		bad     string
	}{
		{[]wire.StreamID{0}, []int{1}, ""},
		{[]wire.StreamID{0, 1, 2, 0, 0, 1}, []int{3, 1, 2}, ""},
		{[]wire.StreamID{1}, nil, "flow 0: stream 1 without the one before it"},
		{[]wire.StreamID{0, 2}, nil, "flow 1: stream 2 without the one before it"},
	} {
		r := &run{Config: Config{Flows: flowsOf(t, wire.SCTP, test.streams, "default")}}
		err := r.prepare()
		if test.bad != "" {
			if err == nil || err.Error() != test.bad {
				t.Errorf("%v: %v", test.streams, err)
			}
			continue
		}
		if err != nil || len(r.links) != len(test.flows) {
			t.Errorf("%v: %d links, %v", test.streams, len(r.links), err)
			continue
		}
		for i, l := range r.links {
			if len(l.flows) != test.flows[i] {
				t.Errorf("%v: link %d has %d flows", test.streams, i, len(l.flows))
			}
			for stream, f := range l.flows {
				if int(f.key.Stream) != stream || f.link != l || f.last() != (stream == len(l.flows)-1) {
					t.Errorf("%v: link %d, flow %d: %+v", test.streams, i, stream, f.key)
				}
			}
		}
	}
}

// TestCMT: Linux's SCTP has none. Elsewhere the value means something else.
func TestCMT(t *testing.T) {
	for _, test := range []struct {
		protocol wire.Protocol
		cmt      string
		refused  bool
	}{{wire.SCTP, "off", false}, {wire.SCTP, "cmt", true}, {wire.SCTP, "mptcp", true}, {wire.TCP, "mptcp", false}} {
		r := &run{Config: Config{Flows: flowsOf(t, test.protocol, []wire.StreamID{0}, "default:cmt="+test.cmt)}}
		err := r.prepare()
		if test.refused != errors.Is(err, ErrRefused) || test.refused != (err != nil && strings.Contains(err.Error(), "concurrent multipath transfer")) {
			t.Errorf("%v, cmt=%s: %v", test.protocol, test.cmt, err)
		}
	}
}

// TestControlFallback: where nothing answers over SCTP, or this kernel has
// none, TCP is used unless the user insists.
func TestControlFallback(t *testing.T) {
	ctx := context.Background()
	l, err := channels.ListenControl(ctx, wire.TCP, netip.MustParseAddrPort("127.0.0.1:0"), channels.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	at := netip.MustParseAddrPort(l.Addr().String())
	cfg := Config{Remote: at.Addr(), Ports: control.Ports{Control: at.Port()}, Control: wire.SCTP, ControlFallback: true}
	conn, fellBack, err := cfg.dialControl(ctx)
	if err != nil || fellBack == nil || !strings.Contains(fellBack.Error(), "SCTP") {
		t.Fatalf("falling back: %v, %v", fellBack, err)
	}
	conn.Close()
	cfg.ControlFallback = false
	if conn, fellBack, err := cfg.dialControl(ctx); err == nil || fellBack != nil {
		t.Errorf("insisting: %v, %v, %v", conn, fellBack, err)
	}
	cfg.Control = wire.TCP
	conn, fellBack, err = cfg.dialControl(ctx)
	if err != nil || fellBack != nil {
		t.Fatalf("TCP: %v, %v", fellBack, err)
	}
	conn.Close()
}
