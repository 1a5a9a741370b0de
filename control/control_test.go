package control

import (
	"context"
	"errors"
	"io"
	"net"
	"reflect"
	"strings"
	"testing"
	"time"

	"netperfmeter/stats"
	"netperfmeter/traffic"
	"netperfmeter/wire"
)

const id = wire.MeasurementID(0x1122334455667788)

// A flow survives the way to the passive side, seen from there.
func TestSpecToMessageAndBack(t *testing.T) {
	for _, text := range []string{
		"const10:const1000:const5:const500:description=Alpha:nodelay=on:cc=cubic:onoff=+1,+1,+0.5,+0.5,repeat",
		"exp20:uniform500,25000:pareto5,2:normal400,50:maxmsgsize=4000:id=7:sndbuf=100000:rcvbuf=120000",
		"const0:const1400:const0:truncnormal400,50:onoff=0.5,2,3:rtx_trials=3:unordered=0.25:unreliable=0.5",
		"const0:const1400:const0:const0:rtx_timeout=250",
	} {
		spec, err := traffic.Parse(wire.TCP, text, traffic.Defaults{})
		if err != nil {
			t.Fatal(err)
		}
		m, err := FromSpec(spec, id, Version20)
		if err != nil {
			t.Fatal(err)
		}
		b, err := m.Append(nil)
		if err != nil {
			t.Fatal(err)
		}
		parsed, err := wire.ParseAddFlow(b)
		if err != nil {
			t.Fatal(err)
		}
		got, err := ToSpec(parsed)
		if err != nil {
			t.Fatal(err)
		}
		if got.Outgoing != spec.Incoming || !reflect.DeepEqual(got.OnOff, spec.OnOff) || got.Repeat != spec.Repeat ||
			got.Rtx != spec.Rtx || got.MaxMsgSize != spec.MaxMsgSize || got.CC != spec.CC || got.NoDelay != spec.NoDelay ||
			got.SndBuf != spec.SndBuf || got.RcvBuf != spec.RcvBuf || got.Description != spec.Description {
			t.Errorf("%s:\nsent %+v\ngot  %+v", text, spec, got)
		}
	}
}

