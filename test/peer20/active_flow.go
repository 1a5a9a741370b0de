package peer20

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"net"
	"strconv"
	"time"
)

func (a *activeRun) dial(ctx context.Context, network string, port uint16, mptcp bool) (net.Conn, error) {
	d := net.Dialer{Timeout: 10 * time.Second}
	d.SetMultipathTCP(mptcp)
	return d.DialContext(ctx, network, net.JoinHostPort(a.Remote.String(), strconv.Itoa(int(port))))
}

func (a *activeRun) dialData(ctx context.Context, protocol uint16) (net.Conn, error) {
	switch protocol {
	case TCP:
		return a.dial(ctx, "tcp", a.Ports.TCP, false)
	case MPTCP:
		return a.dial(ctx, "tcp", a.Ports.MPTCP, true)
	case UDP:
		return a.dial(ctx, "udp", a.Ports.UDP, false)
	}
	return nil, fmt.Errorf("protocol %d: not one of this peer's", protocol)
}

// addFlow connects, adds and identifies a flow.
func (a *activeRun) addFlow(ctx context.Context, i int) error {
	f := &activeFlow{Flow: a.Flows[i], key: Key{Measurement: a.Measurement, Flow: a.Flows[i].ID}}
	conn, err := a.dialData(ctx, f.Protocol)
	if err != nil {
		return fmt.Errorf("flow %d: %w", f.ID, err)
	}
	f.conn = conn
	add := f.message()
	f.record = &FlowRecord{Add: *add}
	a.flows = append(a.flows, f)
	a.record.Flows = append(a.record.Flows, f.record)
	f.checker = &checker{key: f.key, fromPassive: true, datagrams: f.Protocol == UDP, gaps: a.AllowGaps,
		record: f.record, complain: a.violation}
	f.sender = &sender{key: f.key, rate: f.OutRate, size: f.OutSize, maxMsg: int(add.MaxMsgSize), events: f.Events,
		repeat: f.Repeat, failEvery: a.FailEvery, write: conn.Write, record: f.record,
		random: rand.New(rand.NewPCG(a.Seed, uint64(f.ID)))}
	if err := a.control.send(encodeAdd(add)); err != nil {
		return err
	}
	what := fmt.Sprintf("ADD_FLOW %d", f.ID)
	if err := a.control.acknowledged(ctx, f.key, 0, what); err != nil {
		return err
	}
	return a.identify(ctx, f)
}

func (f *activeFlow) message() *AddFlow {
	if f.MaxMsgSize == 0 {
		f.MaxMsgSize = 16000
	}
	if f.Description == "" {
		f.Description = fmt.Sprintf("Flow %d", f.ID)
	}
	if f.CongestionControl == "" {
		f.CongestionControl = "default"
	}
	m := &AddFlow{Key: f.key, Protocol: f.Protocol, Description: f.Description, Ordered: math.MaxUint32,
		Reliable: math.MaxUint32, RetransmissionTrials: math.MaxUint32, Rate: f.InRate, Size: f.InSize,
		RcvBuffer: f.Buffers, SndBuffer: f.Buffers, MaxMsgSize: uint16(f.MaxMsgSize),
		CongestionControl: f.CongestionControl, Events: f.Events}
	if f.Protocol == MPTCP {
		m.CMT = 4
	}
	if f.NoDelay {
		m.Flags |= 2
	}
	if f.Repeat {
		m.Flags |= 4
	}
	return m
}

// identify sends IDENTIFY_FLOW: over UDP up to 5 tries of 2 s, else one of 10 s.
func (a *activeRun) identify(ctx context.Context, f *activeFlow) error {
	tries, limit := 1, 10*time.Second
	if f.Protocol == UDP {
		tries, limit = 5, 2*time.Second
	}
	var flags uint8
	if a.Compress {
		flags |= identifyCompress
	}
	if a.NoVectors {
		flags |= identifyNoVectors
	}
	what := fmt.Sprintf("IDENTIFY_FLOW %d", f.ID)
	for try := 1; ; try++ {
		if try > 1 || f.Protocol != UDP || !a.DropFirstIdentify {
			if _, err := f.conn.Write(encodeIdentify(f.key, flags)); err != nil {
				return fmt.Errorf("%s: %w", what, err)
			}
		}
		err := a.control.acknowledged(ctx, f.key, limit, what)
		if err == nil || !errors.Is(err, errNoAnswer) || try == tries {
			return err
		}
	}
}
