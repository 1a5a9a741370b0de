//go:build linux

package peer20

import (
	"context"
	"strings"
	"testing"
	"time"

	"netperfmeter/test/lab"
)

func TestMain(m *testing.M) { lab.Main(m) }

// The scripted peer stands for 2.0.x; where that and 1.9.4 agree, the real one can tell whether the script is right.

func TestActiveAgainstReference(t *testing.T) {
	n := lab.Loopback(t)
	reference := n.StartReferencePassive(t, 9000)
	for _, cfg := range []ActiveConfig{
		{Flows: []Flow{plain(0, TCP), plain(1, UDP)}},
		{Flows: []Flow{saturated, plain(1, UDP)}, Compress: true, CutLast: true},
		{Flows: []Flow{plain(4, UDP)}, NoVectors: true, DropFirstIdentify: true, StartBeforeData: true},
	} {
		cfg.Ports, cfg.Runtime = BasePorts(9000), 1500*time.Millisecond
		var a *Record
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		// Its connections are opened on the thread that lives there.
		err := n.Do(func() (err error) { a, err = RunActive(ctx, cfg); return err })
		cancel()
		if err != nil {
			t.Fatalf("%v\n%s", err, reference.Output())
		}
		for _, f := range a.Flows {
			t.Logf("flow %d: sent %+v, received %+v", f.Add.Flow, f.Sent, f.Received)
			if f.Received.Messages == 0 || f.Sent.Messages == 0 {
				t.Errorf("flow %d: nothing went through", f.Add.Flow)
			}
		}
		if !cfg.Compress && !strings.Contains(string(a.Scalar), "Received Bytes") {
			t.Errorf("scalars: %q", a.Scalar)
		}
	}
}

func TestPassiveAgainstReference(t *testing.T) {
	n := lab.Loopback(t)
	var server *Passive
	err := n.Do(func() (err error) {
		server, err = NewPassive(PassiveConfig{Base: 9000, Accept19: true, IdentifyDelay: 200 * time.Millisecond, CutLast: true})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	for _, more := range [][]string{
		{"-scalar=p.sca", "-vector=p.vec", "-tcp", "const20:const300:const10:const200", "-udp", "const20:const300:const10:const200"},
		{"-scalar=p.sca.bz2", "-vector=p.vec.bz2", "-tcp", "const0:const1460:const0:const1000"},
		{"-tcp", "const0:const1460"},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		served := make(chan error, 1)
		var p *Record
		go func() (err error) {
			p, err = server.Serve(ctx)
			served <- err
			return nil
		}()
		r := n.Run(t, lab.Reference(t, "127.0.0.1:9000", append([]string{"-runtime=1"}, more...)...).In(t.TempDir()))
		if err := <-served; err != nil || r.Code != 0 {
			t.Errorf("%q: %v\n%v", more, err, r)
		}
		cancel()
		for _, f := range p.Flows {
			t.Logf("flow %d: sent %+v, received %+v", f.Add.Flow, f.Sent, f.Received)
			if f.Received.Messages == 0 {
				t.Errorf("flow %d: nothing came in", f.Add.Flow)
			}
		}
	}
}

// plain is a flow of what both versions understand alike.
func plain(id uint32, protocol uint16) Flow {
	return Flow{ID: id, Protocol: protocol, OutRate: Constant(50), OutSize: Constant(330), InRate: Constant(20), InSize: Constant(100)}
}
