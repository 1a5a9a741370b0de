package peer20

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"
	"syscall"
	"time"
)

// Ports are where a passive side listens.
type Ports struct {
	Control, TCP, MPTCP, UDP uint16
}

// BasePorts are the ports for a base port.
func BasePorts(base uint16) Ports {
	return Ports{Control: base + 1, TCP: base, MPTCP: base - 1, UDP: base}
}

// Flow is what the active role adds. The zero values of MaxMsgSize and Description mean the reference's defaults.
type Flow struct {
	Protocol          uint16
	ID                uint32
	Description       string
	OutRate, OutSize  Distribution
	InRate, InSize    Distribution
	MaxMsgSize        int
	Events            []Event
	Repeat, NoDelay   bool
	CongestionControl string
	Buffers           uint32
}

// ActiveConfig is a measurement that the active role makes.
type ActiveConfig struct {
	Remote            netip.Addr // default 127.0.0.1
	Ports             Ports
	ControlOverMPTCP  bool
	Measurement       uint64 // 0: random
	Flows             []Flow
	Runtime           time.Duration
	NoVectors         bool
	NoScalars         bool
	Compress          bool
	StartBeforeData   bool          // send START first; the reference's senders are ahead of it
	WaitBeforeStart   time.Duration // between the senders' start and START
	CutLast           bool          // streams end inside a message
	FailEvery         uint64        // every so many messages a send fails and uses its sequence number up
	WithoutReading    bool          // never read what comes in: buffers fill up
	AllowGaps         bool          // the other side's sends may fail
	DropFirstIdentify bool          // the first IDENTIFY over UDP gets lost
	Seed              uint64
}

type activeFlow struct {
	Flow
	key     Key
	conn    net.Conn
	record  *FlowRecord
	checker *checker
	sender  *sender
}

type activeRun struct {
	ActiveConfig
	*recorder
	control *controlChannel
	flows   []*activeFlow
	readers sync.WaitGroup
	senders sync.WaitGroup
	stop    chan struct{}
}

// RunActive makes one measurement against a passive side. The error tells what the other side did wrong; the record
// is valid up to there.
func RunActive(ctx context.Context, cfg ActiveConfig) (*Record, error) {
	if !cfg.Remote.IsValid() {
		cfg.Remote = netip.AddrFrom4([4]byte{127, 0, 0, 1})
	}
	if cfg.Measurement == 0 {
		cfg.Measurement = rand.Uint64()
	}
	a := &activeRun{ActiveConfig: cfg, recorder: newRecorder(), stop: make(chan struct{})}
	a.record.Measurement = cfg.Measurement
	err := a.run(ctx)
	if err != nil {
		a.violation("%v", err)
	}
	a.closeAll()
	return &a.record, a.err()
}

func (a *activeRun) run(ctx context.Context) error {
	conn, err := a.dial(ctx, "tcp", a.Ports.Control, a.ControlOverMPTCP)
	if err != nil {
		return fmt.Errorf("control channel: %w", err)
	}
	a.control = newControlChannel(ctx, conn, a.recorder)
	for i := range a.Flows {
		if err := a.addFlow(ctx, i); err != nil {
			return err
		}
	}
	if err := a.measure(ctx); err != nil {
		return err
	}
	if err := a.finish(ctx); err != nil {
		return err
	}
	// Anything that is still to come would have been an answer too many.
	pause(nil, 100*time.Millisecond)
	return a.control.quiet("after the last flow was removed")
}

// closeAll ends all goroutines. Closing with unread data resets a connection, as the reference's does.
func (a *activeRun) closeAll() {
	select {
	case <-a.stop:
	default:
		close(a.stop)
	}
	for _, f := range a.flows {
		f.conn.Close()
	}
	a.senders.Wait()
	a.readers.Wait()
	if a.control != nil {
		a.control.conn.Close()
		for range a.control.in {
		}
	}
}