// What a 1.9.x passive side would do with the message is what the flow says.
func TestVersion19(t *testing.T) {
	spec, err := traffic.Parse(wire.UDP, "const10:const1000:uniform50,150:uniform100,300:onoff=+uniform1,3,+2,repeat", traffic.Defaults{})
	if err != nil {
		t.Fatal(err)
	}
	m, err := FromSpec(spec, id, Version19)
	if err != nil {
		t.Fatal(err)
	}
	want := wire.Distribution{Kind: wire.Uniform, Values: [4]float64{100, 0.5}}
	if m.FrameRate != want || m.EventSize != wire.LegacyEventSize {
		t.Errorf("rate %+v, events of %d bytes", m.FrameRate, m.EventSize)
	}
	if spec.OnOff[0].Time.Values != [4]float64{1, 3} {
		t.Errorf("the flow's own list was changed: %+v", spec.OnOff)
	}
	// A passive side of ours takes it for what it is.
	got, err := ToSpec(m)
	if err != nil || got.Outgoing != spec.Incoming || !reflect.DeepEqual(got.OnOff, spec.OnOff) {
		t.Errorf("read back as %+v, %v", got, err)
	}
	for _, text := range []string{"const1:const1:const1:normal5,1", "const1:const1:truncnormal5,1:const5"} {
		spec, err := traffic.Parse(wire.UDP, text, traffic.Defaults{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := FromSpec(spec, id, Version19); err == nil || !strings.Contains(err.Error(), "1.9") {
			t.Errorf("%s: %v, want a refusal that names 1.9", text, err)
		}
	}
	spec, _ = traffic.Parse(wire.MPTCP, "const1:const1", traffic.Defaults{})
	if _, err := FromSpec(spec, id, Version19); err == nil {
		t.Error("MPTCP was not refused")
	}
}

func TestImplausibleFlows(t *testing.T) {
	good := wire.AddFlow{Key: wire.Key{Measurement: id}, Protocol: wire.TCP, MaxMsgSize: 16000,
		FrameSize: wire.Distribution{Values: [4]float64{100}}, FrameRate: wire.Distribution{Values: [4]float64{10}}}
	if _, err := ToSpec(good); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*wire.AddFlow){
		"a rate without bound": func(m *wire.AddFlow) { m.FrameRate.Values[0] = 1e9 },
		"no positive rate": func(m *wire.AddFlow) {
			m.FrameRate = wire.Distribution{Kind: wire.Uniform}
		},
		"a stream of TCP":    func(m *wire.AddFlow) { m.Stream = 1 },
		"an endless buffer":  func(m *wire.AddFlow) { m.RcvBuffer = 1 << 31 },
		"a list of no time":  func(m *wire.AddFlow) { m.Repeat = true; m.Events = make([]wire.Event, 2); relative(m) },
		"uniform beyond all": func(m *wire.AddFlow) { m.NDiffPorts = 4; m.FrameRate = uniform(1e308, 1e308) },
	} {
		m := good
		change(&m)
		if _, err := ToSpec(m); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}

func relative(m *wire.AddFlow) {
	for i := range m.Events {
		m.Events[i].Relative = true
	}
}

func uniform(a, b float64) wire.Distribution {
	return wire.Distribution{Kind: wire.Uniform, Values: [4]float64{a, b}}
}

// pipe connects a client with a scripted peer.
func pipe(t *testing.T, peer func(c *Conn)) *Client {
	a, b := net.Pipe()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		peer(NewConn(b, time.Second))
	}()
	t.Cleanup(func() { a.Close(); b.Close(); <-ended })
	return NewClient(NewConn(a, time.Second), id)
}

func TestStrayAcknowledgementIsSkipped(t *testing.T) {
	first, second := wire.Key{Measurement: id, Flow: 1}, wire.Key{Measurement: id, Flow: 2}
	c := pipe(t, func(p *Conn) {
		for _, key := range []wire.Key{first, first, second} {
			p.Write(wire.Acknowledge{Key: key}.Append(nil))
		}
	})
	if err := c.Identified(context.Background(), first, time.Minute); err != nil {
		t.Fatal(err)
	}
	if err := c.Identified(context.Background(), second, time.Minute); err != nil {
		t.Errorf("after a stray acknowledgement: %v", err)
	}
}

func TestClientSuspicion(t *testing.T) {
	key := wire.Key{Measurement: id, Flow: 1}
	for name, tt := range map[string]struct {
		answer []byte
		want   error
	}{
		"refusal":             {wire.Acknowledge{Key: key, Status: wire.StatusError}.Append(nil), ErrRefused},
		"another measurement": {wire.Acknowledge{Key: wire.Key{Measurement: 1, Flow: 1}}.Append(nil), ErrProtocol},
		"an unknown flow":     {wire.Acknowledge{Key: wire.Key{Measurement: id, Flow: 9}}.Append(nil), ErrProtocol},
		"another message":     {wire.Stop{Measurement: id}.Append(nil), ErrProtocol},
		"no message":          {[]byte{1, 0, 0, 2}, ErrProtocol},
		"half a message":      {wire.Acknowledge{Key: key}.Append(nil)[:9], io.ErrUnexpectedEOF},
		"nothing":             {nil, io.ErrUnexpectedEOF},
	} {
		c := pipe(t, func(p *Conn) {
			p.conn.Write(tt.answer)
			p.Close()
		})
		if err := c.Identified(context.Background(), key, time.Minute); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
}

// A deadline in the middle of a message loses nothing of it.
func TestReadGoesOnAfterDeadline(t *testing.T) {
	a, b := net.Pipe()
	defer a.Close()
	defer b.Close()
	c := NewConn(a, time.Second)
	message := wire.Stop{Measurement: id}.Append(nil)
	for cut := 1; cut < len(message); cut++ {
		go b.Write(message[:cut])
		if err := c.WaitReadable(context.Background()); err != nil {
			t.Fatal(err)
		}
		if _, err := c.ReadTimeout(context.Background(), time.Millisecond); !errors.Is(err, ErrNoAnswer) {
			t.Fatalf("cut at %d: %v, want ErrNoAnswer", cut, err)
		}
		go b.Write(message[cut:])
		got, err := c.ReadTimeout(context.Background(), time.Minute)
		if err != nil || got.Type != wire.TypeStop || len(got.Bytes) != len(message) {
			t.Fatalf("cut at %d: %+v, %v", cut, got, err)
		}
	}
}

func TestResultsWithFailingSink(t *testing.T) {
	c := pipe(t, func(p *Conn) {
		for i := range 3 {
			b, _ := wire.Results{Last: i == 2, Data: []byte("piece")}.Append(nil)
			p.Write(b)
		}
	})
	n, err := c.Results(context.Background(), failing{})
	var sink *SinkError
	if n != 15 || !errors.As(err, &sink) {
		t.Errorf("%d bytes, %v; want all 15 taken off the channel and a *SinkError", n, err)
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestFinalCounts(t *testing.T) {
	key := wire.Key{Measurement: id, Flow: 3, Stream: 2}
	sent := map[wire.Key]stats.Counts{key: {Bytes: 5, Packets: 4, Frames: 3}}
	if got := NewFinalCounts(sent).ByKey(id); *got[key] != sent[key] {
		t.Errorf("got %+v", got[key])
	}
}

func FuzzOptions(f *testing.F) {
	f.Add([]byte(`{"seed":1,"interval_ms":1000,"flows":[{"flow":1,"rate":"poisson50","defrag_timeout_ms":100}]}`))
	f.Add([]byte(`{"runtime_us":-1}`))
	f.Add([]byte(`{"flows":[{"rate":"normal0,0"}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		o, err := ParseOptions(body)
		if err != nil {
			return
		}
		for _, flow := range o.Flows {
			spec := o.Amend(traffic.FlowSpec{ID: flow.Flow, Stream: flow.Stream})
			if flow.Rate != "" && traffic.CheckRate(spec.Outgoing.Rate) != nil {
				t.Errorf("rate %q was taken", flow.Rate)
			}
		}
	})
}

func FuzzFinalCounts(f *testing.F) {
	f.Add([]byte(`{"flows":[{"flow":1,"bytes":18446744073709551615}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		if counts, err := ParseFinalCounts(body); err == nil && len(counts.ByKey(id)) > len(counts.Flows) {
			t.Error("more keys than flows")
		}
	})
}

func FuzzClockRequest(f *testing.F) {
	f.Add([]byte(`{"sent_ns":1800000000000000000,"offset_ns":-5,"vectors":true,"result":{"exchanges":4,"bound_ms":0.5}}`))
	f.Add([]byte(`{"offset_ns":9223372036854775807}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		r, err := ParseClockRequest(body)
		if err == nil && r.OffsetNS != nil && (*r.OffsetNS > maxOffsetNS || *r.OffsetNS < -maxOffsetNS) {
			t.Errorf("an offset of %d was taken", *r.OffsetNS)
		}
	})
}
