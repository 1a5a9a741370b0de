package channels

import (
	"fmt"
	"net/netip"
	"os"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"netperfmeter/wire"
)

// An association is a Conn for all streams of an SCTP association. Several
// goroutines may send, each through a share of its own, see Share.
type association struct {
	file          *os.File
	raw           syscall.RawConn
	local, remote netip.AddrPort // the primary ones; there may be more
	done          closedFlag
	first         sctpSender // that of the association itself
	receiver      sctpReceiver
	counts        counters

	// turn is held by the one sender that waits in the poller.
	turn chan struct{}

	mu     sync.Mutex  // guards what follows, and every sender's deadline
	holder *sctpSender // has the turn; its deadline is the file's
	shares int         // open ones
	using  int         // shares that have not ended their sending
}

func newAssociation(f *os.File, raw syscall.RawConn) *association {
	a := &association{file: f, raw: raw, turn: make(chan struct{}, 1)}
	a.local, a.remote = socketAddresses(raw)
	a.first.init(a)
	a.receiver.init(a)
	return a
}

func (a *association) Send(b *SendBatch, wait bool) error {
	return a.describe("sending to", a.first.send(b, wait))
}

func (a *association) Receive(b *ReceiveBatch) error {
	return a.describe("receiving from", a.receiver.receive(b))
}

// CloseWrite ends the association for all of its streams and both directions:
// what both kernels have accepted until then is still delivered.
func (a *association) CloseWrite() error {
	err := control(a.raw, func(fd int) error { return unix.Shutdown(fd, unix.SHUT_WR) })
	return a.done.explain(os.NewSyscallError("shutdown", err))
}

func (a *association) Close() error { return a.done.close(a.file) }

func (a *association) SetReadDeadline(t time.Time) error {
	return a.done.explain(a.file.SetReadDeadline(t))
}
func (a *association) SetWriteDeadline(t time.Time) error { return a.first.setDeadline(t) }
func (a *association) LocalAddr() netip.AddrPort          { return a.local }
func (a *association) RemoteAddr() netip.AddrPort         { return a.remote }

// Apply sets an accepted association's options. The window that it announced
// at its beginning follows a larger RcvBuf slowly if at all: that of its
// listener counts.
func (a *association) Apply(o Options) error {
	err := control(a.raw, func(fd int) error {
		if err := setBuffers(fd, o); err != nil {
			return err
		}
		return os.NewSyscallError("SCTP_NODELAY", setSCTPNoDelay(fd, o))
	})
	if err != nil {
		return fmt.Errorf("%s association of %s: %w", wire.SCTP, a.remote, a.done.explain(err))
	}
	return nil
}

func (a *association) descriptor() syscall.RawConn { return a.raw }
func (a *association) events() EventCounts         { return a.counts.read() }

// describe says which system call's error this is, see stream.describe.
func (a *association) describe(what string, err error) error {
	if _, ok := err.(syscall.Errno); ok {
		return fmt.Errorf("%s %s %s: %w", wire.SCTP, what, a.remote, err)
	}
	return err
}
