package peer20

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"
)

// PassiveConfig says how the passive role behaves where the reference leaves room.
type PassiveConfig struct {
	Address          netip.Addr    // default 127.0.0.1
	Base             uint16        // 0: free ports, each on its own
	IdentifyDelay    time.Duration // before an IDENTIFY over a connection is answered; the reference: up to 1 s
	DataBeforeAck    bool          // DATA overtakes the acknowledgement of START
	StopReadingAfter time.Duration // from START on; 0: reads until STOP
	RefuseIdentify   bool          // Status 1 to every IDENTIFY
	CutLast          bool          // streams end inside a message
	FailEvery        uint64        // every so many messages a send fails and uses its sequence number up
	AllowGaps        bool          // the other side's sends may fail
	Accept19         bool          // the active side may be a 1.9.x
	FileSize         int           // bytes of each result file, to meet exact multiples of a piece; 0: files of a real run
	AnswerStopAfter  time.Duration // how long STOP is left unanswered
	AnswerAtMost     int           // control messages; then it falls silent, but stays. 0: all
	Seed             uint64
}

// Passive is a passive side that serves one measurement after another.
type Passive struct {
	PassiveConfig
	control, tcp, mptcp *net.TCPListener
	udp                 *net.UDPConn
}

// NewPassive opens the listeners, in the network namespace of the calling thread.
func NewPassive(cfg PassiveConfig) (*Passive, error) {
	if !cfg.Address.IsValid() {
		cfg.Address = netip.AddrFrom4([4]byte{127, 0, 0, 1})
	}
	p := &Passive{PassiveConfig: cfg}
	ports := Ports{}
	if cfg.Base != 0 {
		ports = BasePorts(cfg.Base)
	}
	var err error
	listen := func(port uint16, mptcp bool) *net.TCPListener {
		if err != nil {
			return nil
		}
		var lc net.ListenConfig
		lc.SetMultipathTCP(mptcp)
		var l net.Listener
		if l, err = lc.Listen(context.Background(), "tcp", netip.AddrPortFrom(cfg.Address, port).String()); err != nil {
			return nil
		}
		return l.(*net.TCPListener)
	}
	p.control, p.tcp, p.mptcp = listen(ports.Control, false), listen(ports.TCP, false), listen(ports.MPTCP, true)
	if err == nil {
		p.udp, err = net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(cfg.Address, ports.UDP)))
	}
	if err != nil {
		p.Close()
		return nil, fmt.Errorf("scripted passive side: %w", err)
	}
	p.udp.SetReadBuffer(4 << 20)
	return p, nil
}

// Ports are the ports that this side listens on.
func (p *Passive) Ports() Ports {
	port := func(a net.Addr) uint16 { return netip.MustParseAddrPort(a.String()).Port() }
	return Ports{Control: port(p.control.Addr()), TCP: port(p.tcp.Addr()), MPTCP: port(p.mptcp.Addr()), UDP: port(p.udp.LocalAddr())}
}

// Close frees the ports. A Serve that is running ends with an error.
func (p *Passive) Close() {
	for _, l := range []*net.TCPListener{p.control, p.tcp, p.mptcp} {
		if l != nil {
			l.Close()
		}
	}
	if p.udp != nil {
		p.udp.Close()
	}
}

type passiveFlow struct {
	key     Key
	record  *FlowRecord
	checker *checker
	sender  *sender
	// Set by identification:
	identified bool
	flags      uint8
	conn       *net.TCPConn
	addr       netip.AddrPort
	done       chan struct{} // the connection's reader has ended
}

type passiveRun struct {
	*Passive
	*recorder
	channel *controlChannel
	stop    chan struct{} // closed at STOP: senders and readers end
	work    sync.WaitGroup
	senders sync.WaitGroup

	lock    sync.Mutex // guards what follows
	flows   []*passiveFlow
	started bool
	stopped bool
	conns   []*net.TCPConn
}

// Serve waits for a control connection and serves it to its end. The error tells what the other side did wrong.
func (p *Passive) Serve(ctx context.Context) (*Record, error) {
	run := &passiveRun{Passive: p, recorder: newRecorder(), stop: make(chan struct{})}
	done := make(chan struct{})
	cancel := context.AfterFunc(ctx, func() { p.control.SetDeadline(time.Now()); close(done) })
	conn, err := p.control.Accept()
	if !cancel() {
		<-done
		p.control.SetDeadline(time.Time{})
	}
	if err != nil {
		return &run.record, fmt.Errorf("waiting for a control connection: %w", err)
	}
	run.channel = newControlChannel(ctx, conn, run.recorder)
	run.channel.most = p.AnswerAtMost
	run.work.Go(func() { run.accept(p.tcp, TCP) })
	run.work.Go(func() { run.accept(p.mptcp, MPTCP) })
	run.work.Go(run.datagrams)
	if err := run.converse(ctx); err != nil {
		run.violation("%v", err)
	}
	run.end()
	return &run.record, run.err()
}

// end stops all goroutines and leaves the listeners usable.
func (r *passiveRun) end() {
	r.stopAll()
	now := time.Now()
	r.tcp.SetDeadline(now)
	r.mptcp.SetDeadline(now)
	r.udp.SetReadDeadline(now)
	r.channel.conn.Close()
	for range r.channel.in {
	}
	r.lock.Lock()
	for _, c := range r.conns {
		c.Close() // with unread data in it this is a reset, as in the reference
	}
	r.lock.Unlock()
	r.work.Wait()
	r.tcp.SetDeadline(time.Time{})
	r.mptcp.SetDeadline(time.Time{})
	r.udp.SetReadDeadline(time.Time{})
}
