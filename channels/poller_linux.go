package channels

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"netperfmeter/sys"
)

// A Poller receives for many connections in one goroutine, which waits for all
// of them in one system call.
//
// With a goroutine for each, the one message that a slow flow gets now and then
// costs more to be told of than to be read: Go's scheduler wakes a goroutine,
// often on a thread that it wakes for that, whose stack is in no cache, and that
// has to look once more whether there is anything else before it may sleep. And
// Go's poller asks for every event of a socket: the kernel then wakes the program
// for each datagram that has left, too.
//
// Go's poller cannot be told to leave a socket alone, so that sockets are taken
// out of it: see Adopt. Nothing but reading is done here; who waits to write is
// woken from here, and waits as long as it wants.
type Poller struct {
	epoll  int // the adopted sockets, writes and ending
	writes int // an epoll of its own for who waits to write: a socket can be in each once
	ending int // eventfd
	ended  chan struct{}

	// hasty: one of the sockets has no arrival times of the kernel's, so that the
	// moment of reading is a message's, or no room for what comes in a pause.
	hasty atomic.Bool

	unspare func() // gives back the processor that the goroutine has

	mu      sync.Mutex      // guards the next two
	sockets []*polledSocket // by number, nil where there is none
	free    []int32         // numbers in sockets that nobody has
}

// The numbers in the events of what is no socket.
const (
	numberOfWrites int32 = iota - 2
	numberOfEnding
)

// pollerEvents is how many sockets one call tells of.
const pollerEvents = 256

// pollerPause is how long a Poller that is not hasty waits before it looks again
// when it has found fewMessages or less: messages that come a few microseconds
// apart do not each wake it then. Where there are more there is no pause, so that
// it costs no throughput. With the system's timer slack it is twice as long.
const (
	pollerPause = 50 * time.Microsecond
	fewMessages = 16
)

// NewPoller starts a Poller, with a goroutine and three descriptors. Close ends
// it.
func NewPoller() (*Poller, error) {
	p := &Poller{epoll: -1, writes: -1, ending: -1, ended: make(chan struct{})}
	p.unspare = sys.AddProcessors(1)
	err := p.open()
	if err == nil && runtime.GOMAXPROCS(0) == 1 {
		// While it waits in the kernel it holds one of Go's processors until
		// another thread takes that away, milliseconds later.
		err = fmt.Errorf("with GOMAXPROCS=1: %w", ErrUnsupported)
	}
	if err != nil {
		p.release()
		return nil, fmt.Errorf("waiting for many connections: %w", err)
	}
	go p.run()
	return p, nil
}

func (p *Poller) open() (err error) {
	if p.epoll, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return os.NewSyscallError("epoll_create1", err)
	}
	if p.writes, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return os.NewSyscallError("epoll_create1", err)
	}
	if p.ending, err = unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK); err != nil {
		return os.NewSyscallError("eventfd", err)
	}
	for number, fd := range map[int32]int{numberOfWrites: p.writes, numberOfEnding: p.ending} {
		if err := unix.EpollCtl(p.epoll, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: number}); err != nil {
			return os.NewSyscallError("epoll_ctl", err)
		}
	}
	return nil
}

// Close ends the goroutine. It is for the time after all adopted connections
// were closed.
func (p *Poller) Close() {
	one := [8]byte{1} // any number but 0, in either byte order
	_, _ = unix.Write(p.ending, one[:])
	<-p.ended
	p.release()
}

func (p *Poller) release() {
	p.unspare()
	for _, fd := range []int{p.epoll, p.writes, p.ending} {
		if fd >= 0 {
			_ = unix.Close(fd)
		}
	}
}

// run is the Poller's goroutine. It returns because of Close.
func (p *Poller) run() {
	defer close(p.ended)
	var events [pollerEvents]unix.EpollEvent
	var sockets [pollerEvents]*polledSocket
	var b ReceiveBatch
	defer b.Release()
	for {
		n, err := unix.EpollWait(p.epoll, events[:], -1)
		if err != nil {
			if errors.Is(err, unix.EINTR) {
				continue
			}
			panic(fmt.Sprintf("epoll_wait: %v", err)) // not with this descriptor and this memory
		}
		p.find(events[:n], sockets[:n])
		messages := 0
		for i := range sockets[:n] {
			switch {
			case events[i].Fd == numberOfEnding:
				return
			case events[i].Fd == numberOfWrites:
				p.wakeWriters()
			case sockets[i] != nil: // else it has been closed meanwhile
				messages += sockets[i].readable(&b)
				sockets[i] = nil
			}
		}
		b.Release()
		if messages <= fewMessages && !p.hasty.Load() {
			t := unix.NsecToTimespec(int64(pollerPause))
			_ = unix.Nanosleep(&t, nil) // Go's timers take ten times as long
		}
	}
}

// find looks the events' sockets up.
func (p *Poller) find(events []unix.EpollEvent, sockets []*polledSocket) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range events {
		if number := events[i].Fd; number >= 0 {
			sockets[i] = p.sockets[number]
		}
	}
}

// wakeWriters tells those whose sockets have room.
func (p *Poller) wakeWriters() {
	var events [pollerEvents]unix.EpollEvent
	var sockets [pollerEvents]*polledSocket
	n, _ := unix.EpollWait(p.writes, events[:], 0) // without any, the next round tells
	n = max(n, 0)
	p.find(events[:n], sockets[:n])
	for _, s := range sockets[:n] {
		if s != nil {
			s.writing.signal()
		}
	}
}

// enter gives a socket its number.
func (p *Poller) enter(s *polledSocket) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := len(p.free); n > 0 {
		s.number = p.free[n-1]
		p.free = p.free[:n-1]
		p.sockets[s.number] = s
		return
	}
	s.number = int32(len(p.sockets))
	p.sockets = append(p.sockets, s)
}

// forget frees the number of a socket that is in no epoll any more. An event that
// is under way may find another socket there, which then looks for nothing once.
func (p *Poller) forget(s *polledSocket) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sockets[s.number] = nil
	p.free = append(p.free, s.number)
}