// measure runs from the senders' start to the shutdown of the data connections, and STOP.
func (a *activeRun) measure(ctx context.Context) error {
	flags := a.startFlags()
	a.record.StartFlags = flags
	for _, f := range a.flows {
		if !a.WithoutReading {
			a.readers.Go(f.read)
		}
	}
	if !a.StartBeforeData {
		a.startSenders()
		pause(nil, a.WaitBeforeStart)
	}
	whole := Key{Measurement: a.Measurement}
	if err := a.control.send(encodeStartStop(typeStart, flags, a.Measurement)); err != nil {
		return err
	}
	if err := a.control.acknowledged(ctx, whole, 0, "START"); err != nil {
		return err
	}
	if a.StartBeforeData {
		a.startSenders()
	}
	select {
	case <-time.After(a.Runtime):
	case <-a.failed:
	case <-ctx.Done():
		return fmt.Errorf("measuring: %w", context.Cause(ctx))
	}
	if err := a.control.quiet("during the measurement"); err != nil {
		return err
	}
	for _, f := range a.flows {
		if f.checker.ended.Load() {
			return fmt.Errorf("flow %d: data connection closed or half-closed before STOP", f.ID)
		}
	}
	a.stopSenders()
	if err := a.control.send(encodeStartStop(typeStop, 0, a.Measurement)); err != nil {
		return err
	}
	return a.control.acknowledged(ctx, whole, 0, "STOP")
}

func (a *activeRun) startFlags() uint8 {
	var flags uint8
	if a.Compress {
		flags |= startCompressVectors | startCompressScalars
	}
	if a.NoVectors {
		flags |= startNoVectors
	}
	if a.NoScalars {
		flags |= startNoScalars
	}
	return flags
}

func (f *activeFlow) read() {
	if f.Protocol != UDP {
		f.checker.stream(bufio.NewReaderSize(f.conn, 1<<16))
		return
	}
	b := make([]byte, 1<<16)
	for {
		n, err := f.conn.Read(b)
		if errors.Is(err, syscall.ECONNREFUSED) {
			continue // an earlier datagram found nobody: the reference goes on as well
		}
		if err != nil {
			return // by deadline or close
		}
		f.checker.message(b[:n])
	}
}

func (a *activeRun) startSenders() {
	for _, f := range a.flows {
		a.senders.Go(func() { f.sender.run(a.stop) })
	}
}

// stopSenders ends sending, and reading with it: the reference reads nothing after this point.
func (a *activeRun) stopSenders() {
	close(a.stop)
	for _, f := range a.flows {
		f.conn.SetReadDeadline(time.Now())
		f.conn.SetWriteDeadline(time.Now().Add(5 * time.Millisecond))
	}
	a.senders.Wait()
	a.readers.Wait()
	for _, f := range a.flows {
		stream, ok := f.conn.(*net.TCPConn)
		if !ok {
			continue
		}
		if a.CutLast {
			stream.SetWriteDeadline(time.Now().Add(5 * time.Millisecond))
			f.sender.cut()
		}
		if f.Protocol == TCP {
			stream.CloseWrite()
		} else {
			shutdownBoth(stream)
		}
	}
}

// shutdownBoth is what 2.0.x does with everything but TCP.
func shutdownBoth(c *net.TCPConn) {
	raw, err := c.SyscallConn()
	if err != nil {
		return
	}
	raw.Control(func(fd uintptr) { syscall.Shutdown(int(fd), syscall.SHUT_RDWR) })
}

// finish fetches the results.
func (a *activeRun) finish(ctx context.Context) (err error) {
	if !a.NoVectors {
		if a.record.Vector, err = a.control.results(ctx, "global vectors"); err != nil {
			return err
		}
	}
	if !a.NoScalars {
		if a.record.Scalar, err = a.control.results(ctx, "scalars"); err != nil {
			return err
		}
	}
	for _, f := range a.flows {
		what := fmt.Sprintf("REMOVE_FLOW %d", f.ID)
		if err := a.control.send(encodeRemove(f.key)); err != nil {
			return err
		}
		if a.NoVectors {
			continue
		}
		if err := a.control.acknowledged(ctx, f.key, 0, what); err != nil {
			return err
		}
		if f.record.Vector, err = a.control.results(ctx, what); err != nil {
			return err
		}
	}
	return nil
}
